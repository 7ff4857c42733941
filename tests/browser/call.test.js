/*
 * A whole call, as an agent goes through it.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_TEXTS, newCall, notThe } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, eventually, focused, listen, openAndSend, openAndVerify, openPanel, panelUrl, partsOf,
	useBrowser,
} from "./browser.js";

const JONAS = "+12025550102";

/* What Maria's record holds, and no number, because that is the caller's own. */
const MARIAS_DATA = ["Maria", "maria.santos", "12 Elm Street", "EX-100101", "M-440101"];

describe("a call", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());
	beforeEach(() => newCall(stack));

	test("is verified with the keyboard alone, in three keys beside the digits", async () => {
		const { page, shows, infoTab, info } = await openPanel(chrome, stack, "Not verified");
		let keys = 0;
		const press = async (key) => {
			keys++;
			await page.keyboard.press(key);
		};

		await press("Tab");
		assert.equal(await focused(page), "button Send code by text");
		await press("Enter");
		await shows("Waiting for code");
		assert.equal(await focused(page), "input code");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await shows("Verified");
		await infoTab.waitFor();
		assert.equal(await focused(page), "h1 Verified", "the tab does not take the focus");
		await press("Enter");
		await info.waitFor();
		assert.equal(await focused(page), "button Info");
		assert.ok(keys <= 8);
		for (const text of MARIAS_DATA)
			assert.ok((await info.textContent()).includes(text), text);
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
		await panel.shows("Verified");
		await panel.infoTab.waitFor();
		await eventually(heard, ["Text sent.", "Verified."]);
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
		assert.ok(answers.at(-1).includes("EX-100101"));
	});

	test("can have the code by a call instead, which is the same code", async () => {
		const { page, button, shows, says } = await openAndSend(chrome, stack);
		const code = await stack.lastCode(MARIA);
		await button("Call instead").click();
		await says(/Sent again at .* It is the same code, good until/);
		const [newest] = await stack.messages(MARIA);
		assert.deepEqual([newest.channel, newest.code], ["call", code]);
		assert.equal(await focused(page), "input code");
		await page.keyboard.type(code);
		await shows("Verified");
		await says(/^Verified by call at .* by you\. Good until/);
	});

	test("can have its code canceled", async () => {
		const { page, button, says, primary } = await openAndSend(chrome, stack);
		await button("Cancel code").click();
		await says("Code canceled. It can no longer be used.");
		assert.equal(await focused(page), "button Send a new code");
		await primary.click();
		await says(/^Text sent at/);
	});

	test("shows the fields of the record one by one, and copies one", async () => {
		const { page, primary, info, button } = await openAndVerify(chrome, stack);
		await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
		await primary.click();
		const names = await info.locator("section").first().locator("dt").allTextContents();
		assert.deepEqual(names.slice(0, 5), ["Name", "E-mail", "Address", "Account number", "Phone"]);
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
		assert.equal(await info.isVisible(), false);
		assert.equal(await focused(page), "button Verification");
		await page.keyboard.press("ArrowRight");
		await info.waitFor();
	});
});

describe("the desk", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());

	const openDesk = async (where = "") => {
		const page = await chrome.newPage(stack, { viewport: { width: 1280, height: 800 } });
		await page.goto(`${stack.url}/sandbox/${where}`);
		const frame = page.frameLocator("iframe[title=CRMContainer]");
		const phone = page.getByRole("log", { name: "Messages" });
		return { page, frame, phone, ...partsOf(frame) };
	};

	test("plays a call: the code arrives on the customer's phone, and typed in it opens the data", async () => {
		const { page, phone, shows, primary, code, infoTab } = await openDesk();
		await shows("Not verified");
		await page.getByRole("heading", { name: "Maria Santos" }).waitFor();
		await primary.click();
		const message = phone.getByText(/verification code is: \d{6}/);
		await message.waitFor();
		const [digits] = /\d{6}/.exec(await message.textContent());
		await code.pressSequentially(digits);
		await shows("Verified");
		await infoTab.waitFor();
	});

	test("loads the panel as Flex's CRM container does", async () => {
		const { page, shows } = await openDesk();
		await shows(/./);
		const attributes = await page.locator("iframe").evaluate((frame) =>
			Object.fromEntries(Array.from(frame.attributes, ({ name, value }) => [name, value])));
		assert.deepEqual(attributes, {
			title: "CRMContainer",
			allow: "clipboard-read; clipboard-write",
			src: "../?task=WT00000000000000000000000000000001#token=sandbox-ana",
		});
	});

	test("has other agents, with contacts of their own", async () => {
		const { page, shows, primary, phone } = await openDesk();
		await page.getByText("Ben", { exact: true }).click();
		await page.getByRole("heading", { name: "Aiko Tanaka" }).waitFor();
		await shows("Not verified");
		await primary.click();
		await phone.getByText(/verification code is/).waitFor();
		await page.getByText("Sam", { exact: true }).click();
		await page.getByText("No contacts at the moment.").waitFor();
		assert.equal(await page.locator("iframe").count(), 0);
	});

	test("comes back to the same agent and contact when it is reloaded", async () => {
		const { page, shows } = await openDesk();
		await page.getByRole("button", { name: /Jonas Weber/ }).click();
		await page.getByRole("heading", { name: "Jonas Weber" }).waitFor();
		await page.reload();
		await page.getByRole("heading", { name: "Jonas Weber" }).waitFor();
		await shows("Not verified");
		assert.ok((await page.locator("iframe").getAttribute("src")).includes(ANAS_TEXTS));
	});

	test("offers every special case of the sandbox", async () => {
		const { page, shows, primary, says } = await openDesk();
		await shows(/./);
		await page.getByLabel("Show special cases").check();
		await page.getByRole("button", { name: /withheld, as a word/ }).click();
		await says("This contact has no phone number that a code could be sent to. Verify another way.");
		await page.getByRole("button", { name: "+12025550140" }).click();
		await shows("Not verified");
		await primary.click();
		await says("This line cannot get texts. Try a call instead.");
	});

	test("shows the words of a text as the phone got them", async () => {
		const { page, shows, primary, phone } = await openDesk(`#agent=ana&task=${ANAS_TEXTS}`);
		await shows("Not verified");
		await primary.click();
		await phone.getByRole("article").waitFor();
		const [message] = await stack.messages(JONAS);
		assert.ok((await phone.textContent()).includes(message.body));
		await page.getByText("Jonas’s phone").waitFor();
	});
});
