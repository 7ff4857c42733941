/*
 * A whole call, as an agent goes through it.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall, notThe } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, eventually, focuses, listen, openAndSend, openAndVerify, openPanel, panelUrl, partsOf, reads, useBrowser,
	withoutTimes,
} from "./browser.js";

/* What Maria's record holds, and no number, because that is the caller's own. */
const MARIAS_DATA = ["Maria", "maria.santos", "12 Elm Street", "EX-100101", "M-440101"];

describe("a call", () => {
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

	test("is verified with the keyboard alone, in three keys beside the digits", async () => {
		const { page, shows, infoTab, info } = await openPanel(chrome, stack, "Not verified");
		let keys = 0;
		const press = async (key) => {
			keys++;
			await page.keyboard.press(key);
		};

		await press("Tab");
		await focuses(page, "button Send code by text");
		await press("Enter");
		await shows("Waiting for code");
		await focuses(page, "input code");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await shows("Customer verified");
		await infoTab.waitFor();
		await focuses(page, "h1 Customer verified");
		await press("Enter");
		await info.waitFor();
		await focuses(page, "button Info");
		assert.ok(keys <= 8);
		for (const text of MARIAS_DATA)
			await reads(info, new RegExp(text));
	});

	test("says two short sentences to a screen reader, and no digit of the code", async () => {
		const page = await chrome.newPage(stack);
		const heard = await listen(page);
		await page.goto(panelUrl(stack));
		const panel = partsOf(page);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		await panel.infoTab.waitFor();
		await eventually(async () => withoutTimes(await heard()), ["Text sent at TIME.", "Customer verified."]);
	});

	test("keeps the customer's data out of the page and of every answer until it is verified", async () => {
		const page = await chrome.newPage(stack);
		const answers = [];
		page.on("response", async (response) => {
			if (response.request().method() === "POST")
				answers.push(await response.text());
		});
		const panel = partsOf(page);
		const assertNothing = async (when) => {
			const seen = answers.join("\n") + await page.content();
			for (const text of MARIAS_DATA)
				assert.ok(!seen.includes(text), `${text} ${when}`);
			assert.equal(await page.locator("[role=tab], [role=tabpanel], #info, [aria-controls]").count(), 0, when);
		};

		await page.goto(panelUrl(stack));
		await panel.shows("Not verified");
		await assertNothing("before a code is sent");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await assertNothing("while a code is out");
		const code = await stack.lastCode(MARIA);
		await page.keyboard.type(notThe(code));
		await panel.says("That code does not match. 4 tries left.");
		await assertNothing("after a wrong code");
		await panel.code.fill(code);
		await page.keyboard.press("Enter");
		await panel.infoTab.waitFor();
		await eventually(() => answers.at(-1).includes("EX-100101"), true);
	});

	test("can have the code by a call instead, which is the same code", async () => {
		const { page, button, shows, says } = await openAndSend(chrome, stack);
		const code = await stack.lastCode(MARIA);
		await button("Call instead").click();
		await says(/Sent again at .* It is the same code, good until/);
		const [newest] = await stack.messages(MARIA);
		assert.deepEqual([newest.channel, newest.code], ["call", code]);
		await focuses(page, "input code");
		await page.keyboard.type(code);
		await shows("Customer verified");
		await says(/^Verified by call at .* by you\. Good until/);
	});

	test("can have its code canceled", async () => {
		const { page, button, says, primary } = await openAndSend(chrome, stack);
		await button("Cancel code").click();
		await says("Code canceled. It can no longer be used.");
		await focuses(page, "button Send a new code");
		await primary.click();
		await says(/^Text sent at/);
	});

	test("shows the fields of the record one by one, and copies one", async () => {
		const { page, primary, info, button } = await openAndVerify(chrome, stack);
		await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
		await primary.click();
		await eventually(async () => (await info.locator("section").first().locator("dt").allTextContents()).slice(0, 5),
			["Name", "E-mail", "Address", "Account number", "Phone"]);
		await button("Copy Account number").click();
		await button("Copied").waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "EX-100101");
		await button("Copy Account number").waitFor();
	});

	test("lets the arrow keys go between the tabs", async () => {
		const { page, primary, info, status } = await openAndVerify(chrome, stack);
		await primary.click();
		await page.keyboard.press("ArrowLeft");
		await status.waitFor();
		await info.waitFor({ state: "hidden" });
		await focuses(page, "button Verification");
		await page.keyboard.press("ArrowRight");
		await info.waitFor();
	});
});
