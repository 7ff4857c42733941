/*
 * scenes: every state of the panel: how to bring it about, and what it shows.
 *
 * is       its name in www/scenes.js
 * open     takes a new call of Maria's and resolves to the open panel
 * badge    what the status says
 * text     a sentence that is shown
 * primary  the one next action, null: none
 * focus    where the agent's focus is then; body: he has not touched the page
 * reload   false: what is shown is about what this page did, and not kept
 */
import { notThe, taskSid } from "../api/helpers.js";
import { ANSWERS } from "./answers.js";
import {
	MARIA, answerWith, enter, eventually, openAndSend, openAndVerify, openPanel, pace, panelUrl, partsOf,
} from "./browser.js";

const WRONG = ["111111", "222222", "333333", "444444", "555555", "666666"];

/* Opens a panel whose state is one of answers.js; stays: it is not asked what became of it. */
const answeredBy = (name, { stays = false } = {}) => async (chrome, stack, { task, token, ...options } = {}) => {
	const page = await chrome.newPage(stack, options);
	if (stays)
		await pace(page, 0.001);
	await answerWith(page, "customer-info", 200, ANSWERS[name]());
	await page.goto(panelUrl(stack, { task, token }));
	const panel = { page, ...partsOf(page) };
	await panel.shows(SCENES[name].badge);
	return panel;
};

/* Opens a panel whose server says who is not there. */
const nobodyBy = (code) => async (chrome, stack, { task, token, ...options } = {}) => {
	const page = await chrome.newPage(stack, options);
	await answerWith(page, "customer-info", 401, { code });
	await page.goto(panelUrl(stack, { task, token }));
	return { page, ...partsOf(page) };
};

/* From here on a program gives no answer. */
const silence = ({ page }, program) => page.route(`**/${program}`, () => {});

const refusedFor = (badge, choice) => (chrome, stack, options) =>
	openPanel(chrome, stack, badge, { ...options, ...choice });

const VERIFIED = "Customer verified";
const CODE_OUT = { badge: "Waiting for code", primary: "Check code" };
const SEND_NEW = "Send a new code";
const TELL = "Tell your supervisor";

export const SCENES = {
	"opening": {
		is: "loading",
		async open(chrome, stack, { task, token, ...options } = {}) {
			const page = await chrome.newPage(stack, options);
			await silence({ page }, "customer-info");
			await page.goto(panelUrl(stack, { task, token }));
			return { page, ...partsOf(page) };
		},
		badge: "Checking status", text: "Checking status", primary: null, focus: "body",
	},
	"not verified": {
		is: "not_verified",
		open: (chrome, stack, options) => openPanel(chrome, stack, "Not verified", options),
		badge: "Not verified", text: /^A code can be sent to this contact\./, primary: "Send code by text", focus: "body",
	},
	"on the number on file": {
		is: "not_verified",
		badge: "Not verified", text: "The caller’s number is the one on file.", primary: "Send code by text", focus: "body",
	},
	"not on the number on file": {
		is: "not_verified",
		badge: "Not verified", text: "The caller is not on the number on file.", primary: "Call with the code",
		focus: "body",
	},
	"sending": {
		is: "sending",
		async open(chrome, stack, options) {
			const panel = await openPanel(chrome, stack, "Not verified", options);
			await silence(panel, "start-verify");
			await panel.primary.click();
			return panel;
		},
		badge: "Sending…", text: "Sending…", primary: "Sending…", focus: "button Sending…", reload: false,
	},
	"sending elsewhere": {
		is: "sending_elsewhere", badge: "Sending…", text: "A code is being sent now by Ben.", primary: null, focus: "body",
	},

	"code sent": {
		is: "pending",
		open: openAndSend, ...CODE_OUT, focus: "input code",
		text: /^Text sent at \d+:\d\d\s[AP]M\. Good until \d+:\d\d\s[AP]M\.$/,
	},
	"code out from another": {
		is: "pending_other",
		...CODE_OUT, text: /^Text sent by Ben at .* Good until/, focus: "body",
	},
	"code out by e-mail": { is: "pending", ...CODE_OUT, text: "m•••@e•••.com", focus: "body" },
	"code out, last try": { is: "pending", ...CODE_OUT, text: /1 try left, then a wait\.$/, focus: "body" },
	"sent again": {
		is: "pending_again",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await panel.button("Send again").click();
			await panel.says(/^Sent again at/);
			return panel;
		},
		...CODE_OUT, text: /^Sent again at .* It is the same code, good until/, focus: "input code", reload: false,
	},
	"sending again": {
		is: "sending_again",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await silence(panel, "start-verify");
			await panel.button("Send again").click();
			return panel;
		},
		badge: "Sending…", text: "Sending…", primary: "Check code", focus: "button Sending…", reload: false,
	},
	"all sent": {
		is: "pending_again",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			while (!await panel.button("Send again").isDisabled()) {
				await panel.button("Send again").click();
				await panel.shows("Waiting for code");
				await panel.says(/^Sent again at/);
			}
			return panel;
		},
		...CODE_OUT, focus: "input code",
		text: /^All codes are sent\. If one arrived, enter it\. Otherwise the next can go at/,
	},
	"incomplete code": {
		is: "pending",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await enter(panel, "12345");
			return panel;
		},
		...CODE_OUT, text: "The code is 6 numbers. 5 entered.", focus: "input code", reload: false,
	},
	"wrong code": {
		is: "pending",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await enter(panel, notThe(await stack.lastCode(MARIA)));
			return panel;
		},
		...CODE_OUT, text: "That code does not match. 4 tries left.", focus: "input code", reload: false,
	},
	"check that fails": {
		is: "pending",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await answerWith(panel.page, "check-verify", 502, { code: "twilio_unreachable" });
			await enter(panel, "123456");
			return panel;
		},
		...CODE_OUT, focus: "input code", reload: false,
		text: /^Twilio Verify could not be reached\. The code was not checked\. The code is still good until/,
	},
	"checking": {
		is: "checking",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await silence(panel, "check-verify");
			await panel.page.keyboard.type("123456");
			return panel;
		},
		badge: "Checking…", text: "Comparing the code with the one that was sent.", primary: "Checking…",
		focus: "input code", reload: false,
	},
	"checking elsewhere": {
		is: "checking_elsewhere", badge: "Checking…", text: "A code is being checked now.", primary: null, focus: "body",
	},
	"expired": {
		is: "expired",
		badge: "Code expired", text: /^The code ran out at .* It can no longer be used\.$/, primary: SEND_NEW, focus: "body",
	},
	"locked": {
		is: "locked",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			const code = await stack.lastCode(MARIA);
			const tries = [/4 tries left/, /3 tries left/, /2 tries left/, /1 try left/, /^Too many codes/];
			for (const digits of WRONG.filter((each) => each !== code).slice(0, tries.length)) {
				await enter(panel, digits);
				await panel.says(tries.shift());
			}
			return panel;
		},
		badge: /^Locked until \d+:\d\d\s[AP]M$/, text: /^Too many codes did not match\. A new code can be sent at/,
		primary: TELL, focus: `button ${TELL}`,
	},
	"locked for good": {
		is: "locked_for_good",
		badge: "Locked", text: /Only a supervisor can unlock this number\.$/, primary: TELL, focus: "body",
	},
	"canceled": {
		is: "canceled",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await panel.button("Cancel code").click();
			return panel;
		},
		badge: "Not verified", text: "Code canceled. It can no longer be used.", primary: SEND_NEW,
		focus: `button ${SEND_NEW}`,
	},
	"never clear": {
		is: "unclear",
		async open(chrome, stack, options) {
			const panel = await answeredBy("unclear")(chrome, stack, { ...options, clock: true });
			await eventually(async () => {
				await panel.page.clock.runFor(3000);
				return panel.badge.textContent();
			}, "Needs attention");
			return panel;
		},
		badge: "Needs attention", text: /^An answer from Twilio was lost, so it is not known/, primary: SEND_NEW,
		focus: "body", reload: false,
	},
	"unclear": {
		is: "confirming",
		open: answeredBy("unclear", { stays: true }),
		badge: "Checking result", text: /^An answer was lost\. Asking Twilio what became of it…$/, primary: null,
		focus: "body",
	},

	"verified": {
		is: "approved",
		open: openAndVerify, badge: VERIFIED, text: /^Verified by text at .* by you\. Good until/,
		primary: "Open customer info", focus: `h1 ${VERIFIED}`,
	},
	"verified by another": {
		is: "approved_other",
		badge: VERIFIED, text: /^Verified by text at .* by Ben\. Good until/, primary: "Open customer info", focus: "body",
	},
	"verified before the call": {
		is: "approved_keypad",
		badge: VERIFIED, text: /^Verified before the call, by keypad, at .*\. Good until/, primary: "Open customer info",
		focus: "body",
	},
	"verified, without the role to see": {
		is: "no_data",
		badge: VERIFIED, text: /Your sign-in does not include customer info\.$/, primary: null, focus: "body",
	},
	"own code needed": {
		is: "needs_own_code",
		badge: "Verified by Ben", text: /^Customer info needs a code of your own\./, primary: SEND_NEW, focus: "body",
	},
	"verified, a field withheld": {
		is: "approved",
		badge: VERIFIED, text: /A new code opens: Bank details\.$/, primary: "Open customer info", focus: "body",
	},
	"verified, fields withheld": {
		is: "approved",
		badge: VERIFIED, text: /A new code opens: Bank details and Tax id\.$/, primary: "Open customer info", focus: "body",
	},
	"verified, no record": {
		is: "approved",
		badge: VERIFIED, text: /by you\. Good until/, primary: "Open customer info", focus: "body",
	},
	"verified, ends soon": {
		is: "expiring",
		badge: /^Verified · 2 min left$/, text: /^Customer info closes at .* A new code keeps it open\.$/,
		primary: "Verify again", focus: "body",
	},
	"customer info": {
		is: "approved",
		async open(chrome, stack, options) {
			const panel = await openAndVerify(chrome, stack, options);
			await panel.primary.click();
			await panel.info.waitFor();
			return panel;
		},
		badge: VERIFIED, text: "Maria Santos", primary: null, focus: "button Info", reload: false,
	},
	"withheld fields": {
		is: "approved",
		async open(chrome, stack, options) {
			const panel = await answeredBy("verified, fields withheld")(chrome, stack, options);
			await panel.infoTab.click();
			await panel.info.waitFor();
			return panel;
		},
		badge: VERIFIED, text: /^Shown within 5 min of a new code\. Shown after codes by two ways/, primary: null,
		focus: "button Info", reload: false,
	},
	"overridden": {
		is: "overridden",
		badge: /^Not verified\. Allowed by Sam until \d+:\d\d\s[AP]M$/, text: "Reason: Phone lost, known to the branch",
		primary: "Open customer info", focus: "body",
	},
	"ending": {
		is: "ending",
		async open(chrome, stack, options) {
			const panel = await openAndVerify(chrome, stack, options);
			await silence(panel, "start-verify");
			await panel.button("End verification").click();
			return panel;
		},
		badge: "One moment…", text: "One moment…", primary: null, focus: "h1 One moment…", reload: false,
	},
	"verification over": {
		is: "ran_out",
		badge: "Not verified", text: /^The verification ended at .* Send a new code to see customer info again\.$/,
		primary: SEND_NEW, focus: "body",
	},
	"ended": {
		is: "ended",
		badge: "Not verified", text: "The verification was ended. Customer info is closed.", primary: SEND_NEW,
		focus: "body",
	},
	"asked to stop": {
		is: "confirm_stop",
		async open(chrome, stack, options) {
			const panel = await openAndSend(chrome, stack, options);
			await panel.button("Customer did not contact us").click();
			return panel;
		},
		badge: "The customer did not contact us?", text: /^This cancels the code, closes customer info and flags/,
		primary: "Stop and flag the contact", focus: "h1 The customer did not contact us?", reload: false,
	},
	"stopped": {
		is: "stopped",
		badge: "Stopped", text: /^The customer did not contact us, as Ana noted at .* flagged\.$/, primary: TELL,
		focus: "body",
	},

	"nobody signed in": {
		is: "signed_out",
		open: refusedFor("Signed out", { token: null }),
		badge: "Signed out", text: "Sign in, then open this contact again to verify the customer.", primary: "Try again",
		focus: "body",
	},
	"sign-in ran out": {
		is: "signed_out",
		open: refusedFor("Signed out", { token: "sandbox-expired" }),
		badge: "Signed out", text: /Sign in/, primary: "Try again", focus: "body",
	},
	"to sign in": {
		is: "sign_in",
		open: nobodyBy("sign_in_needed"),
		badge: "Signed out", text: "Sign in to verify callers.", primary: "Sign in", focus: "body",
	},
	"sign-in window blocked": {
		is: "sign_in",
		open: nobodyBy("sign_in_window_blocked"),
		badge: "Signed out", text: /^The browser blocked the sign-in window\./, primary: "Sign in", focus: "body",
	},
	"sign-in kept from frames": {
		is: "sign_in_blocked",
		open: nobodyBy("sign_in_blocked"),
		badge: "Signed in elsewhere", text: /^You are signed in, but the browser keeps that/, primary: "Open in a window",
		focus: "body",
	},
	"a visitor's token": {
		is: "not_allowed",
		open: refusedFor("Not allowed", { token: "sandbox-guest" }),
		badge: "Not allowed", text: /not that of an agent/, primary: null, focus: "body",
	},
	"not your contact": {
		is: "not_yours",
		open: refusedFor("Not your contact", { task: taskSid(3) }),
		badge: "Not your contact", text: /^This contact is not yours\./, primary: "Try again", focus: "body",
	},
	"contact that rings": {
		is: "not_yours",
		open: refusedFor("Not your contact", { task: taskSid(1016) }),
		badge: "Not your contact", text: /Accept it first/, primary: "Try again", focus: "body",
	},
	"contact ended": {
		is: "contact_gone",
		open: refusedFor("Contact ended", { task: taskSid(1014) }),
		badge: "Contact ended", text: /^This contact has ended/, primary: null, focus: "body",
	},
	"contact that never was": {
		is: "contact_gone",
		open: refusedFor("Contact ended", { task: taskSid(77) }),
		badge: "Contact ended", text: "There is no such contact any more.", primary: null, focus: "body",
	},
	"no number": {
		is: "no_way",
		open: refusedFor("Not verified", { task: taskSid(1003) }),
		badge: "Not verified", text: /no phone number that a code could be sent to/, primary: null, focus: "body",
	},
	"number withheld": {
		is: "no_way",
		open: refusedFor("Not verified", { task: taskSid(1005) }),
		badge: "Not verified", text: /no phone number/, primary: null, focus: "body",
	},
	"landline": {
		is: "not_verified",
		async open(chrome, stack, options) {
			const panel = await openPanel(chrome, stack, "Not verified", { ...options, task: taskSid(140) });
			await panel.primary.click();
			return panel;
		},
		badge: "Not verified", text: "This line cannot get texts. Try a call instead.", primary: "Call with the code",
		focus: "button Call with the code", reload: false,
	},
	"sign-in down": {
		is: "server_trouble",
		open: refusedFor("Needs attention", { token: "sandbox-503" }),
		badge: "Needs attention", text: /^Your sign-in could not be checked/, primary: "Try again", focus: "body",
	},
	"no connection": {
		is: "offline",
		async open(chrome, stack, { task, token, ...options } = {}) {
			const page = await chrome.newPage(stack, options);
			await page.route("**/customer-info", (route) => route.abort());
			await page.goto(panelUrl(stack, { task, token }));
			return { page, ...partsOf(page) };
		},
		badge: "No connection", text: /^Server connection failed\. Nothing is lost/, primary: "Try again", focus: "body",
	},
	"an address without a task": {
		is: "bad_task",
		open: refusedFor("Needs attention", { task: "12345" }),
		badge: "Needs attention", text: /names no Flex task/, primary: null, focus: "body",
	},
	"no task": {
		is: "no_task",
		open: refusedFor("No contact chosen", { task: "" }),
		badge: "No contact chosen", text: /^Choose a call or a chat\./, primary: null, focus: "body",
	},
};

for (const name of Object.keys(ANSWERS))
	SCENES[name].open ??= answeredBy(name);
