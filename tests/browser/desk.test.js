/*
 * The sandbox's desk: a call can be played on it, and it looks as it should.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ANAS_TEXTS, newCall } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { axe, partsOf, useBrowser } from "./browser.js";

const JONAS = "+12025550102";

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
		await shows("Customer verified");
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

	test("starts afresh with a new call", async () => {
		const { page, phone, shows, primary, code, infoTab } = await openDesk(`#agent=ana&task=${ANAS_TEXTS}`);
		await shows("Not verified");
		await primary.click();
		await phone.getByRole("article").waitFor();
		await code.pressSequentially(await stack.lastCode(JONAS));
		await infoTab.waitFor();
		await page.getByRole("button", { name: "Start afresh" }).click();
		await phone.getByText("No messages yet").waitFor();
		await shows("Not verified");
		await page.getByRole("heading", { name: "Jonas Weber" }).waitFor();
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

	for (const width of [1280, 900, 360]) {
		test(`reads well to axe-core at ${width} pixels, light and dark`, async () => {
			await stack.reset();
			await newCall(stack);
			const page = await chrome.newPage(stack, { viewport: { width, height: 800 } });
			await page.goto(`${stack.url}/sandbox/`);
			const panel = partsOf(page.frameLocator("iframe"));
			await panel.shows("Not verified");
			await panel.primary.click();
			await page.getByRole("article").waitFor();
			for (const colorScheme of ["light", "dark"]) {
				await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
				assert.deepEqual(await axe(page), [], colorScheme);
			}
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			assert.ok(wide <= width, `needs ${wide} pixels`);
		});
	}
});
