/*
 * The panel's languages: which is chosen, that none lacks a word, and that one
 * which is written from right to left is laid out so.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import en from "../../www/strings/en.js";
import en_around from "../../www/strings/en_around.js";
import en_more from "../../www/strings/en_more.js";
import es from "../../www/strings/es.js";
import es_around from "../../www/strings/es_around.js";
import es_more from "../../www/strings/es_more.js";
import { SCENES as PICTURES, TAKES_OVER } from "../../www/scenes.js";
import { newCall } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { MARIA, answerWith, axe, eventually, openPanel, panelUrl, partsOf, requestsTo, useBrowser } from "./browser.js";

/* Each text's path, with the {names} in it. */
const wordsOf = (words, path = "") => Object.entries(words).flatMap(([name, value]) =>
	(typeof value === "object" ? wordsOf(value, `${path}${name}.`)
		: [`${path}${name}: ${Array.from(value.matchAll(/\{\w+\}/g), String).sort().join(" ")}`]));

describe("the words of the panel", () => {
	for (const [title, english, spanish] of [
		["opened", en, es],
		["at work", en_more, es_more],
		["around it", en_around, es_around],
	])
		test(`are the same in English and Spanish, with the same places to fill in: ${title}`, () => {
			assert.deepEqual(wordsOf(spanish), wordsOf(english));
			assert.notDeepEqual(spanish, english);
		});

	test("are there for each state", () => {
		assert.deepEqual(Object.keys({ ...en.states, ...en_more.states }).sort(), Object.keys(PICTURES).sort());
	});

	test("are there for each refusal that an agent can meet", () => {
		const refusals = readFileSync(new URL("../../src/callcenter/refusal.c", import.meta.url), "utf8");
		const codes = Array.from(refusals.matchAll(/\{ \d{3}, "(\w+)",/g), ([, code]) => code);
		assert.ok(codes.length > 50);
		const programs = /^(incomplete|malformed|unknown|repeated|missing|query|method|body|unsupported|token_too)_|^invalid_(task|channel|locale|action|reason|minutes|time)|^(own_task|override_off|not_locked|unknown_reference|voice_off|not_from_twilio|callbacks_off|links_off|key_in_off|unknown_link|link_expired|link_used)$|^(pins_off|bad_signature|untimely_request|request_replayed|too_many_pins|invalid_nonce)$/;
		const met = codes.filter((code) => !programs.test(code));
		assert.deepEqual(met.filter((code) => !(code in en_more.refusals)), []);
	});

	test("are there for each refusal that takes the panel over, but for those of its address", () => {
		assert.deepEqual(Object.keys(TAKES_OVER).filter((code) => !(code in en_more.refusals)),
			["sign_in_blocked", "invalid_task"]);
	});
});

describe("a panel's language", () => {
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

	for (const [title, locale, query, badge, files] of [
		["that of the browser", "es-MX", "", "Sin verificar", ["es.js"]],
		["English where the browser's is not there", "fi-FI", "", "Not verified", ["en.js"]],
		["that of ?lang=, whatever the browser's", "en-GB", "&lang=es", "Sin verificar", ["es.js"]],
		["the browser's where ?lang= names none that is there", "es-ES", "&lang=../../x", "Sin verificar", ["es.js"]],
	])
		test(`is ${title}, and only its words are loaded`, async () => {
			const page = await chrome.newPage(stack, { locale });
			const loaded = [];
			page.on("request", (request) => {
				const path = new URL(request.url()).pathname;
				if (path.startsWith("/strings/"))
					loaded.push(path.slice("/strings/".length));
			});
			await page.goto(panelUrl(stack).replace("#", `${query}#`));
			await partsOf(page).shows(badge);
			assert.deepEqual(loaded, files);
			await eventually(() => page.evaluate(() => document.documentElement.lang), files[0].slice(0, 2));
		});

	test("is kept through a whole call, which in Spanish reads well to axe-core", async () => {
		const page = await chrome.newPage(stack, { locale: "es-ES", viewport: { width: 320, height: 480 } });
		const panel = partsOf(page);
		await page.goto(panelUrl(stack));
		await panel.shows("Sin verificar");
		await panel.primary.click();
		await panel.says(/^SMS enviado a las \d+:\d\d\. Válido hasta las/);
		await page.keyboard.type("000000");
		await panel.says("Ese código no coincide. Quedan 4 intentos.");
		await page.keyboard.type(await stack.lastCode(MARIA));
		await page.keyboard.press("Enter");
		await panel.shows("Cliente verificado");
		await page.keyboard.press("Enter");
		await panel.says("Número de cuenta");
		await page.getByText("Teclas y ayuda").click();
		await panel.says("lo que dice el botón azul");
		assert.deepEqual(await axe(page), []);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 320);
	});

	test("of the message is the agent's choice, and else the customer's country's", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		const starts = requestsTo(panel.page, "start-verify");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.page.getByLabel("Message language").selectOption({ label: "Spanish" });
		await panel.button("Send again").click();
		await eventually(() => starts.map((body) => JSON.parse(body).locale ?? null), [null, "es"]);
		await panel.says(/^Sent again at/);
		const [{ locale }] = await stack.messages(MARIA);
		assert.equal(locale, "es");
	});

	test("that is written from right to left mirrors the panel, but no number", async () => {
		const page = await chrome.newPage(stack, { viewport: { width: 320, height: 480 } });
		await page.route("**/strings/en.js", async (route) => {
			const answer = await route.fetch();
			await route.fulfill({ response: answer,
				body: (await answer.text()).replace('direction: "ltr"', 'direction: "rtl"') });
		});
		await answerWith(page, "customer-info", 200, { contact: { to: "+1********01", ending: "01", channels: ["sms"] },
			verification: { state: "not_verified", code_length: 6 } });
		await page.goto(panelUrl(stack));
		const panel = partsOf(page);
		await panel.shows("Not verified");
		const edges = await page.evaluate(() => {
			const at = (selector) => document.querySelector(selector).getBoundingClientRect();
			return { icon: at(".status__icon").left, badge: at("h1").left, wide: document.documentElement.scrollWidth };
		});
		assert.ok(edges.icon > edges.badge, "the icon is on the right");
		assert.equal(edges.wide, 320);
		assert.equal(await page.locator("[data-masked]").evaluate((node) => getComputedStyle(node).direction), "ltr");
		assert.deepEqual(await axe(page), []);
	});
});
