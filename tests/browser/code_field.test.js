/*
 * The code field: what may be typed and pasted, and when a code checks itself.
 * Every wrong check costs the customer one of five tries.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall, notThe } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, answerWith, deferred, eventually, fieldIsReady, focuses, nothingIsAsked, openAndSend, openPanel, reads, requestsTo, useBrowser,
} from "./browser.js";

describe("the code field", () => {
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

	/* A panel with a code out, and the checks that it asks for. */
	const open = async () => {
		const panel = await openAndSend(chrome, stack);
		return { ...panel, sent: await stack.lastCode(MARIA), checks: requestsTo(panel.page, "check-verify") };
	};

	const paste = async ({ page }, text) => {
		await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
		await page.evaluate((words) => navigator.clipboard.writeText(words), text);
		await page.keyboard.press("Control+V");
	};

	const assertNoCheck = (panel) => nothingIsAsked(panel, panel.checks);

	test("is one real field for digits, which no password manager fills", async () => {
		const { code, page } = await open();
		await eventually(() => page.locator("input:visible").count(), 1);
		assert.deepEqual(await code.evaluate((input) => ({
			type: input.type, inputMode: input.inputMode, autocomplete: input.autocomplete,
			maxLength: input.maxLength, managers: "1pIgnore" in input.dataset && "lpignore" in input.dataset
				&& "bwignore" in input.dataset,
		})), { type: "text", inputMode: "numeric", autocomplete: "off", maxLength: -1, managers: true });
	});

	test("checks a code by itself when its last digit is typed", async () => {
		const panel = await open();
		await panel.page.keyboard.type(panel.sent);
		await panel.shows("Customer verified");
		assert.equal(panel.checks.length, 1);
	});

	const spaced = (code) => `${code.slice(0, 3)} ${code.slice(3)}`;
	const inScript = (zero) => (code) =>
		Array.from(code, (digit) => String.fromCodePoint(zero + Number(digit))).join("");
	for (const [title, write] of [
		["with a blank", spaced],
		["with hyphens", (code) => Array.from(code).join("-")],
		["with dots and blanks around it", (code) => `  ${code.slice(0, 2)}.${code.slice(2, 4)}.${code.slice(4)} \n`],
		["in full-width digits", inScript(0xff10)],
		["in Arabic-Indic digits", inScript(0x660)],
		["in Persian digits", inScript(0x6f0)],
		["in Devanagari digits", inScript(0x966)],
		["inside the whole message", (code) =>
			`Your Example Energy verification code is: ${code}. It is good for 10 minutes.`],
	]) {
		test(`takes a code pasted ${title}, shows it clean, and checks it`, async () => {
			const panel = await open();
			await panel.page.route("**/check-verify", async (route) => {
				assert.equal(await panel.code.inputValue(), panel.sent);
				await route.continue();
			});
			await paste(panel, write(panel.sent));
			await panel.shows("Customer verified");
			assert.equal(panel.checks.length, 1);
		});
	}

	test("does not check a code by itself once a digit was taken back", async () => {
		const panel = await open();
		await panel.page.keyboard.type(`${panel.sent.slice(0, 5)}${(Number(panel.sent[5]) + 1) % 10}`.slice(0, 5));
		await panel.page.keyboard.press("Backspace");
		await panel.page.keyboard.type(panel.sent.slice(4));
		await assertNoCheck(panel);
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("does not check by itself after a wrong code, but on Enter", async () => {
		const panel = await open();
		await panel.page.keyboard.type(notThe(panel.sent));
		await panel.says("That code does not match. 4 tries left.");
		panel.checks.length = 0;
		await panel.page.keyboard.type(panel.sent);
		await eventually(() => panel.code.inputValue(), panel.sent);
		await assertNoCheck(panel);
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("never asks about the same wrong code twice", async () => {
		const panel = await open();
		const wrong = notThe(panel.sent);
		await panel.page.keyboard.type(wrong);
		await panel.says("That code does not match. 4 tries left.");
		panel.checks.length = 0;
		await panel.page.keyboard.press("Enter");
		await assertNoCheck(panel);
		await panel.says("That code does not match. 4 tries left.");
		await panel.page.keyboard.type(wrong);
		await panel.page.keyboard.press("Enter");
		await panel.says("That code was refused already. Ask the customer to read it once more.");
		await assertNoCheck(panel);
		await focuses(panel.page, "input code");
	});

	test("remembers a wrong code when the same code is sent again", async () => {
		const panel = await open();
		const wrong = notThe(panel.sent);
		await panel.page.keyboard.type(wrong);
		await panel.says(/4 tries left/);
		await panel.button("Send again").click();
		await panel.says(/^Sent again at/);
		panel.checks.length = 0;
		await panel.code.fill(wrong);
		await panel.page.keyboard.press("Enter");
		await panel.says(/^That code was refused already/);
		await assertNoCheck(panel);
	});

	for (const [title, digits, text] of [
		["nothing", "", "Enter the 6 numbers the customer reads out."],
		["too few digits", "123", "The code is 6 numbers. 3 entered."],
		["too many digits", "12345678", "The code is 6 numbers. 8 entered."],
		["letters", "abc", "Enter the 6 numbers the customer reads out."],
	]) {
		test(`with ${title} in it says what is missing and asks nothing`, async () => {
			const panel = await open();
			await panel.code.fill(digits);
			await panel.page.keyboard.press("Enter");
			await panel.says(text);
			await assertNoCheck(panel);
			await focuses(panel.page, "input code");
		});
	}

	test("leaves checking to Enter when the agent wants it so, from then on", async () => {
		const panel = await open();
		await panel.page.getByText("Keys and help").click();
		await panel.page.getByLabel("Check the code as soon as it is complete").uncheck();
		await panel.says("6 numbers, then Enter.");
		await panel.page.reload();
		await panel.says("6 numbers, then Enter.");
		await fieldIsReady(panel);
		await panel.code.pressSequentially(panel.sent);
		await assertNoCheck(panel);
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("is cleared by Escape; Escape once more goes to Cancel code, and nothing is canceled yet", async () => {
		const panel = await open();
		const starts = requestsTo(panel.page, "start-verify");
		await panel.page.keyboard.type("123");
		await panel.page.keyboard.press("Escape");
		await eventually(() => panel.code.inputValue(), "");
		await focuses(panel.page, "input code");
		await panel.page.keyboard.press("Escape");
		await focuses(panel.page, "button Cancel code");
		await nothingIsAsked(panel, starts);
		await panel.page.keyboard.press("Enter");
		await panel.says("Code canceled. It can no longer be used.");
	});

	test("loses nothing that is typed before it listens", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const { promise: released, resolve: release } = deferred();
		await panel.page.route("**/code_field.js", async (route) => {
			await released;
			await route.continue();
		});
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		release();
		await panel.shows("Customer verified");
	});

	test("cannot be changed, nor checked again, while a code is being checked", async () => {
		const panel = await open();
		const { promise: released, resolve: release } = deferred();
		await panel.page.route("**/check-verify", async (route) => {
			await released;
			await route.continue();
		});
		await panel.page.keyboard.type(panel.sent);
		await panel.shows("Checking…");
		await panel.page.keyboard.type("9");
		await panel.page.keyboard.press("Enter");
		await panel.primary.click({ force: true });
		assert.equal(await panel.code.inputValue(), panel.sent);
		await reads(panel.primary, "Checking…");
		release();
		await panel.shows("Customer verified");
		assert.equal(panel.checks.length, 1);
	});

	test("takes its length from the server", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const checks = requestsTo(panel.page, "check-verify");
		const soon = new Date(Date.now() + 600000).toISOString();
		const verification = { state: "pending", reference: "0123abcd", channel: "sms", code_length: 8,
			sent_at: new Date().toISOString(), expires_at: soon, sends_left: 4, checks_left: 5 };
		await answerWith(panel.page, "start-verify", 200, { message: "Code sent.", verification });
		await answerWith(panel.page, "check-verify", 401, { code: "wrong_code", message: "No.",
			verification: { ...verification, checks_left: 4 } });
		await panel.primary.click();
		await panel.says("8 numbers, checked when complete.");
		await fieldIsReady(panel);
		await panel.page.keyboard.type("123456");
		await assertNoCheck({ ...panel, checks });
		await panel.page.keyboard.type("78");
		await panel.says(/does not match/);
		await eventually(() => checks.map((body) => JSON.parse(body).verification_code), ["12345678"]);
	});

	test("takes what is typed while the code is sent once more, and checks nothing meanwhile", async () => {
		const panel = await open();
		const { promise, resolve } = deferred();
		await panel.page.route("**/start-verify", async (route) => {
			await promise;
			await route.continue();
		});
		await panel.button("Send again").click();
		await panel.shows("Sending…");
		await panel.page.keyboard.type(panel.sent);
		await assertNoCheck(panel);
		resolve();
		await panel.says(/^Sent again at/);
		assert.equal(await panel.code.inputValue(), panel.sent);
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});
});
