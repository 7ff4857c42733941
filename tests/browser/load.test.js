/*
 * What the panel costs to load, and that tabs and agents agree.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall, taskSid } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { MARIA, eventually, nothingIsAsked, openAndSend, openAndVerify, openPanel, panelUrl, partsOf, requestsTo, useBrowser }
	from "./browser.js";

const PAGE_MAX_BYTES = 60 * 1024;

describe("a panel", () => {
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

	/* The bytes of everything that a page gets, uncompressed, by path. */
	const weigh = (page) => {
		const bytes = new Map();
		page.on("response", async (response) => {
			const body = await response.body().catch(() => "");
			bytes.set(new URL(response.url()).pathname, body.length);
		});
		return () => ({ bytes, sum: [...bytes.values()].reduce((sum, each) => sum + each, 0) });
	};

	test("loads in less than 60 KiB, uncompressed", async () => {
		const page = await chrome.newPage(stack);
		const weighed = weigh(page);
		await page.goto(panelUrl(stack), { waitUntil: "networkidle" });
		await partsOf(page).shows("Not verified");
		await eventually(async () => weighed().bytes.has("/customer-info"), true);
		const { bytes, sum } = weighed();
		assert.ok(bytes.has("/panel.js") && bytes.has("/strings/en.js") && !bytes.has("/strings/es.js"));
		assert.ok(!bytes.has("/pin.js"), "what only a PIN needs");
		assert.ok(sum < PAGE_MAX_BYTES, `${sum} bytes: ${JSON.stringify([...bytes])}`);
	});

	test("that is reloaded while verified shows it after a single request to the server", async () => {
		const { page, infoTab } = await openAndVerify(chrome, stack);
		const asked = ["start-verify", "check-verify", "customer-info"].map((program) => requestsTo(page, program));
		await page.reload();
		await infoTab.waitFor();
		assert.deepEqual(asked.map(({ length }) => length), [0, 0, 1]);
	});

	test("agrees with another tab of the browser before its own next look, and hears no fact of it", async () => {
		const one = await openPanel(chrome, stack, "Not verified");
		const page = await one.page.context().newPage();
		await page.addInitScript(() => {
			window.heard = [];
			new BroadcastChannel("flex-verify WT00000000000000000000000000000001")
				.addEventListener("message", ({ data }) => window.heard.push(data));
		});
		await page.goto(panelUrl(stack));
		const other = partsOf(page);
		await other.shows("Not verified");
		const SOON_MS = 10_000; /* a look while a code is out comes after 15 s */
		const within = async (act, badge) => {
			await act();
			const start = Date.now();
			await other.shows(badge);
			assert.ok(Date.now() - start < SOON_MS, `${badge} after ${Date.now() - start} ms`);
		};
		await within(async () => {
			await one.primary.click();
			await one.shows("Waiting for code");
		}, "Waiting for code");
		await within(async () => {
			await one.page.keyboard.type(await stack.lastCode(MARIA));
			await one.shows("Customer verified");
		}, "Customer verified");
		await other.infoTab.waitFor();
		await eventually(() => page.evaluate(() => window.heard), ["look", "look"]);
	});

	test("in sight looks whether another agent did something while a code is out, and seldom", async () => {
		const task = taskSid(1024); /* Ana and Ben hold it both */
		const ana = await openPanel(chrome, stack, "Not verified", { task, clock: true });
		await ana.primary.click();
		await ana.shows("Waiting for code");
		const looks = requestsTo(ana.page, "customer-info");
		await ana.page.clock.runFor(10000);
		await nothingIsAsked(ana, looks);
		await ana.page.clock.runFor(6000);
		await eventually(() => looks.length, 1);
	});

	test("out of sight looks at nothing", async () => {
		const { page } = await openAndSend(chrome, stack, { clock: true });
		const looks = requestsTo(page, "customer-info");
		await page.evaluate(() => Object.defineProperty(document, "hidden", { value: true }));
		await page.clock.runFor(60000);
		await nothingIsAsked({ page }, looks);
	});

	for (const [what, file] of [["style sheet", "more.css"], ["words", "strings/en_more.js"]])
		test(`is not held up by a ${what} that does not arrive once`, async () => {
			const panel = await openPanel(chrome, stack, "Not verified");
			let times = 0;
			await panel.page.route(`**/${file}`, (route) => (times++ === 0 ? route.abort() : route.continue()));
			await panel.primary.click();
			await panel.shows("Waiting for code");
			assert.equal((await stack.messages(MARIA)).length, 1);
			await panel.page.keyboard.type(await stack.lastCode(MARIA));
			await panel.shows("Customer verified");
			assert.ok(times > 0);
		});
});
