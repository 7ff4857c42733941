/*
 * The supervisor's page: what he sees, while it changes, and what he does.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANA, ANAS_CALL, PROGRAMS, SAM, agent, assertSuccess, newCall, notThe, taskSid, verify } from "../api/helpers.js";
import { moveBack } from "../api/history.js";
import { startStack } from "../api/stack.js";
import {
	answerWith, axeInLightAndDark, eventually, focuses, focused, listen, nothingIsAsked, openPanel, reads, requestsTo, useBrowser,
} from "./browser.js";

const REASON = "Known to us for years; phone lost.";
const LOCKED_BY = 5;
const WIDE = { viewport: { width: 1280, height: 900 } };
const SMALL = { viewport: { width: 320, height: 640 } };

/* A number that no test before has used. */
let last = 447700900100;
const newNumber = () => `+${last++}`;

function useSupervision(keys, tests) {
	const chrome = useBrowser();
	const at = { chrome };

	before(async () => {
		at.stack = await startStack({ FAILURES_PER_NUMBER_HOUR: LOCKED_BY, ...keys }, PROGRAMS);
		[at.ana, at.sam] = [ANA, SAM].map((token) => agent(at.stack, token));
	});
	after(() => at.stack?.stop());
	beforeEach(() => at.stack.reset());

	at.open = async ({ token = SAM, path = "", ...options } = {}) => {
		const page = await chrome.newPage(at.stack, { ...WIDE, ...options });
		await page.goto(`${at.stack.url}/supervisor/${path}${token === null ? "" : `#token=${token}`}`);
		return { page, ...partsOf(page) };
	};
	/* With the board there. */
	at.watch = async (options) => {
		const view = await at.open(options);
		await view.page.locator("[data-tile=approved]").waitFor();
		return view;
	};
	at.newContact = async () => {
		const number = newNumber();
		return { task: await newCall(at.stack, { from: number }), number, code: () => at.stack.lastCode(number) };
	};
	at.lock = async () => {
		const contact = await at.newContact();
		const sent = await at.ana.start(contact.task);
		const wrong = notThe(await contact.code());
		for (let i = 0; i < LOCKED_BY; i++)
			await at.ana.check(contact.task, wrong);
		return { ...contact, reference: sent.json.verification.reference };
	};
	tests(at);
}

const partsOf = (page) => {
	const dialog = page.getByRole("dialog");
	return {
		dialog,
		/* As it does each five seconds, and when somebody comes back to it. */
		look: () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))),
		row: (reference) => page.locator("[data-rows] tr", { hasText: reference }),
		card: (reference) => page.locator(".closed__item", { hasText: reference }),
		tile: (name) => page.locator(`[data-tile=${name}] .tile__value`),
		find: page.getByRole("searchbox"),
		news: page.locator("[data-news-text]"),
		reason: dialog.getByLabel("Reason"),
		minutes: dialog.getByLabel("Minutes"),
		does: dialog.locator("[type=submit]"),
	};
};

const referenceOf = (answer) => answer.json.verification.reference;
const badgeOf = (row) => row.locator("[data-part=words]");

describe("the supervisor's page", () => useSupervision({}, (at) => {
	/* ---- Looks, while the list is short ------------------------------------------ */

	for (const [name, size] of [["wide", WIDE], ["at 320 pixels", SMALL]])
		test(`reads well to axe-core, ${name}, light and dark, with the dialog and without`, async () => {
			const { reference } = await at.lock();
			const { task } = await at.newContact();
			await at.sam.override(task, { reason: REASON, minutes: "5" });
			const { page, row, dialog, reason, does } = await at.watch(size);
			await page.getByText("The same as a table").click();
			const judge = async (what) => {
				assert.deepEqual(await axeInLightAndDark(page), [], what);
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= size.viewport.width, what);
			};
			await judge("the board");
			await row(reference).getByRole("button", { name: /^Unlock/ }).click();
			await reason.fill("short");
			await does.click();
			await dialog.getByText(/at least 10/).waitFor();
			await judge("the dialog");
			const small = await page.locator("button:visible, summary:visible, input:visible, select:visible")
				.evaluateAll((nodes) => nodes.filter((node) => node.getBoundingClientRect().height < 24)
					.map((node) => node.outerHTML));
			assert.deepEqual(small, []);
		});

	/* ---- Seeing ---------------------------------------------------------------- */

	test("shows a call's states as they change, in one row, and keeps focus and selection meanwhile", async () => {
		const { page, row, find, tile, look } = await at.watch();
		const { task, code } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		await find.fill(reference);
		await look();
		const badge = badgeOf(row(reference));
		await reads(badge, "Waiting for code");
		const verified = Number(await tile("approved").textContent());
		await row(reference).evaluate((node) => { node.same = true; });
		await find.selectText();
		await at.ana.check(task, notThe(await code()));
		await look();
		await reads(row(reference).locator("[data-part=tries]"), "1 · 1");
		assertSuccess(await at.ana.check(task, await code()), "approved");
		await look();
		await reads(badge, "Verified");
		await at.ana.end(task);
		await look();
		await reads(badge, "Canceled");
		assert.equal(await row(reference).evaluate((node) => node.same), true);
		assert.equal(await page.evaluate(() => document.activeElement.matches("[data-find]")
			&& document.activeElement.selectionEnd - document.activeElement.selectionStart), reference.length);
		assert.equal(await page.evaluate(() => document.querySelector("[data-part=number]").textContent.includes("••••")), true);
		await page.reload();
		await reads(tile("approved"), String(verified + 1));
	});

	test("asks each five seconds while somebody looks, for the figures seldom, and never for another day", async () => {
		const { page } = await at.watch({ clock: true });
		const asked = requestsTo(page, "supervisor-info");
		for (let times = 1; times <= 2; times++) {
			const answered = page.waitForResponse("**/supervisor-info");
			await page.clock.runFor(5000);
			await answered;
		}
		assert.ok(asked.every((body) => JSON.parse(body).figures === "no"));
		await page.getByRole("button", { name: "Day before" }).click();
		await page.getByText(/^As of .*, for sam@example\.com\.$/).waitFor();
		const { from, to, figures } = JSON.parse(asked.at(-1));
		assert.equal(figures, undefined);
		assert.equal(Date.parse(to) - Date.parse(from), 24 * 3600000);
		asked.length = 0;
		await page.clock.runFor(20000);
		await nothingIsAsked({ page }, asked);
	});

	test("shows yesterday's contacts on yesterday", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const answer = await at.ana.cancel(task);
		moveBack(at.stack, answer, 24 * 3600000);
		const { page, row } = await at.watch();
		await page.getByText(/^Live, as /).waitFor();
		assert.equal(await row(reference).count(), 0);
		await page.getByRole("button", { name: "Day before" }).click();
		await row(reference).waitFor();
		await eventually(() => page.getByLabel("Day", { exact: true }).inputValue(),
			new Date(Date.now() - 24 * 3600000).toISOString().slice(0, 10));
	});

	test("takes a day that is typed, and asks for no other on the way to it", async () => {
		const { page } = await at.watch();
		const asked = requestsTo(page, "supervisor-info");
		await page.getByLabel("Day", { exact: true }).focus();
		await page.keyboard.type("11202025");
		await page.getByText(/^As of /).waitFor();
		assert.equal(await page.getByLabel("Day", { exact: true }).inputValue(), "2025-11-20");
		const days = asked.map((body) => JSON.parse(body).from).filter((from) => from < "2026");
		assert.deepEqual(days, ["2025-11-20T00:00:00Z"]);
	});

	test("names a file by the day whose rows are in it, also while another day is asked for", async () => {
		const { task } = await at.newContact();
		await at.ana.start(task);
		const { page } = await at.watch();
		const day = await page.getByLabel("Day", { exact: true }).inputValue();
		await page.route("**/supervisor-info", () => {});
		await page.getByRole("button", { name: "Day before" }).click();
		await page.getByText("Asking…").waitFor();
		const saved = page.waitForEvent("download");
		await page.getByRole("button", { name: "Export CSV" }).click();
		assert.equal((await saved).suggestedFilename(), `verifications-${day}.csv`);
	});

	test("has the hours as a table, which say the same as the picture's words", async () => {
		const { task, number } = await at.newContact();
		await verify(at.stack, at.ana, task, number);
		const { page, tile } = await at.watch();
		await page.getByText("The same as a table").click();
		const total = page.getByRole("row", { name: /^Whole day/ });
		const [begun, approved] = await total.getByRole("cell").allTextContents();
		await reads(tile("approved"), approved);
		const words = await page.getByRole("img").getAttribute("aria-label");
		assert.ok(words.startsWith(`${approved} of ${begun} verifications begun were approved`), words);
		assert.ok(await page.locator(".chart__verified").count() > 0);
	});

	test("finds by reference, task, agent and number, and by what is the matter", async () => {
		const { task, number } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, find } = await at.watch();
		for (const text of [reference, reference.toUpperCase(), task, number.slice(-2), "ana"]) {
			await find.fill(text);
			await row(reference).waitFor();
		}
		await find.fill("nobody at all");
		await page.getByText("No contact in the list is like that.").waitFor();
		await find.fill(reference);
		await page.getByLabel("Show").selectOption("open");
		await row(reference).waitFor();
		await page.getByLabel("Show").selectOption("verified");
		await row(reference).waitFor({ state: "detached" });
	});

	test("keeps what it showed when the connection is lost, says so, and goes on", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, look } = await at.watch();
		await page.route("**/supervisor-info", (route) => route.abort());
		await look();
		await page.getByText(/^No connection since/).waitFor();
		await row(reference).waitFor();
		await page.unroute("**/supervisor-info");
		await look();
		await page.getByText(/^Live, as sam@example\.com/).waitFor();
	});

	/* ---- Who ------------------------------------------------------------------- */

	for (const token of [ANA, "sandbox-guest"])
		test(`shows ${token} nothing`, async () => {
			const { page } = await at.open({ token });
			await page.getByRole("heading", { name: "For supervisors" }).waitFor();
			assert.equal(await page.locator("[data-board]").isVisible(), false);
		});

	test("shows nobody anything, and a token that comes later opens it", async () => {
		const { page, tile } = await at.open({ token: null });
		await page.getByRole("heading", { name: "Signed out" }).waitFor();
		await page.evaluate(() => { location.hash = "#token=sandbox-sam"; });
		await tile("approved").waitFor();
		assert.equal(new URL(page.url()).hash, "");
	});

	test("forgets all it showed when the sign-in runs out", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, look } = await at.watch();
		await row(reference).waitFor();
		await answerWith(page, "supervisor-info", 401, { code: "agent_session_expired", message: "x" });
		await look();
		await page.getByRole("heading", { name: "Signed out" }).waitFor();
		assert.ok(!(await page.content()).includes(reference));
		assert.equal(await page.evaluate(() => sessionStorage.length), 0);
	});

	/* ---- Acting ---------------------------------------------------------------- */

	test("opens a locked number, for a reason, and the agent can send again", async () => {
		const { task, reference } = await at.lock();
		const { card, row, reason, does, dialog, news, tile, page } = await at.watch();
		assert.equal((await at.ana.start(task)).json.code, "too_many_checks");
		await reads(badgeOf(row(reference)), "Locked");
		await reads(tile("closed"), /^[1-9]/);
		await card(reference).getByRole("button", { name: "Unlock" }).click();
		await dialog.getByText(/count afresh from now/).waitFor();
		await focuses(page, "textarea ");
		await reason.fill(REASON);
		await does.click();
		await dialog.waitFor({ state: "hidden" });
		await reads(news, `Unlocked: ${reference}.`);
		await card(reference).waitFor({ state: "detached" });
		assertSuccess(await at.ana.start(task), "pending");
	});

	test("lifts a stop", async () => {
		const { task } = await at.newContact();
		await at.ana.start(task);
		const reference = referenceOf(await at.ana.stop(task));
		const { card, reason, does } = await at.watch();
		await card(reference).getByText("The caller said that they did not contact you.").waitFor();
		await card(reference).getByRole("button", { name: "Unlock" }).click();
		await reason.fill(REASON);
		await does.click();
		await card(reference).waitFor({ state: "detached" });
		assertSuccess(await at.ana.start(task), "pending");
	});

	test("lets an agent go on without proof, whose panel opens", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		await at.ana.cancel(task);
		const panel = await openPanel(at.chrome, at.stack, "Not verified");
		const { row, reason, minutes, does, dialog, tile, news } = await at.watch();
		const before = Number(await tile("overrides").textContent());
		await row(reference).getByRole("button", { name: /^Allow without proof/ }).click();
		await dialog.getByText(/although nobody has proved who is calling/).waitFor();
		await reason.fill(REASON);
		await minutes.fill("3");
		await does.click();
		await dialog.waitFor({ state: "hidden" });
		await reads(news, `Allowed without proof: ${reference}.`);
		await reads(tile("overrides"), String(before + 1));
		await row("Known to us for years").first().waitFor();
		const told = panel.page.waitForResponse("**/customer-info");
		await panel.page.reload();
		await panel.says(/Known to us for years; phone lost\./);
		const { verification, task: released } = await (await told).json();
		assert.equal(released.direction, "inbound");
		await panel.infoTab.waitFor();
		assert.equal(Date.parse(verification.overridden_until) - Date.parse(verification.overridden_at), 180000);
	});

	test("does so for a task that nobody has sent a code to, by its SID", async () => {
		const { task } = { task: taskSid(1009) };
		const { page, find, reason, does, news } = await at.watch();
		await find.fill(task);
		await page.getByText(`${task} is not in the list.`).waitFor();
		await page.getByRole("button", { name: "Allow without proof", exact: true }).click();
		await reason.fill(REASON);
		await does.click();
		await reads(news, `Allowed without proof: ${task}.`);
		assert.equal((await at.ana.info(task)).json.verification.state, "overridden");
	});

	test("demands a reason of 10 to 200 characters and minutes within the limit before anything is sent", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, reason, minutes, does, dialog } = await at.watch();
		const sent = requestsTo(page, "override-verify");
		await row(reference).getByRole("button", { name: /^Allow/ }).click();
		for (const [text, words] of [["", "A reason has at least 10 characters. 0 entered."],
			["  too short  ", "A reason has at least 10 characters. 9 entered."],
			["\u{1f600}".repeat(201), "A reason has at most 200 characters. 201 entered."]]) {
			await reason.fill(text);
			await does.click();
			await dialog.getByText(words).waitFor();
			await eventually(() => reason.getAttribute("aria-invalid"), "true");
		}
		await reason.fill("line one\nline two");
		for (const text of ["0", "16", "1.5", ""]) {
			await minutes.fill(text);
			await does.click();
			await dialog.getByText("A whole number from 1 to 15.").waitFor();
		}
		assert.deepEqual(sent, []);
		await minutes.fill("15");
		await does.click();
		await dialog.waitFor({ state: "hidden" });
		assert.equal(JSON.parse(sent[0]).reason, "line one line two");
	});

	test("says why the server refuses, keeps what was entered, and the second try works", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, reason, does, dialog } = await at.watch();
		await row(reference).getByRole("button", { name: /^Allow/ }).click();
		await reason.fill(REASON);
		for (const [status, code, words] of [
			[403, "own_task", "it takes a second supervisor"], [409, "contact_stopped", "Unlock the contact first"],
			[403, "override_off", "Nobody is let through"], [409, "already_approved", "is verified already"],
			[409, "verification_busy", "right now"], [409, "task_closed", "has ended"],
			[503, "ledger_unavailable", "cannot be written"], [500, "a_new_code", "In the server’s words."]]) {
			await answerWith(page, "override-verify", status, { code, message: "In the server’s words." });
			await does.click();
			await dialog.getByRole("alert").getByText(words).waitFor();
			await page.unroute("**/override-verify");
		}
		await page.route("**/override-verify", (route) => route.abort());
		await does.click();
		await dialog.getByText("The answer was lost. Look at the list to see whether it was done.").waitFor();
		await page.unroute("**/override-verify");
		assert.equal(await reason.inputValue(), REASON);
		await does.click();
		await dialog.waitFor({ state: "hidden" });
	});

	test("is refused what is the supervisor's own, by the server itself", async () => {
		const own = taskSid(1019); /* held by Sam */
		const { page, find, reason, does, dialog } = await at.watch();
		await find.fill(own);
		await page.getByRole("button", { name: "Allow without proof", exact: true }).click();
		await reason.fill(REASON);
		await does.click();
		await dialog.getByText(/^You hold this contact/).waitFor();
		await page.keyboard.press("Escape");
		await find.fill("00000000");
		await page.getByRole("button", { name: "Unlock", exact: true }).click();
		await reason.fill(REASON);
		await does.click();
		await dialog.getByText(/^No verification has this reference/).waitFor();
	});

	test("does what its dialog says also if that is opened again at once", async () => {
		const { reference } = await at.lock();
		const { page, find, news, reason, does } = await at.watch();
		await find.fill(reference);
		await page.evaluate(() => {
			const unlock = document.querySelector("[data-direct-unlock]");
			unlock.click();
			document.querySelector("[data-ask-cancel]").click();
			unlock.click();
		});
		await reason.fill(REASON);
		await does.click();
		await reads(news, `Unlocked: ${reference}.`);
	});

	test("does all of it by keyboard, and the focus goes back where it was", async () => {
		const { reference } = await at.lock();
		const { page, find, news, dialog } = await at.watch();
		await find.focus();
		await page.keyboard.type(reference);
		await page.keyboard.press("Tab"); /* what to show */
		await page.keyboard.press("Tab");
		await focuses(page, "button Unlock");
		await page.keyboard.press("Enter");
		await dialog.waitFor();
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "hidden" });
		await focuses(page, "button Unlock");
		await page.keyboard.press("Enter");
		await page.keyboard.type(REASON);
		await page.keyboard.press("Tab");
		await focuses(page, "button Unlock");
		await page.keyboard.press("Enter");
		await reads(news, `Unlocked: ${reference}.`);
		await dialog.waitFor({ state: "hidden" });
		assert.notEqual(await focused(page), "body");
	});

	test("tells a screen reader what was done and what is newly locked, and nothing that ticks", async () => {
		const page = await at.chrome.newPage(at.stack, WIDE);
		const heard = await listen(page);
		await page.goto(`${at.stack.url}/supervisor/#token=${SAM}`);
		await page.locator("[data-tile=approved]").waitFor();
		const { reference } = await at.lock();
		await partsOf(page).look();
		await partsOf(page).card(reference).waitFor();
		await eventually(heard, ["One more contact is locked or stopped."]);
	});

	/* ---- Taking away ----------------------------------------------------------- */

	test("saves what is shown as CSV, numbers masked, and no cell is a formula", async () => {
		const { task, number } = await at.newContact();
		const evil = "=cmd|'/c calc'!A1, \"quoted\" and more";
		const reference = referenceOf(await at.sam.override(task, { reason: evil, minutes: "5" }));
		const { page, find, row } = await at.watch();
		await find.fill(reference);
		await row(reference).waitFor();
		const download = page.waitForEvent("download");
		await page.getByRole("button", { name: "Export CSV" }).click();
		const file = await download;
		assert.equal(file.suggestedFilename(), `verifications-${new Date().toISOString().slice(0, 10)}.csv`);
		const text = readFileSync(await file.path(), "utf8");
		assert.ok(text.startsWith("\ufeffreference,task,number,channel,state,"));
		const lines = text.slice(1).split("\r\n");
		assert.deepEqual([lines.length, lines[2]], [3, ""]);
		assert.ok(lines[1].startsWith(`${reference},${task},'${number.slice(0, 3)}********${number.slice(-2)},,overridden,`));
		assert.ok(lines[1].endsWith(`,"'=cmd|'/c calc'!A1, ""quoted"" and more"`), lines[1]);
		assert.ok(!text.includes(number.slice(1)));
	});

	test("has hostile words as text", async () => {
		const { task } = await at.newContact();
		const evil = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script>";
		const reference = referenceOf(await at.sam.override(task, { reason: evil, minutes: "5" }));
		const { page, row } = await at.watch();
		await row(reference).getByText(evil).waitFor();
		assert.equal(await page.locator(".rows img, .rows script").count(), 0);
		assert.equal(await page.title(), "Verifications");
	});

	test("speaks Spanish, with a word for every English one", async () => {
		const { page } = await at.watch({ path: "?lang=es" });
		await page.getByRole("heading", { name: "Verificaciones" }).waitFor();
		await eventually(() => page.getAttribute("html", "lang"), "es");
		const [en, es] = await page.evaluate(async () => {
			const pathsOf = (words, path = "") => Object.entries(words).flatMap(([name, value]) =>
				(typeof value === "string" ? [`${path}${name} ${(value.match(/\{\w+\}/g) ?? []).sort()}`]
					: pathsOf(value, `${path}${name}.`)));
			return Promise.all(["en", "es"].map(async (language) =>
				pathsOf((await import(`/supervisor/strings/${language}.js`)).default)));
		});
		assert.deepEqual(es, en);
	});
}));

describe("the supervisor's page where nobody is let through without proof", () => useSupervision({ OVERRIDE: "off" }, (at) => {
	test("offers no such thing", async () => {
		const { task } = await at.newContact();
		const reference = referenceOf(await at.ana.start(task));
		const { page, row, find } = await at.watch();
		await row(reference).waitFor();
		assert.equal(await page.getByRole("button", { name: /^Allow/ }).count(), 0);
		await find.fill(ANAS_CALL.replace(/1$/, "9"));
		await page.getByText(/is not in the list/).waitFor();
		assert.equal(await page.getByRole("button", { name: /^Allow/ }).count(), 0);
	});
}));
