/*
 * Calling back, on the desk: the caller is asked, the task comes, the customer
 * answers, and the panel and the supervisor's page say so.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, PROGRAMS, newCall } from "../api/helpers.js";
import { CALLBACK_KEYS, askFor, dial } from "../api/call_backs.js";
import { PIN_KEYS } from "../api/portal.js";
import { startStack } from "../api/stack.js";
import { MARIA, axe, eventually, openPanel, partsOf, reads, useBrowser } from "./browser.js";

describe("a call-back", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ ...CALLBACK_KEYS, CUSTOMER_ID_ATTRIBUTE: "customer_id",
			STRENGTHS: "sms:1 call:1 callback:2" }, PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("goes from a doubtful call to the customer who answers at the number on file", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/sandbox/#agent=ana&task=${ANAS_CALL}`);
		const panel = partsOf(page.frameLocator("iframe[title=CRMContainer]"));
		const act = (name) => page.locator("[data-acts]").getByRole("button", { name });
		await panel.shows("Not verified");
		await panel.button("Call back").click();
		await panel.shows("Call back the number on file?");
		await panel.primary.click();
		await panel.shows("Call-back asked for");

		await page.locator("[data-tasks] button").filter({ hasText: "Ringing" }).click();
		await act("Accept").click();
		await panel.shows("Call the number on file");
		await panel.primary.click();
		const notice = page.frameLocator("iframe[title=CRMContainer]").locator("[data-notice]");
		await notice.filter({ hasText: "no answered call to the number on file" }).waitFor();
		await act("Call the customer").click();
		await act("Hang up").waitFor();
		await panel.primary.click();
		await panel.shows("Customer verified");
		const frame = page.frameLocator("iframe[title=CRMContainer]");
		await reads(frame.locator("[data-text]"), /^Verified by call-back at .* by you\./);
		await frame.getByText("Called back at the number on file.").waitFor();

		const supervisor = await chrome.newPage(stack);
		await supervisor.goto(`${stack.url}/supervisor/#token=sandbox-sam`);
		await supervisor.getByText("by call-back").first().waitFor();
		await supervisor.getByText("Call-back asked for").waitFor();
	});

	test("is not asked for without the caller's consent, and is in order at 320 pixels", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await panel.button("Call back").click();
		await panel.shows("Call back the number on file?");
		await panel.says(/Ask the caller first/);
		assert.deepEqual(await axe(panel.page), []);
		await panel.page.setViewportSize({ width: 320, height: 640 });
		await eventually(() => panel.page.evaluate(() => document.documentElement.scrollWidth <= 320), true);
		await panel.button("Go back").click();
		await panel.shows("Not verified");
		await panel.button("Call back").click();
		await panel.shows("Call back the number on file?");
		await panel.page.keyboard.press("Escape");
		await panel.shows("Not verified");
	});

	test("speaks Spanish, too", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/?lang=es&task=${task}#token=sandbox-ana`);
		const panel = partsOf(page);
		await panel.shows("Llame al número registrado");
		await panel.primary.click();
		await panel.shows("Cliente verificado");
		await page.getByText("Llamada devuelta al número registrado.").waitFor();
	});
});

describe("a call-back that verifies nobody by itself", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack(CALLBACK_KEYS, PROGRAMS);
	});
	after(() => stack?.stop());

	test("is shown, and a code is sent after it", async () => {
		await newCall(stack);
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/?task=${task}#token=sandbox-ana`);
		const panel = partsOf(page);
		await panel.shows("Call the number on file");
		await panel.primary.click();
		await panel.shows("Called back at the number on file");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await page.getByText("Called back at the number on file.").waitFor();
	});
});

describe("a call-back where customers may have a PIN", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, ...CALLBACK_KEYS, STRENGTHS: "sms:1 call:1 pin:2" }, PROGRAMS);
	});
	after(() => stack?.stop());

	for (const late of ["pin.js", "call_back.js"])
		test(`has it asked for, also if ${late} comes last`, async () => {
			await newCall(stack);
			const task = await askFor(stack, ANAS_CALL);
			await dial(stack, MARIA);
			const page = await chrome.newPage(stack);
			const [other] = ["pin.js", "call_back.js"].filter((name) => name !== late);
			const come = page.waitForResponse(`**/${other}`);
			await page.route(`**/${late}`, async (route) => {
				await come;
				await route.continue();
			});
			await page.goto(`${stack.url}/?task=${task}#token=sandbox-ana`);
			const panel = partsOf(page);
			await panel.shows("Call the number on file");
			await panel.primary.click();
			await panel.shows("Called back at the number on file");
			await panel.button("Enter a PIN").click();
			await panel.shows("Waiting for PIN");
			await page.keyboard.press("Escape");
			await panel.shows("Called back at the number on file");
		});
});
