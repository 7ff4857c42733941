/*
 * What the page must never do: leak the token or the code, take text for
 * markup, or let itself be framed by strangers.
 */
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, newCall, taskSid } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import en_more from "../../www/strings/en_more.js";
import { ANSWERS } from "./answers.js";
import {
	MARIA, answerWith, eventually, openAndVerify, openPanel, panelUrl, partsOf, reads, useBrowser,
} from "./browser.js";

/* Serves a page on a port of its own, which makes it another origin. */
async function serve(html) {
	const server = http.createServer((request, reply) =>
		reply.writeHead(200, { "Content-Type": "text/html" }).end(html));
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

describe("the page", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("takes the token out of the address at once, and out of the history", async () => {
		const { page } = await openPanel(chrome, stack, "Not verified");
		assert.equal(page.url(), `${stack.url}/?task=${ANAS_CALL}`);
		assert.equal(await page.evaluate(() => history.length), 2, "the blank page, and this one");
		await page.goBack();
		await page.goForward();
		assert.ok(!page.url().includes("sandbox-ana"));
	});

	test("sends the token as a bearer token only, and never in an address", async () => {
		const page = await chrome.newPage(stack);
		const requests = [];
		page.on("request", (request) => requests.push(request));
		await page.goto(panelUrl(stack));
		await partsOf(page).shows("Not verified");
		for (const request of requests) {
			const { authorization, referer } = await request.allHeaders();
			assert.ok(!request.url().split("#")[0].includes("sandbox-ana"), request.url());
			assert.equal(referer, undefined);
			assert.equal(request.postData()?.includes("sandbox-ana") ?? false, false);
			assert.equal(authorization, request.method() === "POST" ? "Bearer sandbox-ana" : undefined);
		}
	});

	test("keeps the token for a reload of this task in this tab, and for nothing else", async () => {
		const { page, shows } = await openPanel(chrome, stack, "Not verified");
		await page.reload();
		await shows("Not verified");
		await page.goto(`${stack.url}/?task=${taskSid(2)}`);
		await shows("Signed out");
		const other = await page.context().newPage();
		await other.goto(`${stack.url}/?task=${ANAS_CALL}`);
		await partsOf(other).shows("Signed out");
		assert.equal(await page.evaluate(() => JSON.stringify(localStorage) + document.cookie), "{}");
	});

	test("forgets a token that the server refuses", async () => {
		const { page, shows } = await openPanel(chrome, stack, "Signed out", { token: "sandbox-expired" });
		await eventually(() => page.evaluate(() => sessionStorage.length), 0);
		await page.reload();
		await shows("Signed out");
	});

	for (const token of ["bad%20token", "bad%0d%0aX-Header:%201", "%E0%A4%A", ""]) {
		test(`sends no token for a fragment that holds none: #token=${token}`, async () => {
			const { says } = await openPanel(chrome, stack, "Signed out", { token });
			await says(/^Sign in, then open this contact/);
		});
	}

	test("works without storage, as in an iframe whose cookies are blocked", async () => {
		const page = await chrome.newPage(stack);
		await page.addInitScript(() => {
			for (const name of ["sessionStorage", "localStorage"])
				Object.defineProperty(window, name, { get() {
					throw new DOMException("denied", "SecurityError");
				} });
		});
		await page.goto(panelUrl(stack));
		const panel = partsOf(page);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
	});

	test("keeps the code out of address, title, storage and live regions, and clears it after use", async () => {
		const { page } = await openAndVerify(chrome, stack);
		const code = await stack.lastCode(MARIA);
		const places = await page.evaluate(() => [location.href, document.title, JSON.stringify(sessionStorage),
			JSON.stringify(localStorage), document.body.textContent, document.querySelector("#code").value]);
		for (const place of places)
			assert.ok(!place.includes(code), place);
	});

	test("clears the code and the data when it is left, so that going back shows neither", async () => {
		const { page, primary, info, shows } = await openAndVerify(chrome, stack);
		await primary.click();
		await info.waitFor();
		const left = await page.evaluate(() => {
			dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
			return document.body.textContent;
		});
		assert.ok(!left.includes("EX-100101"));
		assert.equal(await page.locator("#info").count(), 0);
		await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
		await shows("Customer verified");
	});

	test("shows hostile text in a name or a record as text", async () => {
		const { page, primary, shows, info, infoTab } = await openPanel(chrome, stack, "Not verified",
			{ task: taskSid(1011) });
		page.on("dialog", () => assert.fail("a script ran"));
		await primary.click();
		await shows("Waiting for code");
		await page.keyboard.type(await stack.lastCode("+12025550106"));
		await infoTab.waitFor();
		await page.keyboard.press("Enter");
		await reads(info, /onerror=alert\(1\)/);
		const text = await info.textContent();
		for (const hostile of ["<script>alert('name')</script>", "\"><img src=x onerror=alert(2)>@example.com",
			"'; DROP TABLE customers; --", "javascript:alert(3)", "<img src=x onerror=alert(1)>"])
			assert.ok(text.includes(hostile), hostile);
		assert.equal(await page.locator("main img, main script, main a").count(), 0);
	});

	/* Each text of an answer is hostile, and names itself; states, channels and times are what they are. */
	const hostile = (value, path) => {
		if (typeof value === "string" && !/(state|channels\.\d|_at|_until|field)$/.test(path))
			return `<img src=x onerror=alert(1)>${path}`;
		if (typeof value !== "object" || value === null)
			return value;
		const entries = Object.entries(value).map(([name, each]) => [name, hostile(each, `${path}.${name}`)]);
		return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
	};
	const RECORD = { ...Object.fromEntries(Object.keys(en_more.info.labels).map((name) => [name, "text"])),
		nested: { "<script>alert(2)</script>": "text", list: ["text", { deep: { deeper: "text" } }] } };

	for (const [name, answer] of Object.entries(ANSWERS))
		test(`shows hostile text in every field of an answer as text: ${name}`, async () => {
			const page = await chrome.newPage(stack);
			page.on("dialog", () => assert.fail("a script ran"));
			const told = answer();
			const withheld = [{ field: "<b>iban</b>", fresh_minutes: 5 }];
			await answerWith(page, "customer-info", 200, hostile({ ...told,
				...("withheld" in told ? { customer: RECORD, task: RECORD, withheld } : {}) }, ""));
			await page.goto(panelUrl(stack));
			await page.locator("[data-badge]:not(:text('Checking status'))").waitFor();
			if ("withheld" in told) {
				await partsOf(page).infoTab.click();
				await reads(partsOf(page).info, /<script>alert\(2\)/);
				const text = await partsOf(page).info.textContent();
				for (const field of Object.keys(en_more.info.labels))
					assert.ok(text.includes(`onerror=alert(1)>.customer.${field}`), field);
				assert.ok(text.includes("<b>iban</b>") && text.includes("<script>alert(2)</script>"));
			}
			assert.equal(await page.locator("body :is(img, b, a, script)").count(), 0);
		});

	test("shows a hostile refusal as text", async () => {
		const page = await chrome.newPage(stack);
		await answerWith(page, "customer-info", 418, { code: "<b>", message: "<img src=x onerror=alert(1)>" });
		await page.goto(panelUrl(stack));
		await partsOf(page).says("<img src=x onerror=alert(1)>");
		assert.equal(await page.locator("body :is(img, b)").count(), 0);
	});

	test("shows hostile text on the desk as text", async () => {
		const page = await chrome.newPage(stack, { viewport: { width: 1280, height: 800 } });
		page.on("dialog", () => assert.fail("a script ran"));
		await page.goto(`${stack.url}/sandbox/`);
		await page.getByLabel("Show special cases").check();
		await page.getByRole("button", { name: "<img src=x onerror=alert(1)>" }).click();
		await page.getByRole("heading", { name: "<img src=x onerror=alert(1)>" }).waitFor();
		assert.equal(await page.locator("main img").count(), 0);
	});

	test("is shown in a frame of its own origin, and in none of a foreign one", async () => {
		const foreign = await serve(`<iframe src="${panelUrl(stack)}"></iframe>`);
		const context = await chrome.browser.newContext();
		try {
			const page = await context.newPage();
			const said = [];
			page.on("console", (message) => said.push(message.text()));
			await page.goto(foreign.url);
			await eventually(async () => said.some((text) => text.includes("frame-ancestors")), true);
			assert.equal(await page.frameLocator("iframe").locator("main").count(), 0);
		} finally {
			await context.close();
			foreign.close();
		}
	});

	test("runs nothing inline, and nothing from elsewhere", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(panelUrl(stack));
		const breaches = await page.evaluate(() => {
			const script = document.createElement("script");
			const seen = new Promise((resolve) =>
				document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)));
			try {
				script.append("window.ran = true");
				document.body.append(script);
			} catch (error) {
				return { refused: error.name, ran: window.ran };
			}
			return seen.then((refused) => ({ refused, ran: window.ran }));
		}).catch((error) => ({ refused: String(error), ran: undefined }));
		assert.equal(breaches.ran, undefined);
		assert.notEqual(breaches.refused, undefined);
		chrome.forgive(/Content Security Policy|TrustedScript|trusted/i);
	});
});

describe("the page without script", () => {
	/* Playwright's own switch leaves <noscript> closed; this is the browser's setting. */
	const chrome = useBrowser({ flags: ["--blink-settings=scriptEnabled=false"] });
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());

	/* Fills the form of a program in, sends it, and reads the answer. */
	const submit = async (page, program, fields) => {
		await page.goto(`${stack.url}/?task=${ANAS_CALL}`);
		await page.getByRole("link", { name: "Plain forms do the same work." }).click();
		const form = page.locator(`.plain form[action=${program}]`);
		for (const [name, value] of Object.entries(fields))
			await form.locator(`[name=${name}]`).fill(value);
		const answer = page.waitForResponse(`**/${program}`);
		await form.locator("button").click();
		return (await answer).json();
	};

	test("has plain forms that do the same work", async () => {
		const page = await chrome.newPage(stack);
		const who = { task: ANAS_CALL, Token: "sandbox-ana" };
		await page.goto(stack.url);
		assert.equal(await page.locator("main").isVisible(), false);
		assert.equal((await submit(page, "start-verify", who)).success, true);
		const checked = await submit(page, "check-verify",
			{ ...who, verification_code: await stack.lastCode(MARIA) });
		assert.equal(checked.message, "Verification success.");
		assert.equal((await submit(page, "customer-info", who)).customer.account_number, "EX-100101");
	});
});
