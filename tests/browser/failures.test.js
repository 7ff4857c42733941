/*
 * A panel whose server or Twilio fails: what it says is still true, and that
 * it ends in what the server knows.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall, taskSid } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, answerWith, deferred, enter, eventually, fieldIsReady, focuses, listen, openAndSend, openPanel, panelUrl,
	partsOf, reads, useBrowser,
} from "./browser.js";

describe("a panel whose server or Twilio fails", () => {
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

	test("says that nothing was sent when Twilio cannot be reached", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await answerWith(panel.page, "start-verify", 503, {
			code: "twilio_unreachable", message: "Twilio Verify could not be reached. Nothing was sent.",
			verification: { state: "not_verified", code_length: 6 },
		});
		await panel.primary.click();
		await panel.says("Twilio Verify could not be reached. Nothing was sent.");
		await panel.says("Request 00000000000000000000000000000abc");
		await panel.shows("Not verified");
		await focuses(panel.page, "button Send code by text");
	});

	test("says that the code was not checked, and that it is still good, when Twilio is out of reach then", async () => {
		const panel = await openAndSend(chrome, stack);
		await answerWith(panel.page, "check-verify", 503, {
			code: "twilio_unreachable", message: "Twilio Verify could not be reached. Nothing was sent." });
		await enter(panel, await stack.lastCode(MARIA));
		await panel.says(
			/^Twilio Verify could not be reached\. The code was not checked\. The code is still good until/);
	});

	test("offers a call when the line cannot get texts", async () => {
		const panel = await openPanel(chrome, stack, "Not verified", { task: taskSid(140) });
		await panel.primary.click();
		await panel.says("This line cannot get texts. Try a call instead.");
		await reads(panel.primary, "Call with the code");
		await panel.primary.click();
		await panel.says(/^Call started at/);
	});

	for (const [title, number, text] of [
		["a blocked range", 141, "Texts to this number range are blocked for some hours. Try a call."],
		["a blocked country", 142, /^Codes are not allowed to this country/],
		["a customer who sent STOP", 146, "The customer has blocked our texts. Try a call."],
		["a busy Twilio", 145, /^Twilio is busy\. Nothing was sent\./],
	]) {
		test(`tells of ${title} in the server's words`, async () => {
			const panel = await openPanel(chrome, stack, "Not verified", { task: taskSid(number) });
			await panel.primary.click();
			await panel.says(text);
		});
	}

	test("asks what became of a send whose answer was lost, and goes on with the code that is out", async () => {
		const task = await newCall(stack, { task: taskSid(159), from: "+12025550159" });
		const panel = await openPanel(chrome, stack, "Not verified", { task });
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.notice.waitFor({ state: "hidden" });
		await panel.page.keyboard.type(await stack.lastCode("+12025550159"));
		await panel.shows("Customer verified");
	});

	test("offers a new code when nobody can say what became of the last one", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const verification = { state: "unclear", reference: "0123abcd", channel: "sms", code_length: 6,
			sends_left: 4, checks_left: 5, expires_at: new Date(Date.now() + 600000).toISOString() };
		const contact = { to: "+1********01", ending: "01", channels: ["sms", "call"] };
		await answerWith(panel.page, "customer-info", 200, { message: "", contact, verification });
		await answerWith(panel.page, "start-verify", 502, { code: "answer_lost",
			message: "Twilio's answer was lost.", contact, verification });
		await panel.primary.click();
		await panel.shows("Checking result");
		await panel.says(/^Twilio’s answer was lost\./);
		await panel.shows("Needs attention");
		await reads(panel.primary, "Send a new code");
		await panel.button("Check status").waitFor();
	});

	test("ends verified when the server's answer to the right code is lost on its way", async () => {
		const panel = await openAndSend(chrome, stack);
		await panel.page.route("**/check-verify", async (route) => {
			await route.fetch();
			await route.abort();
		});
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		await panel.infoTab.waitFor();
		await panel.notice.waitFor({ state: "hidden" });
		assert.equal((await stack.messages(MARIA)).length, 1);
	});

	test("says each time what is still true when the connection is gone, and goes on when it is back", async () => {
		const page = await chrome.newPage(stack);
		const heard = await listen(page);
		await page.goto(panelUrl(stack));
		const panel = { page, ...partsOf(page) };
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		const code = await stack.lastCode(MARIA);
		await fieldIsReady(panel); /* while there is a connection */
		await page.context().setOffline(true);
		await panel.code.fill(code);
		await panel.says(/^Server connection failed\. The code is still good until/);
		const failures = async () => (await heard()).filter((text) => text.startsWith("Server")).length;
		await eventually(failures, 1);
		await page.keyboard.press("Enter");
		await eventually(failures, 2);
		await page.context().setOffline(false);
		await page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("that finds no connection when it is opened says so, and recovers by itself", async () => {
		const page = await chrome.newPage(stack);
		const panel = partsOf(page);
		await page.route("**/customer-info", (route) => route.abort(), { times: 1 });
		await page.goto(panelUrl(stack));
		await panel.shows("No connection");
		await panel.says("Server connection failed. Nothing is lost: the server keeps the state.");
		await page.evaluate(() => dispatchEvent(new Event("online")));
		await panel.shows("Not verified");
	});

	test("shows an answer that is no JSON as what it is", async () => {
		const page = await chrome.newPage(stack);
		const panel = partsOf(page);
		await page.route("**/customer-info", (route) => route.fulfill({ status: 502,
			contentType: "text/html", body: "<h1>Bad Gateway</h1>" }), { times: 1 });
		await page.goto(panelUrl(stack));
		await panel.shows("Needs attention");
		await panel.says("The server’s answer could not be read (502).");
		await panel.primary.click();
		await panel.shows("Not verified");
	});

	test("shows a refusal that it does not know in the server's words", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await answerWith(panel.page, "start-verify", 422, { code: "made_up_tomorrow",
			message: "<b>Something</b> new went wrong.", verification: { state: "not_verified" } });
		await panel.primary.click();
		await panel.says("<b>Something</b> new went wrong.");
	});

	test("says after eight seconds that it is still checking", async () => {
		const panel = await openAndSend(chrome, stack, { clock: true });
		const { promise: answered, resolve: answer } = deferred();
		await panel.page.route("**/check-verify", async (route) => {
			await answered;
			await route.continue();
		});
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Checking…");
		await eventually(() => panel.code.evaluate((input) => input.readOnly), true);
		await panel.page.clock.runFor(8000);
		await panel.says("Still checking. Don’t ask for a new code yet.");
		answer();
		await panel.shows("Customer verified");
	});

	test("shows the verification, and offers to try again, when the customer's record cannot be had", async () => {
		const task = taskSid(185);
		const panel = await openPanel(chrome, stack, "Not verified", { task });
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.page.keyboard.type(await stack.lastCode("+12025550185"));
		await panel.shows("Customer verified");
		await panel.says(/^The customer record could not be fetched\./);
		await reads(panel.primary, "Try again");
		assert.equal(await panel.infoTab.count(), 0);
	});
});
