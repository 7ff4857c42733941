/*
 * The panel's keys, and its switch from one screen reader's announcement to
 * the next: nothing that an agent needs wants a mouse.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { SCENES } from "./scenes.js";
import {
	MARIA, eventually, focused, focuses, nothingIsAsked, openAndSend, openAndVerify, openPanel, requestsTo, useBrowser,
} from "./browser.js";

describe("keys", () => {
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

	test("verify a whole call from a page that nothing in has the focus, in two beside the digits", async () => {
		const { page, shows, info, infoTab } = await openPanel(chrome, stack, "Not verified");
		await page.keyboard.press("s");
		await shows("Waiting for code");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await shows("Customer verified");
		await infoTab.waitFor();
		await page.keyboard.press("i");
		await info.waitFor();
		await focuses(page, "button Info");
	});

	test("S sends, and C calls instead; both are letters again in a field", async () => {
		const panel = await openAndSend(chrome, stack);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.page.keyboard.type("sc");
		await nothingIsAsked(panel, starts);
		await panel.primary.focus();
		await panel.page.keyboard.press("c");
		await panel.says(/^Sent again at/);
		assert.deepEqual(starts.map((body) => JSON.parse(body).channel), ["call"]);
		await panel.primary.focus();
		await panel.page.keyboard.press("s");
		await eventually(() => starts.length, 2);
	});

	test("a digit that nothing waits for goes into the code field", async () => {
		const panel = await openAndSend(chrome, stack);
		await panel.page.reload();
		await panel.shows("Waiting for code");
		await focuses(panel.page, "body");
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
	});

	test("X goes to Cancel code and cancels nothing yet", async () => {
		const panel = await openAndSend(chrome, stack);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.primary.focus();
		await panel.page.keyboard.press("x");
		await focuses(panel.page, "button Cancel code");
		await nothingIsAsked(panel, starts);
	});

	test("N asks whether to stop, Escape goes back, and Enter stops", async () => {
		const panel = await openAndSend(chrome, stack);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.primary.focus();
		await panel.page.keyboard.press("n");
		await panel.shows("The customer did not contact us?");
		await panel.page.keyboard.press("Escape");
		await panel.shows("Waiting for code");
		await focuses(panel.page, "input code");
		await nothingIsAsked(panel, starts);
	});

	test("T unfolds what to quote to a supervisor, and ? this list", async () => {
		const panel = await openAndSend(chrome, stack);
		await panel.primary.focus();
		await panel.page.keyboard.press("t");
		await panel.says("WT00000000000000000000000000000001");
		await panel.says(/^Reference [0-9a-f]{8}$/);
		await focuses(panel.page, "summary For your supervisor");
		await panel.page.keyboard.press("?");
		await panel.says("what the blue button says");
		await focuses(panel.page, "summary Keys and help");
	});

	test("single ones can be switched off, for those who speak to their computer", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const starts = requestsTo(panel.page, "start-verify");
		await panel.page.getByText("Keys and help").click();
		await panel.page.getByLabel("Single keys, while no field has the cursor").uncheck();
		await panel.page.reload();
		await panel.shows("Not verified");
		await panel.page.keyboard.press("s");
		await nothingIsAsked(panel, starts);
	});

	test("with Control, Alt or the command key are the browser's and Flex's", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const starts = requestsTo(panel.page, "start-verify");
		for (const key of ["Alt+s", "Control+Shift+S", "Meta+s"])
			await panel.page.keyboard.press(key);
		await nothingIsAsked(panel, starts);
	});

	test("reach every control in the order in which it is read", async () => {
		const { page, button } = await openAndVerify(chrome, stack);
		await button("End verification").waitFor();
		const order = await page.locator("button:visible, summary:visible, input:visible, select:visible")
			.evaluateAll((nodes) => nodes.map((node) => node.textContent.trim()));
		const reached = [];
		for (let tab = 0; tab < order.length; tab++) {
			await page.keyboard.press("Tab");
			reached.push((await focused(page)).replace(/^\w+ /, ""));
		}
		/* Of the two tabs only the chosen one is a stop; arrows go to the other. */
		assert.deepEqual(reached.slice(0, order.length - 2), order.filter((text) => text !== "Info").slice(0, -1));
	});

	test("out of habit send no code while the approval is about to end", async () => {
		const panel = await SCENES["verified, ends soon"].open(chrome, stack);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.badge.focus();
		await panel.page.keyboard.press("Enter");
		await nothingIsAsked(panel, starts);
	});
});
