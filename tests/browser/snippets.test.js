/*
 * The snippets of deploy/panel.md that put the panel somewhere, run as they stand
 * there, each in a page of another origin that plays the part of Flex.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANA, ANAS_CALL, ANAS_TEXTS, attributesOf, newCall, setAttributes } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { MARIA, eventually, focuses, partsOf, useBrowser } from "./browser.js";
import { startHost, snippet } from "./host.js";

describe("the guide's snippet", () => {
	const chrome = useBrowser();
	let stack, host;

	before(async () => {
		host = await startHost();
		stack = await startStack({ ALLOWED_ORIGINS: `http://127.0.0.1:@PORT@ ${host.url}` });
	});
	after(async () => {
		host?.stop();
		await stack?.stop();
	});
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	const open = async (html, path = "/") => {
		const page = await chrome.newPage(stack, { also: [host] });
		host.show(path, html);
		await page.goto(host.url + path);
		return page;
	};

	const verify = async ({ primary, shows, code }) => {
		await shows("Not verified");
		await primary.click();
		await shows("Waiting for code");
		await code.pressSequentially(await stack.lastCode(MARIA));
		await shows("Customer verified");
	};

	/*
	 * A page with what Flex hands to a plugin's init(flex, manager), which runs
	 * these snippets; Ana's two tasks are hers.
	 */
	const flex = (call, texts, ...plugin) => `<script type="module">
		const held = ${JSON.stringify([[ANAS_CALL, call], [ANAS_TEXTS, texts]])};
		const tasks = new Map(held.map(([taskSid, attributes], index) =>
			["WR" + index, { taskSid, sid: "WR" + index, attributes }]));
		window.tasks = tasks;
		window.flex = { CRMContainer: { defaultProps: {} } };
		window.manager = { user: { token: ${JSON.stringify(ANA)} },
			store: { getState: () => ({ flex: { worker: { tasks } } }) } };
		(function init(flex, manager) {
			${plugin.join("\n")}
		})(window.flex, window.manager);
		document.title = "loaded";
		</script>`;

	const uriCallback = () => snippet("js", "uriCallback = ", stack.url);
	const listener = () => snippet("js", "flex-verify:token-please", stack.url);

	const attributes = async () => [await attributesOf(stack, ANAS_CALL), await attributesOf(stack, ANAS_TEXTS)];

	/* Flex shows one frame, and gives it another address as the agent chooses another task. */
	const showInCrm = (page, sid, { tokenThen = null } = {}) => page.evaluate(([wanted, fresh]) => {
		const task = [...tasks.values()].find(({ taskSid }) => taskSid === wanted);
		let frame = document.querySelector("iframe");
		if (frame === null) {
			frame = Object.assign(document.createElement("iframe"), { title: "CRMContainer",
				allow: "clipboard-read; clipboard-write" });
			document.body.append(frame);
		}
		frame.src = flex.CRMContainer.defaultProps.uriCallback(task);
		manager.user.token = fresh ?? manager.user.token;
	}, [sid, tokenThen]);

	test("for Flex by URL shows the chosen task to its agent", async () => {
		const page = await open(flex(...await attributes(), uriCallback()));
		const frame = page.frameLocator("iframe");
		await showInCrm(page, ANAS_CALL);
		await verify(partsOf(frame));
		await showInCrm(page, ANAS_TEXTS);
		await partsOf(frame).shows("Not verified");
		await eventually(() => frame.locator("html").evaluate(() => location.href), `${stack.url}/?task=${ANAS_TEXTS}`);
		await showInCrm(page, ANAS_CALL);
		await partsOf(frame).shows("Customer verified");
		await showInCrm(page, null);
		await eventually(() => page.locator("iframe").getAttribute("src"), "about:blank");
	});

	test("for Flex by URL hands a fresh token over as Flex draws its container anew", async () => {
		const page = await open(flex(...await attributes(), uriCallback()));
		const panel = partsOf(page.frameLocator("iframe"));
		await page.evaluate(() => { manager.user.token = "sandbox-expired"; });
		await showInCrm(page, ANAS_CALL);
		await panel.shows("Signed out");
		await page.evaluate((token) => { manager.user.token = token; }, ANA);
		await showInCrm(page, ANAS_CALL);
		await panel.shows("Not verified");
	});

	test("for Flex by URL has with the listener a fresh token where the one in the address ended", async () => {
		const page = await open(flex(...await attributes(), uriCallback(), listener()));
		const panel = partsOf(page.frameLocator("iframe"));
		await page.evaluate(() => { manager.user.token = "sandbox-expired"; });
		await showInCrm(page, ANAS_CALL, { tokenThen: ANA });
		await panel.shows("Not verified");
	});

	/* As the template fills in: raw, by the attributes only, nothing for what is not there. */
	const filledIn = (url, values) => url.replace(/\{\{task\.([\w.]+)\}\}/g, (_, path) =>
		path.split(".").reduce((value, name) => value?.[name], values) ?? "");

	const template = () => JSON.parse(snippet("json", "enhanced_crm_container", stack.url)).enhanced_crm_container;

	/* One frame for each task, all of them kept, one of them seen. */
	const keepFrames = (page, urls) => page.evaluate((all) => {
		for (const src of all) {
			const frame = Object.assign(document.createElement("iframe"), { src });
			frame.dataset.of = src;
			document.body.append(frame);
		}
	}, urls);

	test("for Flex with the project template shows each task in a frame of its own", async () => {
		const [call, texts] = await attributes();
		const page = await open(flex(call, texts, listener()));
		const { url } = template();
		await keepFrames(page, [filledIn(url, call), filledIn(url, texts)]);
		const [first, second] = [0, 1].map((index) => page.frameLocator(`iframe >> nth=${index}`));
		await verify(partsOf(first));
		await partsOf(second).shows("Not verified");
		for (const [frame, task] of [[first, ANAS_CALL], [second, ANAS_TEXTS]])
			assert.equal(await frame.locator("html").evaluate(() =>
				new URLSearchParams(location.search).get("task")), task);
	});

	test("for Flex with the project template says so when no task is there, or one that it cannot name", async () => {
		const { display_url_when_no_tasks: none, url } = template();
		const page = await open(flex(...await attributes(), listener()));
		await keepFrames(page, [none, filledIn(url, {}), filledIn(url, { call_sid: "CA00000000000000000000000000000000" })]);
		for (const index of [0, 1, 2])
			await partsOf(page.frameLocator(`iframe >> nth=${index}`)).shows("No contact chosen");
	});

	test("for Flex with the project template stands raw values beside its own", async () => {
		const call = { ...(await attributesOf(stack, ANAS_CALL)), name: "Ann + Tom & Sons", share: "100%", unit: "5" };
		await setAttributes(stack, ANAS_CALL, call);
		const page = await open(flex(call, {}, listener()));
		const url = `${template().url}&from={{task.from}}&name={{task.name}}&share={{task.share}}`;
		await keepFrames(page, [filledIn(url, call)]);
		await verify(partsOf(page.frameLocator("iframe")));
	});

	test("for Flex gives the token to the panel alone", async () => {
		const page = await open(flex(...await attributes(), listener()));
		host.show("/other", `<script>
			window.heard = [];
			addEventListener("message", ({ data }) => heard.push(data));
			for (const type of ["flex-verify:ready", "flex-verify:token-please"])
				parent.postMessage({ type, nonce: "1" }, "*");
			parent.postMessage(null, "*");
			parent.postMessage("done", "*");
			</script>`);
		const done = page.evaluate(() => new Promise((resolve) =>
			addEventListener("message", ({ data }) => data === "done" && resolve())));
		await keepFrames(page, [`${host.url}/other`]);
		await done;
		assert.deepEqual(await page.frameLocator("iframe").locator("html").evaluate(() => heard), []);
	});

	test("for a page of one's own gives the token, and shows what came of it", async () => {
		const page = await open(snippet("html", "flex-verify:result", stack.url));
		await verify(partsOf(page.frameLocator("#verify")));
		await eventually(() => page.locator("#result").textContent(), "approved");
	});

	/* ---- A browser tab ---- */

	test("for a browser tab opens the task", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(`${snippet("", "/?task=WT", stack.url).trim()}#token=${ANA}`);
		await partsOf(page).shows("Not verified");
	});

	for (const [what, text] of [["typed", ANAS_CALL], ["pasted with what is around it", ` Task: ${ANAS_CALL}, voice\n`]])
		test(`the tab has a field for the task, which can be ${what}`, async () => {
			const page = await chrome.newPage(stack);
			await page.goto(`${stack.url}/?lang=en`);
			const field = page.getByLabel(/paste the task/);
			await field.fill(text);
			await field.press("Enter");
			await page.waitForURL(`${stack.url}/?lang=en&task=${ANAS_CALL}`);
			await partsOf(page).shows("Signed out");
		});

	test("the tab keeps the token that it was opened with for the task that is pasted", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/#token=sandbox-ana`);
		await page.getByLabel(/paste the task/).fill(ANAS_CALL);
		await page.getByRole("button", { name: "Open the contact" }).click();
		await partsOf(page).shows("Not verified");
		assert.equal(page.url(), `${stack.url}/?task=${ANAS_CALL}`);
	});

	test("the tab says what a task looks like when none was given to it", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/?task=nonsense`);
		await page.getByLabel(/paste the task/).fill(`${ANAS_CALL}0`);
		await page.getByRole("button", { name: "Open the contact" }).click();
		await partsOf(page).says(/^That holds no task\./);
		await focuses(page, "input ");
		assert.equal(page.url(), `${stack.url}/?task=nonsense`);
	});

	test("in a frame there is no such field: there the page around it names the task", async () => {
		const page = await open(`<iframe src="${stack.url}/"></iframe>`);
		await partsOf(page.frameLocator("iframe")).shows("No contact chosen");
		/* Until the panel has done what it does when it is opened. */
		await page.frameLocator("iframe").locator("html").evaluate(() => import("/panel.js").then(() => {}));
		assert.equal(await page.frameLocator("iframe").locator("input:visible").count(), 0);
	});
});
