/*
 * Every state of the panel: its badge, its sentence, where the focus goes, and
 * that a reload comes back to it.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { SCENES as PICTURES } from "../../www/scenes.js";
import en from "../../www/strings/en.js";
import en_more from "../../www/strings/en_more.js";
import { ANAS_CALL, BENS_CALL, newCall, notThe, taskSid } from "../api/helpers.js";
import { moveBack } from "../api/history.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, deferred, enter, eventually, fieldIsReady, focuses, listen, nothingIsAsked, openAndSend, openAndVerify, openPanel,
	panelUrl, partsOf, reads, requestsTo, useBrowser, withoutTimes,
} from "./browser.js";
import { SCENES } from "./scenes.js";

/* What the words of a picture look like, filled in. */
const badgeOf = (name) =>
	new RegExp(`^${(en.states[name] ?? en_more.states[name]).badge.replaceAll("?", "\\?").replace(/\{\w+\}/g, ".+")}$`);

/* Five codes, none the one that was sent. */
const wrongCodes = (code) => ["111111", "222222", "333333", "444444", "555555", "666666"]
	.filter((each) => each !== code).slice(0, 5);

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

	test("has each of its pictures among those that are tried here", () => {
		const tried = new Set(Object.values(SCENES).map(({ is }) => is));
		assert.deepEqual(Object.keys(PICTURES).filter((name) => !tried.has(name)), []);
	});

	for (const [name, { is, open, badge, text, primary, focus, reload = true }] of Object.entries(SCENES)) {
		test(`has its badge, sentence, action and focus${reload ? ", and again after a reload" : ""}: ${name}`, async () => {
			const panel = await open(chrome, stack);
			const shows = async () => {
				await panel.shows(badge);
				await panel.says(text);
				await eventually(async () => await panel.primary.isVisible() ? panel.primary.textContent() : null, primary);
				await reads(panel.badge, badgeOf(is));
			};
			await shows();
			await focuses(panel.page, focus);
			if (!reload)
				return;
			await panel.page.reload();
			await shows();
			await focuses(panel.page, "body"); /* a page that is opened takes none */
		});
	}

	test("says that it is sending while it is, and sends once however often it is pressed", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const starts = requestsTo(panel.page, "start-verify");
		const { promise: answered, resolve: answer } = deferred();
		await panel.page.route("**/start-verify", async (route) => {
			await answered;
			await route.continue();
		});
		await panel.primary.dblclick();
		await panel.shows("Sending…");
		await reads(panel.primary, "Sending…");
		assert.equal(await panel.primary.getAttribute("aria-disabled"), "true");
		await panel.page.keyboard.press("Enter");
		answer();
		await panel.shows("Waiting for code");
		assert.equal(starts.length, 1);
		assert.equal((await stack.messages(MARIA)).length, 1);
	});

	test("tells of a wrong code beside the field, with the tries left, and is so again after a reload", async () => {
		const panel = await openAndSend(chrome, stack);
		const code = await stack.lastCode(MARIA);
		await enter(panel, notThe(code));
		await panel.says("That code does not match. 4 tries left.");
		await focuses(panel.page, "input code");
		assert.equal(await panel.code.getAttribute("aria-invalid"), "true");
		assert.match(await panel.code.getAttribute("aria-describedby"), /\bcode-error\b/);
		await panel.page.keyboard.type(code[0]);
		assert.equal(await panel.code.inputValue(), code[0], "typing replaces the wrong code");
		await enter(panel, wrongCodes(code)[2]);
		await panel.says("That code does not match. 3 tries left.");
		await panel.page.reload();
		await panel.says(/3 tries left\./);
	});

	test("says that a code checks itself, and after a wrong one that it takes Enter, which it then does", async () => {
		const panel = await openAndSend(chrome, stack);
		const code = await stack.lastCode(MARIA);
		await panel.says("6 numbers, checked when complete.");
		await panel.page.keyboard.type(notThe(code));
		await panel.says("That code does not match. 4 tries left.");
		await panel.says("6 numbers, then Enter.");
		const checks = requestsTo(panel.page, "check-verify");
		await panel.page.keyboard.type(code);
		await nothingIsAsked(panel, checks);
		await panel.says("6 numbers, then Enter.");
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("says when the last code is sent, and until when that holds", async () => {
		const panel = await openAndSend(chrome, stack);
		const sent = panel.page.getByText("min left");
		for (let sends = 2; sends <= 5; sends++) {
			await panel.button("Send again").click();
			await eventually(async () => (await stack.messages(MARIA)).length, sends);
			await sent.waitFor();
		}
		await panel.says(/^All codes are sent\. If one arrived, enter it\. Otherwise the next can go at/);
		for (const name of ["Send again", "Call instead"])
			await eventually(() => panel.button(name).isDisabled(), true);
		assert.equal(await panel.button("Cancel code").isDisabled(), false);
		await enter(panel, await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
	});

	test("that is verified says how, when, by whom and for how long, and is so again after a reload", async () => {
		const panel = await openAndVerify(chrome, stack);
		await panel.says(/^Verified by text at .* by you\. Good until/);
		await panel.says("15 min left");
		await reads(panel.primary, "Open customer info");
		await panel.page.reload();
		await panel.infoTab.waitFor();
	});

	test("tells the agent who took a call over who verified it", async () => {
		const task = taskSid(1024); /* Ana and Ben hold it both */
		const ana = await openPanel(chrome, stack, "Not verified", { task });
		await ana.primary.click();
		await ana.shows("Waiting for code");
		const ben = await openPanel(chrome, stack, "Waiting for code", { task, token: "sandbox-ben" });
		await ana.page.keyboard.type(await stack.lastCode("+12025550110"));
		await ana.shows("Customer verified");
		await ben.page.reload();
		await ben.says(/^Verified by text at .* by Ana\. Good until/);
		await ben.button("Verify again").waitFor();
	});

	test("of which the agent signed out hides the customer's data", async () => {
		const panel = await openAndVerify(chrome, stack);
		await panel.primary.click();
		await panel.info.waitFor();
		await panel.page.evaluate(() => {
			location.hash = "token=sandbox-expired";
		});
		await panel.shows("Signed out");
		await eventually(() => panel.page.locator("#info, [role=tab]").count(), 0);
		assert.ok(!(await panel.page.content()).includes("EX-100101"));
	});

	test("takes a fresh token by the fragment alone, without being loaded anew", async () => {
		const panel = await openPanel(chrome, stack, "Signed out", { token: "sandbox-expired" });
		await panel.page.evaluate(() => {
			window.sameDocument = true;
			location.hash = "token=sandbox-ana";
		});
		await panel.shows("Not verified");
		assert.equal(await panel.page.evaluate(() => window.sameDocument), true);
		assert.equal(new URL(panel.page.url()).hash, "");
	});

	for (const [title, query, badge, text] of [
		["no task", "", "No contact chosen", "Choose a call or a chat. Its customer can then be verified here."],
		["an empty task", "?task=", "No contact chosen", /Choose a call/],
		["a template that was not filled in", "?task={{task.sid}}", "No contact chosen", /Choose a call/],
		["a task that is none", "?task=12345", "Needs attention", /names no Flex task/],
		["two tasks", `?task=${ANAS_CALL}&task=${BENS_CALL}`, "Needs attention", /names no Flex task/],
		["a script for a task", "?task=<script>alert(1)</script>", "Needs attention", /names no Flex task/],
	]) {
		test(`opened with ${title} says so and asks the server nothing`, async () => {
			const page = await chrome.newPage(stack);
			const asked = requestsTo(page, "customer-info");
			await page.goto(`${stack.url}/${query}#token=sandbox-ana`);
			const panel = partsOf(page);
			await panel.shows(badge);
			await panel.says(text);
			assert.deepEqual(asked, []);
		});
	}
});

/* Time is made to pass: in the ledger, and for the page. */
describe("a panel, as time passes,", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ RESEND_AFTER_SECONDS: 50 });
	});
	after(() => stack?.stop());

	/* With a code out to a number that had none yet; later() is so many seconds later. */
	const open = async (from) => {
		await newCall(stack, { from });
		const page = await chrome.newPage(stack, { clock: true });
		const heard = await listen(page);
		await page.goto(panelUrl(stack));
		const panel = partsOf(page);
		await panel.shows("Not verified");
		const answered = page.waitForResponse("**/start-verify");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await fieldIsReady(panel);
		const answer = { json: await (await answered).json() };
		const later = (seconds) => {
			moveBack(stack, answer, seconds * 1000);
			return page.clock.fastForward(seconds * 1000);
		};
		return { page, ...panel, heard: async () => withoutTimes(await heard()), later };
	};

	test("counts down to the next code, by the server's time, and says when it can go", async () => {
		const panel = await open("+12025550102");
		await panel.says(/^The next code can be sent in \d+ s\.$/);
		for (const name of ["Send again", "Call instead"])
			assert.equal(await panel.button(name).isDisabled(), true);
		await panel.button("Cancel code").click();
		await panel.says(/^Code canceled/);
		assert.equal(await panel.primary.isDisabled(), true);
		await focuses(panel.page, "h1 Not verified");
		await panel.later(50);
		await eventually(() => panel.primary.isDisabled(), false);
		await eventually(panel.heard, ["Text sent at TIME.", "Code canceled.", "A code can be sent again."]);
		await panel.primary.click();
		await panel.shows("Waiting for code");
	});

	test("says that the code expired, clears it, and offers a new one", async () => {
		const panel = await open("+12025550104");
		await panel.page.keyboard.type("123");
		await panel.later(600);
		await panel.shows("Code expired");
		await panel.says(/^The code ran out at .* It can no longer be used\.$/);
		await focuses(panel.page, "button Send a new code");
		await eventually(() => panel.page.locator("#code").inputValue(), "");
		await panel.page.reload();
		await panel.shows("Code expired");
		await panel.primary.click();
		await panel.shows("Waiting for code");
	});

	test("hides the customer's data when the verification ends, and says why", async () => {
		const panel = await open(MARIA);
		const { page } = panel;
		await page.keyboard.type(await stack.lastCode(MARIA));
		await panel.infoTab.waitFor();
		await page.keyboard.press("Enter");
		await panel.info.waitFor();
		await panel.later(900);
		await panel.shows("Not verified");
		await panel.says(/^The verification ended at .* Send a new code to see customer info again\.$/);
		await eventually(() => page.locator("#info, [role=tab]").count(), 0);
		assert.ok(!(await page.content()).includes("EX-100101"));
		await focuses(page, "h1 Not verified");
		await eventually(async () => (await panel.heard()).includes("The verification ended at TIME."), true);
		await page.reload();
		await panel.says(/^The verification ended at/);
	});
});
