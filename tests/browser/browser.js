/*
 * browser: what the browser tests share: Chromium, pages that are watched for
 * faults, and the panel's parts.
 *
 * Every page that newPage opens is judged after its test: an error in the
 * console, a breach of the Content Security Policy, or a request to another
 * host than the stack's fails the test.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { chromium } from "playwright-core";

import { ANAS_CALL } from "../api/helpers.js";

/*
 * The shell is Chromium without its windows and menus, at half the work.  What a
 * test sets apart, by flags or by a profile, is for the whole Chromium to heed.
 */
const SHELL = process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell";
const WHOLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--renderer-process-limit=1"]; /* for each context, see useContexts() */

/* A busy machine takes its time, and a test that passes does not take this long. */
const PATIENCE_MS = 30000;

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* ---- Pages ------------------------------------------------------------------ */

/* Chromium says so of every answer that is not 2xx; whether it should be one is the test's matter. */
const isAnswer = (text) => text.startsWith("Failed to load resource");

/* A server that is gone, or a request the test broke, is no fault of the page's. */
function watch(page, hosts) {
	const faults = [];
	page.on("console", (message) => {
		if (message.type() === "error" && !isAnswer(message.text()))
			faults.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
	page.on("request", (request) => {
		const url = new URL(request.url());
		if (url.protocol !== "data:" && !hosts.includes(url.host))
			faults.push(`request to another host: ${url}`);
	});
	return faults;
}

export const launch = (flags = []) =>
	chromium.launch({ executablePath: flags.length > 0 ? WHOLE : SHELL, args: [...FLAGS, ...flags] });

/* With a profile that has preferences of its own; the context is all there is of this browser. */
export const launchProfile = (directory) =>
	chromium.launchPersistentContext(directory, { executablePath: WHOLE, args: FLAGS, locale: "en-US",
		timezoneId: "UTC" });

const SMALL_PANE = { width: 400, height: 700 };

async function openContext(browser, options) {
	const context = await browser.newContext({ locale: "en-US", timezoneId: "UTC", viewport: SMALL_PANE, ...options });
	context.setDefaultTimeout(PATIENCE_MS);
	return context;
}

/* A page of its own, with no storage shared. */
export const openPage = async (browser, options) => (await openContext(browser, options)).newPage();

/*
 * Contexts of a browser, by their options.  A context and the process that draws
 * its pages are most of what a page costs, so tests have theirs one after the other:
 * an empty page keeps the process, and nothing of a test is left when it ends.
 */
function useContexts(browser) {
	const contexts = new Map();
	const clocked = [];

	async function start(options) {
		const context = await openContext(browser, options);
		const empty = await context.newPage();
		const storage = await context.newCDPSession(empty);
		context.clock.install = () => assert.fail("a page with a clock of the test's is opened with { clock: true }");
		return { context, empty, storage };
	}

	/* A clock cannot be taken away again. */
	async function startClocked(options) {
		const context = await openContext(browser, options);
		await context.clock.install();
		clocked.push(context);
		return context;
	}

	async function clear({ context, empty, storage }) {
		const pages = context.pages().filter((page) => page !== empty);
		const origins = new Set(pages.map((page) => new URL(page.url()).origin));
		await context.unrouteAll({ behavior: "ignoreErrors" });
		/* What a test holds up on its way may come when the page is gone. */
		await Promise.all(pages.map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
		await Promise.all(pages.map((page) => page.close()));
		await Promise.all([context.clearCookies(), context.clearPermissions(), context.setOffline(false),
			...Array.from(origins, (origin) =>
				storage.send("Storage.clearDataForOrigin", { origin, storageTypes: "local_storage" }))]);
	}

	return {
		async of({ clock = false, ...options }) {
			if (clock)
				return startClocked(options);
			const key = JSON.stringify(options);
			contexts.set(key, contexts.get(key) ?? start(options));
			return (await contexts.get(key)).context;
		},
		async clear() {
			await Promise.all((await Promise.all(contexts.values())).map(clear));
			await Promise.all(clocked.splice(0).map((context) => context.close()));
		},
	};
}

/*
 * Chromium for a test file; newPage opens a page for a test, which is judged and closed after it.
 * With { clock: true } the page's time is the test's, by page.clock.
 */
export function useBrowser({ flags = [] } = {}) {
	const open = [];
	let contexts;
	const own = {
		browser: null,

		/* For a test that provokes faults: those that it expects. */
		forgive(pattern) {
			for (const faults of open)
				faults.splice(0, faults.length, ...faults.filter((fault) => !pattern.test(fault)));
		},

		/* also: further servers that it may ask. */
		async newPage(stack, { also = [], viewport = SMALL_PANE, ...options } = {}) {
			const page = await (await contexts.of(options)).newPage();
			open.push(watch(page, [stack, ...also].map(({ url }) => new URL(url).host)));
			await page.setViewportSize(viewport);
			return page;
		},
	};

	before(async () => {
		own.browser = await launch(flags);
		contexts = useContexts(own.browser);
	});
	afterEach(async () => {
		await contexts.clear();
		assert.deepEqual(open.splice(0).flat(), []);
	});
	after(() => own.browser?.close());
	return own;
}

/*
 * Makes the pauses of a page pass so many times as fast, for a test that is not
 * about them; or slower, for a state that would pass.
 */
export const pace = (page, times) => page.addInitScript((rate) => {
	for (const name of ["setTimeout", "setInterval"]) {
		const start = window[name];
		window[name] = (does, milliseconds, ...more) => start(does, milliseconds / rate, ...more);
	}
}, times);

const isWanted = (got, wanted) => (wanted instanceof RegExp ? wanted.test(got) : JSON.stringify(got) === JSON.stringify(wanted));

/* Asks until the answer is as wanted, or matches; the last one is in the error. */
export async function eventually(ask, wanted) {
	const end = Date.now() + PATIENCE_MS;
	for (;;) {
		const got = await ask();
		if (isWanted(got, wanted))
			return;
		if (Date.now() > end)
			assert.fail(`${JSON.stringify(got)}, and not ${wanted instanceof RegExp ? wanted : JSON.stringify(wanted)}`);
		await sleep(50);
	}
}

/* Waits for the words of an element. */
export const reads = (locator, wanted) => eventually(() => locator.textContent(), wanted);

/* A promise, and what settles it. */
export function deferred() {
	const parts = {};
	parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
	return parts;
}

/* ---- The panel -------------------------------------------------------------- */

export const panelUrl = (stack, { task = ANAS_CALL, token = "sandbox-ana" } = {}) =>
	`${stack.url}/?task=${task}${token === null ? "" : `#token=${token}`}`;

/* The parts of a panel, in a page or in a frame. */
export function partsOf(page) {
	return {
		badge: page.locator("h1"),
		status: page.locator("[data-status]"),
		notice: page.locator("[data-notice]"),
		primary: page.locator("[data-primary]"),
		code: page.getByLabel(/^(Code|PIN) from the customer$/),
		error: page.locator("[data-code-error]"),
		infoTab: page.getByRole("tab", { name: "Info" }),
		info: page.getByRole("tabpanel", { name: "Info" }),
		button: (name) => page.getByRole("button", { name, exact: true }),
		/* Waits for the badge. */
		shows: (badge) => page.locator("h1", { hasText: exactly(badge) }).waitFor().catch(async (error) => {
			throw new Error(`${error.message}\nThe page says:\n${await page.locator("body").innerText()}`);
		}),
		says: (text) => page.getByText(text).locator("visible=true").first().waitFor(),
	};
}

const exactly = (text) =>
	(text instanceof RegExp ? text : new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));

/* Opens the panel and waits for a badge. */
export async function openPanel(chrome, stack, badge, { task, token, ...options } = {}) {
	const page = await chrome.newPage(stack, options);
	await page.goto(panelUrl(stack, { task, token }));
	const panel = partsOf(page);
	await panel.shows(badge);
	return { page, ...panel };
}

/* Until the code field is listened to: what was typed before that is taken as one entry. */
export const fieldIsReady = ({ code }) => code.evaluate(async () => {
	await import("/parts.js"); /* as the panel has begun to */
	await import("/code_field.js");
});

/* To the moment when a code is out and the agent may type. */
export async function openAndSend(chrome, stack, options) {
	const panel = await openPanel(chrome, stack, "Not verified", options);
	await panel.primary.click();
	await panel.shows("Waiting for code");
	await fieldIsReady(panel);
	return panel;
}

export const MARIA = "+12025550101";

/* To Verified, with the customer's data there. */
export async function openAndVerify(chrome, stack, options) {
	const panel = await openAndSend(chrome, stack, options);
	await panel.page.keyboard.type(await stack.lastCode(options?.number ?? MARIA));
	await panel.shows("Customer verified");
	await panel.infoTab.waitFor();
	return panel;
}

/* Types a code; Enter is pressed for what does not check itself. */
export async function enter({ page, code }, digits) {
	await code.fill(digits);
	await page.keyboard.press("Enter");
}

/* The element that has the focus: its role or tag, and its words. */
export const focused = (page) => page.evaluate(() => {
	const { tagName, textContent, id } = document.activeElement;
	if (tagName === "BODY")
		return "body";
	return `${tagName.toLowerCase()} ${id === "code" ? "code" : textContent.trim()}`;
});

/* Waits for the focus to be there. */
export const focuses = (page, wanted) => eventually(() => focused(page), wanted);

/* Requests to a program, as they go out. */
export function requestsTo(page, program) {
	const bodies = [];
	page.on("request", (request) => {
		if (new URL(request.url()).pathname === `/${program}`)
			bodies.push(request.postData());
	});
	return bodies;
}

/*
 * Those requests did not go out: what a page asks is told in its order, and something
 * that it is made to ask now comes after what it would have asked before.
 */
export async function nothingIsAsked({ page }, requests) {
	await page.evaluate(() => fetch("/icon.svg", { cache: "no-store" }));
	assert.deepEqual(requests, []);
}

/* Answers a program's next requests with a body of the test's own, for what the sandbox cannot produce. */
export async function answerWith(page, program, status, body) {
	await page.route(`**/${program}`, (route) => route.fulfill({ status, contentType: "application/json",
		body: JSON.stringify({ success: status === 200, now: new Date().toISOString(),
			request_id: "00000000000000000000000000000abc", ...body }) }));
}

/* What a screen reader is given to say: the texts of the live regions, in order. */
export async function listen(page) {
	await page.addInitScript(() => {
		window.heard = [];
		document.addEventListener("DOMContentLoaded", () => {
			for (const region of document.querySelectorAll("[role=status], [role=alert]"))
				new MutationObserver(() => {
					if (region.textContent !== "")
						window.heard.push(region.textContent);
				}).observe(region, { childList: true, characterData: true, subtree: true });
		});
	});
	return () => page.evaluate(() => window.heard);
}

/* Sentences with TIME for each time of day in them. */
export const withoutTimes = (sentences) => sentences.map((text) => text.replace(/\d+:\d\d\s[AP]M/g, "TIME"));

/* ---- Judging ----------------------------------------------------------------- */

/* What can differ in the dark, or in a narrower pane. */
const BY_COLOR = ["color-contrast"];
const BY_SIZE = ["target-size", "scrollable-region-focusable"];

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/*
 * All that axe-core finds in a page or frame, as short lines; or only what these
 * rules find.  Nothing moves: what fades in has little contrast for a moment.
 */
export async function axe(frame, rules) {
	await (frame.page?.() ?? frame).emulateMedia({ reducedMotion: "reduce" });
	if (!await frame.evaluate(() => "axe" in window))
		await frame.evaluate(AXE);
	const violations = await frame.evaluate(async (runOnly) => (await window.axe.run(document, {
		iframes: false, preload: false, resultTypes: ["violations"], runOnly,
	})).violations, rules ?? TAGS);
	return violations.flatMap(({ id, help, nodes }) =>
		nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 120)}: ${node.failureSummary}`));
}

/* The same in light, and in the dark, there perhaps in a pane of another size, as far as it could be different. */
export async function axeInLightAndDark(page, size) {
	const at = async (colorScheme, rules) => {
		await page.emulateMedia({ colorScheme });
		return (await axe(page, rules)).map((line) => `${colorScheme}: ${line}`);
	};
	const found = await at("light");
	if (size !== undefined)
		await page.setViewportSize(size);
	return [...found, ...await at("dark", size === undefined ? BY_COLOR : [...BY_COLOR, ...BY_SIZE])];
}
