/*
 * The sandbox's desk: calls can be played on it, every state of the panel can
 * be reached by its own hints, and it looks as it should.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_TEXTS, PROGRAMS, newCall, notThe, setAttributes, taskSid } from "../api/helpers.js";
import { moveBack } from "../api/history.js";
import { startStack } from "../api/stack.js";
import {
	axeInLightAndDark, deferred, eventually, focused, focuses, pace, partsOf, reads, useBrowser,
} from "./browser.js";

const JONAS = "+12025550102";
const HOSTILE = "<img src=x onerror=alert(1)> \"'&";

/* states.js is for the browser, where a file needs no package.json to be a module. */
const statesJs = readFileSync(new URL("../../www/sandbox/states.js", import.meta.url), "utf8");
const { GROUPS } = await import(`data:text/javascript,${encodeURIComponent(statesJs)}`);
const STATES = GROUPS.flatMap(({ states }) => states);

/* The desk and what is on it; the panel's parts by their hooks, not by their words. */
function deskOf(page) {
	const frame = page.frameLocator("iframe[title=CRMContainer]");
	const hook = (name) => frame.locator(`[data-${name}]`);
	const desk = {
		page, frame,
		panel: partsOf(frame),
		badge: (text) => hook("badge").filter({ hasText: text }).waitFor(),
		primary: hook("primary"),
		code: hook("code-input"),
		action: (name) => frame.locator(`[data-secondary] [data-action=${name}]`),
		act: (name) => page.locator("[data-acts]").getByRole("button", { name }),
		customer: (id) => page.locator(`[data-customer=${id}]`),
		phone: page.getByRole("log", { name: "Messages" }),
		words: page.locator("[data-say-words]"),
		heading: (name) => page.getByRole("heading", { name, exact: true }).waitFor(),
		said: (text) => page.locator("[data-say-words]").filter({ hasText: text }).waitFor(),

		async send() {
			await desk.badge("Not verified");
			await desk.primary.click();
			await desk.code.waitFor();
		},

		/* The digits in what the customer says. */
		async heard() {
			await desk.said(/(\d ?){6}/);
			return /(\d ?){6}/.exec(await desk.words.textContent())[0].replaceAll(" ", "");
		},

		/* Types what the customer says. */
		async typeHeard() {
			await desk.code.fill("");
			await desk.code.pressSequentially(await desk.heard());
		},

		async enter(digits) {
			await desk.code.fill(digits);
			await desk.code.press("Enter");
		},

		/* Wrong codes, so many; each is answered before the next. */
		async fail(times) {
			const right = await desk.heard();
			const wrong = ["111111", "222222", "333333", "444444", "555555", "666666"]
				.filter((code) => code !== right).slice(0, times);
			for (const digits of wrong) {
				const answer = page.waitForResponse((reply) => reply.url().endsWith("/check-verify"));
				await desk.enter(digits);
				await answer;
				await frame.locator("[data-primary]:not([aria-disabled]), [data-code][hidden]").first()
					.waitFor({ state: "attached" });
			}
		},

		async verify() {
			await desk.send();
			await desk.typeHeard();
			await desk.badge("Customer verified");
		},

		async handOver() {
			await desk.act("Hand over to Ben").click();
			await desk.act("Accept as Ben").click();
			await desk.act("Hand over to Ana").waitFor();
		},

		/* By the list of states. */
		async choose(id) {
			await page.getByRole("button", { name: "How do I get to" }).click();
			await page.locator(`[data-state="${id}"]`).click();
			await page.getByRole("dialog").waitFor({ state: "hidden" });
		},
	};
	return desk;
}

/* The desk looks each second what is new; here it has no need to be slow. */
const RATE = 4;

async function openDesk(chrome, stack, { where = "", ...options } = {}) {
	const page = await chrome.newPage(stack, { viewport: { width: 1280, height: 800 }, ...options });
	await pace(page, RATE);
	await page.goto(`${stack.url}/sandbox/${where}`);
	return deskOf(page);
}

describe("the desk", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({}, PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const open = (options) => openDesk(chrome, stack, options);

	test("plays a call: what the customer reads from the phone, typed in, opens the data", async () => {
		const desk = await open();
		await desk.heading("Maria Santos");
		await desk.said("Hello, this is Maria Santos.");
		await desk.send();
		await desk.phone.getByText(/verification code is: \d{6}/).waitFor();
		await desk.said(`The text says ${Array.from(await stack.lastCode("+12025550101")).join(" ")}.`);
		assert.equal(await desk.code.inputValue(), "", "nobody types for the agent");
		await desk.typeHeard();
		await desk.badge("Customer verified");
		await desk.panel.infoTab.waitFor();
		await desk.said("thank you");
	});

	test("guides through the first call, until that is dismissed for good", async () => {
		const desk = await open();
		const { page } = desk;
		const step = page.locator("[data-coach-steps] [aria-current=step]");
		await step.filter({ hasText: "Press the blue button" }).waitFor();
		await eventually(() => page.locator("[data-coach-steps] li").count(), 3);
		await desk.send();
		await step.filter({ hasText: "Type the code" }).waitFor();
		await desk.typeHeard();
		await step.filter({ hasText: "customer info" }).waitFor();
		await page.getByRole("button", { name: "Got it" }).click();
		await page.locator("[data-coach]").waitFor({ state: "hidden" });
		await page.reload();
		await desk.heading("Maria Santos");
		await desk.said(/./);
		assert.equal(await page.locator("[data-coach]").isVisible(), false);
	});

	test("loads the panel as Flex's CRM container does, with the token of the seat", async () => {
		const desk = await open();
		const attributes = () => desk.page.locator("iframe").evaluate((frame) =>
			Object.fromEntries(Array.from(frame.attributes, ({ name, value }) => [name, value])));
		await desk.badge(/./);
		const as = (task, token) => ({ title: "CRMContainer", allow: "clipboard-read; clipboard-write",
			src: `../?task=${task}#token=${token}` });
		await eventually(attributes, as(taskSid(1), "sandbox-ana"));
		await desk.page.getByText("Ben", { exact: true }).click();
		await desk.heading("Aiko Tanaka");
		await eventually(attributes, as(taskSid(3), "sandbox-ben"));
		await desk.page.getByText("Sam", { exact: true }).click();
		await desk.page.getByText("No contacts at the moment.").waitFor();
		await desk.frame.getByRole("heading", { name: "Verifications" }).waitFor();
		await eventually(async () => (await attributes()).src, "../supervisor/#token=sandbox-sam");
		await desk.customer("maria").click();
		await desk.act("Accept").click();
		await desk.badge("Not verified");
		await eventually(async () => (await attributes()).src, /#token=sandbox-sam$/);
	});

	test("asks the sandbox alone; the product is asked by the panel", async () => {
		const page = await chrome.newPage(stack, { viewport: { width: 1280, height: 800 } });
		const asked = [];
		page.on("request", (request) => {
			if (request.frame() === page.mainFrame() && !request.isNavigationRequest())
				asked.push(new URL(request.url()).pathname);
		});
		await page.goto(`${stack.url}/sandbox/`);
		const desk = deskOf(page);
		await desk.verify();
		await desk.handOver();
		assert.ok(asked.length > 5);
		assert.deepEqual(asked.filter((path) => !path.startsWith("/sandbox/") && path !== "/icon.svg"), []);
	});

	/* ---- Customers -------------------------------------------------------------- */

	const answer = async (desk, id) => {
		await desk.customer(id).click();
		await desk.act("Accept").click();
		await desk.act("Hand over").waitFor();
	};

	test("has a customer who reads the code wrong at first, and right when asked again", async () => {
		const desk = await open();
		await answer(desk, "lena");
		await desk.send();
		const right = await stack.lastCode("+12025550107");
		const first = await desk.heard();
		assert.notEqual(first, right);
		assert.equal(first.length, 6);
		await desk.enter(first);
		await desk.said("glasses");
		await eventually(desk.heard, right);
		await desk.enter(right);
		await desk.badge("Customer verified");
	});

	test("has a customer who writes the code only when it has run out, and at once the next time", async () => {
		const desk = await open();
		await answer(desk, "priya");
		await desk.page.getByText("Priya writes", { exact: true }).waitFor();
		await desk.send();
		await desk.said("brb");
		await desk.page.getByRole("button", { name: "10 minutes later" }).click();
		await desk.typeHeard();
		await desk.badge("Code expired");
		await desk.primary.click();
		await desk.code.waitFor();
		await desk.said(await stack.lastCode("+12025550105"));
		await desk.typeHeard();
		await desk.badge("Customer verified");
	});

	test("has a customer whom no text reaches, and a call does", async () => {
		const desk = await open();
		await answer(desk, "max");
		await desk.send();
		await desk.said("nothing has come");
		await desk.phone.getByText("No messages yet").waitFor();
		await desk.frame.locator("[data-action=send][data-channel=call]").click();
		await desk.said("A voice said");
		await desk.typeHeard();
		await desk.badge("Customer verified");
	});

	test("has a customer who did not contact us, on an outbound call", async () => {
		const desk = await open();
		await desk.customer("grace").click();
		await desk.heading("Grace Adeyemi");
		await desk.send();
		await desk.said("I did not contact you");
		assert.doesNotMatch(await desk.words.textContent(), /\d/);
		await desk.phone.getByText(/verification code is/).waitFor();
		await desk.action("cancel").click();
		await desk.said("keep it to myself");
	});

	test("has a chat, in which the code is written", async () => {
		const desk = await open();
		await answer(desk, "jonas");
		await desk.page.getByText("Jonas writes", { exact: true }).waitFor();
		await desk.page.getByText("In a chat", { exact: true }).waitFor();
		await desk.send();
		await desk.said(`The text says ${await stack.lastCode(JONAS)}.`);
		await desk.typeHeard();
		await desk.badge("Customer verified");
		await desk.act("End chat").waitFor();
	});

	test("has customers who speak of this contact only, not of the last one's codes", async () => {
		const desk = await open();
		await desk.verify();
		await answer(desk, "maria");
		await desk.said("Hello, this is Maria Santos.");
		await desk.phone.getByText(/verification code is/).waitFor();
		await desk.badge("Not verified");
	});

	/* ---- Tasks -------------------------------------------------------------------- */

	test("takes a call from its ringing to its end", async () => {
		const desk = await open();
		const { page } = desk;
		const row = page.locator("[data-tasks] [aria-current=true]");
		await desk.customer("lena").click();
		await row.filter({ hasText: "Ringing" }).waitFor();
		await focuses(page, "button Accept");
		await reads(desk.words, "");
		await desk.badge("Not your contact");
		await page.keyboard.press("Enter");
		await desk.badge("Not verified");
		await page.getByText("On a call", { exact: true }).waitFor();
		await desk.act("End call").click();
		await row.filter({ hasText: "Wrapping up" }).waitFor();
		await desk.said("Goodbye.");
		await desk.act("Complete").click();
		await desk.heading("Maria Santos");
		await eventually(() => page.locator("[data-tasks]").getByText("Lena Fischer").count(), 0);
	});

	test("closes the panel of a contact that has ended", async () => {
		const desk = await open();
		await answer(desk, "lena");
		const sid = await desk.page.locator("[data-tasks] [aria-current=true]").getAttribute("data-sid");
		await desk.act("End call").click();
		await desk.act("Complete").click();
		await desk.heading("Maria Santos");
		await desk.page.goto(`${stack.url}/sandbox/#agent=ana&task=${sid}`);
		await desk.page.reload();
		await desk.badge("Contact ended");
	});

	test("hands a verified call over from Ana to Ben, who sees that it is, and the data", async () => {
		const desk = await open();
		await desk.verify();
		await desk.act("Hand over to Ben").click();
		await desk.act("Accept as Ben").waitFor();
		await reads(desk.words, "");
		await desk.act("Accept as Ben").click();
		await desk.page.getByRole("heading", { name: "Ben’s tasks" }).waitFor();
		await desk.heading("Maria Santos");
		await desk.badge("Customer verified");
		await desk.frame.getByText(/by Ana/).first().waitFor();
		await desk.panel.infoTab.waitFor();
		await desk.page.getByText("Ana", { exact: true }).click();
		await desk.page.locator("[data-tasks] [aria-current=true]").filter({ hasText: "Wrapping up" }).waitFor();
		await desk.act("Complete").click();
		await desk.heading("Jonas Weber");
	});

	test("comes back to the same seat, contact and hint when it is reloaded", async () => {
		const desk = await open();
		await desk.page.getByRole("button", { name: /Jonas Weber.*Texts/ }).click();
		await desk.heading("Jonas Weber");
		await desk.page.reload();
		await desk.heading("Jonas Weber");
		await eventually(() => desk.page.locator("iframe").getAttribute("src"), new RegExp(ANAS_TEXTS));
		await desk.page.getByText("Ben", { exact: true }).click();
		await answer(desk, "lena");
		await desk.page.reload();
		await desk.page.getByRole("heading", { name: "Ben’s tasks" }).waitFor();
		await desk.heading("Lena Fischer");
		await desk.choose("signed-out");
		await desk.badge("Signed out");
		await desk.page.reload();
		await desk.heading("How to get to: Signed out");
		await desk.badge("Signed out");
	});

	test("keeps to the seat that was taken, however late the answers for the last one come", async () => {
		const desk = await open({ where: "#agent=ben" });
		await desk.heading("Aiko Tanaka");
		const hold = async (worker) => {
			const { promise: released, resolve: release } = deferred();
			await desk.page.route(`**/tasks?worker=WK${"0".repeat(31)}${worker}`, async (route) => {
				const answer = await route.fetch();
				await released;
				await route.fulfill({ response: answer });
			});
			return release;
		};
		const asked = (worker) => desk.page.waitForRequest(`**/tasks?worker=WK${"0".repeat(31)}${worker}`);
		const answered = (worker) => desk.page.waitForResponse(`**/tasks?worker=WK${"0".repeat(31)}${worker}`);
		const releaseBens = await hold(2), releaseAnas = await hold(1);
		await asked(2);
		const anas = asked(1);
		await desk.page.getByText("Ana", { exact: true }).click();
		await anas;
		const bens = answered(2);
		releaseBens();
		await bens;
		releaseAnas();
		await desk.heading("Maria Santos");
		await answered(1); /* to the next look */
		await reads(desk.page.locator("[data-name]"), "Maria Santos");
		assert.equal(await desk.page.locator("[data-contact]").isVisible(), true);
	});

	test("starts afresh with a new call", async () => {
		const desk = await open({ where: `#agent=ana&task=${ANAS_TEXTS}` });
		await desk.verify();
		await desk.page.getByRole("button", { name: "Start afresh" }).click();
		await desk.phone.getByText("No messages yet").waitFor();
		await desk.badge("Not verified");
		await desk.heading("Jonas Weber");
	});

	test("offers every special case of the sandbox", async () => {
		const desk = await open();
		await desk.badge(/./);
		await desk.page.getByLabel("Show special cases").check();
		await desk.page.getByRole("button", { name: /withheld, as a word/ }).click();
		await desk.panel.says(/no phone number/);
		await desk.page.getByRole("button", { name: "+12025550140" }).click();
		await desk.badge("Not verified");
		await desk.primary.click();
		await desk.panel.says("This line cannot get texts. Try a call instead.");
	});

	test("keeps hostile names text", async () => {
		await setAttributes(stack, taskSid(1), { direction: "inbound", name: HOSTILE, from: HOSTILE, call_sid: "CA1" });
		const desk = await open();
		await desk.heading(HOSTILE);
		await desk.page.locator("[data-tasks]").getByText(HOSTILE).first().waitFor();
		await desk.page.getByText("The customer’s phone").waitFor();
		await desk.page.goto(`${stack.url}/sandbox/#agent=ana&task=${taskSid(1011)}`);
		await desk.page.reload();
		await desk.heading("<img src=x onerror=alert(1)>");
		await desk.verify();
		await desk.panel.infoTab.waitFor();
		assert.equal(await desk.page.locator("body img[src=x], body script:not([src])").count(), 0);
	});

	test("says when the sandbox does not answer, and goes on when it does", async () => {
		const desk = await open();
		await desk.badge(/./);
		await desk.page.route("**/sandbox/tasks?*", (route) => route.fulfill({ status: 502, body: "" }));
		await desk.page.getByRole("alert").filter({ hasText: "The sandbox does not answer (status 502)." }).waitFor();
		await desk.page.unroute("**/sandbox/tasks?*");
		await reads(desk.page.locator("[data-alert]"), "");
	});

	/* ---- Looks ---------------------------------------------------------------------- */

	for (const width of [1280, 900, 360]) {
		test(`reads well to axe-core at ${width} pixels, light and dark`, async () => {
			await newCall(stack);
			const desk = await open({ viewport: { width, height: 800 } });
			const { page } = desk;
			await desk.send();
			await page.getByRole("article").waitFor();
			assert.deepEqual(await axeInLightAndDark(page), []);
			await page.getByRole("button", { name: "How do I get to" }).click();
			assert.deepEqual(await axeInLightAndDark(page), [], "with the list of states");
			await page.keyboard.press("Escape");
			await desk.customer("lena").click();
			await desk.act("Accept").waitFor();
			assert.deepEqual(await axeInLightAndDark(page), [], "with a call that rings");
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			assert.ok(wide <= width, `needs ${wide} pixels`);
		});
	}

	test("fits into 1280 by 800 without scrolling, the list of states included", async () => {
		const desk = await open();
		await desk.send();
		await desk.page.getByRole("button", { name: "How do I get to" }).click();
		const scrolling = () => desk.page.evaluate(() =>
			[document.documentElement, document.querySelector("dialog"), ...document.querySelectorAll(".desk, .desk *")]
				.filter((node) => node.scrollHeight > node.clientHeight + 1 && node.clientHeight > 1
					&& getComputedStyle(node).overflowY !== "visible")
				.map((node) => `${node.tagName} ${node.className}`));
		await eventually(scrolling, []);
	});

	test("is worked by keyboard alone", async () => {
		const desk = await open();
		const { page } = desk;
		await desk.badge("Not verified");
		const reach = async (wanted) => {
			for (let i = 0; i < 40; i++) {
				if (wanted.test(await focused(page)))
					return;
				await page.keyboard.press("Tab");
			}
			assert.fail(`${wanted} is not reached`);
		};
		await reach(/How do I get to/);
		await page.keyboard.press("Enter");
		await reach(/^button Wrong code/);
		await page.keyboard.press("Enter");
		await desk.heading("How to get to: Wrong code");
		await focuses(page, "h2 Lena Fischer");
		await reach(/^button Hand over/);
		await page.keyboard.press("Enter");
		await page.getByRole("button", { name: /^Accept as Ben/ }).waitFor();
		await reach(/^button Accept as Ben/);
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: "Ben’s tasks" }).waitFor();
	});
});

/* ---- Every state, by its own hints ----------------------------------------------------- */

/* What the hint says, done; and by what the state is known. */
const WAYS = {
	"not-verified": (desk) => desk.badge("Not verified"),
	"ringing": async (desk) => {
		await desk.badge("Not your contact");
		await desk.act("Accept").click();
		await desk.badge("Not verified");
	},
	"not-yours": async (desk) => {
		await desk.badge("Not your contact");
		await desk.page.getByText("Ben", { exact: true }).click();
		await desk.badge("Not verified");
	},
	"ended": (desk) => desk.badge("Contact ended"),
	"no-number": (desk) => desk.panel.says(/no phone number/),
	"no-contact": (desk) => desk.badge("No contact chosen"),
	"bad-address": (desk) => desk.panel.says(/names no Flex task/),

	"landline": async (desk) => {
		await desk.primary.click();
		await desk.panel.says("This line cannot get texts. Try a call instead.");
		await desk.frame.locator("[data-primary][data-channel=call]").click();
		await desk.typeHeard();
		await desk.badge("Customer verified");
	},
	"opted-out": async (desk) => {
		await desk.primary.click();
		await desk.panel.says(/blocked our texts/);
	},
	"blocked": async (desk) => {
		await desk.primary.click();
		await desk.panel.says(/Codes cannot be sent to this number/);
	},
	"busy": async (desk) => {
		await desk.primary.click();
		await desk.panel.says(/Twilio is busy/);
	},
	"unclear": async (desk) => {
		await desk.primary.click();
		await desk.badge("Checking result");
		await desk.badge("Needs attention");
	},
	"found-out": async (desk) => {
		await desk.primary.click();
		await desk.badge("Waiting for code");
		await desk.typeHeard();
		await desk.badge("Customer verified");
	},

	"waiting": async (desk) => {
		await desk.send();
		await desk.badge("Waiting for code");
	},
	"resend-wait": async (desk) => {
		await desk.send();
		await desk.frame.locator("[data-action=resend]:disabled").waitFor();
		await desk.panel.says(/next code can/);
	},
	"sent-again": async (desk) => {
		await desk.send();
		await desk.frame.locator("[data-action=resend]:enabled").click();
		await desk.panel.says(/^Sent again/);
		await eventually(() => desk.phone.getByRole("article").count(), 2);
	},
	"not-delivered": async (desk) => {
		await desk.send();
		await desk.said("nothing has come");
		await desk.frame.locator("[data-action=send][data-channel=call]:enabled").click();
		await desk.typeHeard();
		await desk.badge("Customer verified");
	},
	"sent-before": async (desk) => {
		await desk.send();
		await desk.handOver();
		await desk.badge("Waiting for code");
		await desk.code.waitFor();
	},
	"too-short": async (desk) => {
		await desk.send();
		await desk.enter("123");
		await desk.panel.says(/3 entered/);
	},
	"wrong": async (desk) => {
		await desk.send();
		await desk.typeHeard();
		await desk.panel.says(/does not match.*4/);
	},
	"last-try": async (desk) => {
		await desk.send();
		await desk.fail(4);
		await desk.panel.says(/1 try left/);
	},
	"still-checking": async (desk) => {
		await desk.send();
		await desk.typeHeard();
		await desk.badge("Checking…");
		await desk.panel.says(/Still checking/);
	},
	"canceled": async (desk) => {
		await desk.send();
		await desk.action("cancel").click();
		await desk.panel.says(/Code canceled/);
	},
	"locked": async (desk) => {
		await desk.send();
		await desk.fail(5);
		await desk.badge(/^Locked until/);
	},
	"stopped": async (desk) => {
		await desk.send();
		await desk.action("stop").click();
		await desk.primary.click();
		await desk.badge("Stopped");
		await desk.said("I will keep it to myself");
	},
	"expired": async (desk) => {
		await desk.send();
		await desk.page.getByRole("button", { name: "10 minutes later" }).click();
		await desk.typeHeard();
		await desk.badge("Code expired");
	},

	"verified": async (desk) => {
		await desk.verify();
		await desk.panel.infoTab.waitFor();
	},
	"verified-before": async (desk) => {
		await desk.verify();
		await desk.handOver();
		await desk.badge("Customer verified");
		await desk.frame.getByText(/by Ana/).first().waitFor();
	},
	"overridden": async (desk) => {
		await desk.send();
		await desk.page.getByText("Sam", { exact: true }).click();
		await desk.heading("How to get to: Overridden by a supervisor");
		/* Of the newest contact, which stands first. */
		await desk.frame.getByRole("button", { name: /^Allow without proof/ }).first().click();
		await desk.frame.getByLabel("Reason").fill("Phone lost, known to the branch");
		await desk.frame.getByRole("dialog").getByRole("button", { name: "Allow without proof" }).click();
		await desk.frame.getByText(/^Allowed without proof: /).first().waitFor();
		await desk.page.getByText("Ana", { exact: true }).click();
		await desk.badge(/^Not verified\. Allowed by/);
		await desk.panel.says("Reason: Phone lost, known to the branch");
	},
	"ran-out": async (desk, stack) => {
		const answered = desk.page.waitForResponse("**/check-verify");
		await desk.verify();
		moveBack(stack, { json: await (await answered).json() }, 900000);
		await desk.page.reload();
		await desk.panel.says(/^The verification ended/);
	},
	"no-record": async (desk) => {
		await desk.verify();
		await desk.primary.click();
		await desk.panel.says(/no customer record/);
	},
	"look-up-down": async (desk) => {
		await desk.send();
		await desk.typeHeard();
		await desk.panel.says(/record could not be fetched/);
	},
	"found-verified": async (desk) => {
		await desk.send();
		await desk.typeHeard();
		await desk.badge("Customer verified");
	},

	"signed-out": (desk) => desk.badge("Signed out"),
	"not-allowed": (desk) => desk.badge("Not allowed"),
	"sign-in-down": (desk) => desk.panel.says(/Your sign-in could not be checked/),
	"task-down": (desk) => desk.badge("Needs attention"),
	"offline": async (desk) => {
		await desk.badge("Not verified");
		await desk.page.route("**/start-verify", (route) => route.abort());
		await desk.page.route("**/customer-info", (route) => route.abort());
		await desk.primary.click();
		await desk.panel.says(/Server connection failed/);
	},
};

function leadsTo(states, keys) {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ OVERRIDE: "on", ...keys }, PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	for (const { id, title } of states)
		test(`leads to: ${title}`, async () => {
			const desk = await openDesk(chrome, stack);
			await desk.choose(id);
			await desk.heading(`How to get to: ${title}`);
			await WAYS[id](desk, stack);
			chrome.forgive(/net::ERR_FAILED/);
		});
}

describe("the list of states", () => {
	test("has a hint for each state, in one or two steps", () => {
		assert.deepEqual(STATES.map(({ id }) => id), Object.keys(WAYS));
		for (const { id, steps } of STATES)
			assert.ok(steps.length >= 1 && steps.length <= 2, id);
	});

	leadsTo(STATES.filter(({ id }) => id !== "resend-wait"), {});
});

describe("the list of states, where a code cannot be sent again at once,", () =>
	leadsTo(STATES.filter(({ id }) => id === "resend-wait"), { RESEND_AFTER_SECONDS: 60 }));
