/*
 * CONTACT_SOURCE=customer, as the agent sees it: where the code goes, whether
 * the caller is there, and why it can go nowhere.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { taskSid } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { enter, eventually, fieldIsReady, openPanel, reads, requestsTo, useBrowser } from "./browser.js";

describe("with the number on file, the panel", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ CONTACT_SOURCE: "customer", CUSTOMER_ID_ATTRIBUTE: "customer_id",
			CHANNELS: "sms call email", NUMBER_CHANGE_DAYS: 7, COUNTRIES: "US" });
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const open = (number, badge = "Not verified") => openPanel(chrome, stack, badge, { task: taskSid(number) });
	const match = ({ page }) => page.locator("[data-match]");

	test("says that the caller is not on the number on file, and sends the code there", async () => {
		const panel = await open(1030);
		await reads(match(panel), /(another|not on the) number .*on file/);
		await reads(panel.page.locator("[data-masked]"), /^\+1•+12 · e•••@example\.com$/);
		await panel.says(/^“I’ll send a code to the number on file\./);
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await fieldIsReady(panel);
		await enter(panel, await stack.lastCode("+12025550112"));
		await panel.shows("Customer verified");
		assert.equal((await stack.messages("+12025550111")).length, 0);
	});

	test("says no such thing of a caller who is on it", async () => {
		await reads(match(await open(1)), "The caller’s number is the one on file.");
	});

	test("puts no number into the agent's mouth that the code may not go to", async () => {
		const panel = await open(1032); /* an e-mail address, and no number */
		await panel.says(/^“I’ll send you a code\./);
	});

	test("can be asked again when the customer's record was put right", async () => {
		const panel = await open(1010);
		const asked = requestsTo(panel.page, "customer-info");
		await panel.button("Check status").click();
		await eventually(() => asked.length, 1);
		await panel.says(/^No customer record belongs to this contact/);
	});

	test("offers a landline a call and nothing else", async () => {
		const panel = await open(1031);
		await reads(panel.primary, "Call with the code");
		await eventually(() => panel.page.locator("[data-secondary] [data-action=send]").count(), 0);
	});

	test("offers e-mail to a customer without a number", async () => {
		const panel = await open(1032);
		await reads(panel.primary, "Send code by e-mail");
		await reads(panel.page.locator("[data-masked]"), "m•••@example.com");
	});

	const refused = [
		[1010, /^No customer record belongs to this contact/],
		[1033, /^The number on file was changed only recently/],
		[1009, null],
	];
	for (const [number, sentence] of refused)
		test(`task ${number}: ${sentence ?? "offers e-mail only to a number abroad"}`, async () => {
			const panel = await open(number);
			if (sentence === null) {
				await reads(panel.primary, "Send code by e-mail");
				return;
			}
			await reads(panel.page.locator("[data-text]"), sentence);
			await panel.primary.waitFor({ state: "hidden" });
		});
});
