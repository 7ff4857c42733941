/*
 * A link by text, on the desk: the agent has it texted, the customer opens it on
 * the phone and presses a button, and the panel and the supervisor's page say so.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANA, ANAS_CALL, agent, newCall } from "../api/helpers.js";
import { MARIA, TAP_KEYS, TAP_PROGRAMS, lastLink, tap, textLink } from "../api/taps.js";
import { startStack } from "../api/stack.js";
import { LANGUAGES } from "../../www/approve/words.js";
import { axe, eventually, fieldIsReady, focused, openPanel, partsOf, requestsTo, useBrowser } from "./browser.js";

const PHONE = { viewport: { width: 320, height: 568 } };

describe("a link by text", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ ...TAP_KEYS, APPROVAL_AGENT_NAME: "on" }, TAP_PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	const openLink = async (url, options = PHONE) => {
		const page = await chrome.newPage(stack, options);
		await page.goto(url);
		return page;
	};
	const title = (page, text) => page.locator("h1", { hasText: text }).waitFor();
	const newLink = () => textLink(stack, ANAS_CALL).then(() => lastLink(stack));

	test("goes from the panel to the phone on the desk, and the customer's yes to the panel by itself", async () => {
		const desk = await chrome.newPage(stack);
		await desk.goto(`${stack.url}/sandbox/#agent=ana&task=${ANAS_CALL}`);
		const panel = partsOf(desk.frameLocator("iframe[title=CRMContainer]"));
		await panel.shows("Not verified");
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");

		const opened = desk.context().waitForEvent("page");
		await desk.locator("[data-messages] a").click();
		const phone = await opened;
		await title(phone, "Are you on a call with Example Energy now?");
		await phone.getByText("You are speaking with Ana.").waitFor();
		assert.doesNotMatch(await phone.locator("body").textContent(), /Maria|Santos|555/);
		await panel.shows("Waiting for the customer’s tap"); /* opening it decided nothing */
		await phone.getByRole("button", { name: "Yes, that is me" }).click();
		await title(phone, "Thank you");

		await panel.shows("Customer verified");
		assert.match(await desk.frameLocator("iframe[title=CRMContainer]").locator("[data-text]").textContent(),
			/^Verified by link at .* by you\./);
		await panel.infoTab.waitFor();
	});

	test("that is answered with no stops the agent at once, and the supervisor sees it", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		const phone = await openLink((await lastLink(stack)).url);
		await phone.getByRole("button", { name: "I am not on a call" }).click();
		await title(phone, "Thank you for telling us");
		await panel.shows("The customer says: not on a call");
		assert.equal(await panel.page.locator("[data-status]").getAttribute("data-tone"), "alarm");
		assert.deepEqual(await axe(panel.page), []);

		const supervisor = await chrome.newPage(stack, { viewport: { width: 1200, height: 900 } });
		await supervisor.goto(`${stack.url}/supervisor/#token=sandbox-sam`);
		await supervisor.getByText("The customer said by the link: not on a call.").first().waitFor();
	});

	test("opens a page that is in order at 320 pixels, by keyboard and to axe-core, and in Spanish", async () => {
		const { url, token } = await newLink();
		const page = await openLink(url, { ...PHONE, locale: "es-MX" });
		await title(page, "¿Está ahora en una llamada con Example Energy?");
		assert.deepEqual(await axe(page), []);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
		const sizes = await page.locator("button").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
		assert.ok(sizes.every((height) => height >= 48));
		const asked = requestsTo(page, "approve-verify");
		await page.keyboard.press("Tab");
		await page.keyboard.press("Tab");
		assert.equal(await focused(page), "button No estoy en ninguna llamada");
		await page.keyboard.press("Shift+Tab");
		await page.keyboard.press("Enter");
		await title(page, "Gracias");
		assert.equal(await focused(page), "h1 Gracias");
		assert.deepEqual(await axe(page), []);
		assert.deepEqual(asked.map((body) => JSON.parse(body)), [{ token, action: "yes" }]);
		await page.reload();
		await title(page, "Este enlace ya se respondió");
	});

	test("leaves its token in no address that a server is sent, and no Referer", async () => {
		const { url, token } = await newLink();
		const page = await chrome.newPage(stack, PHONE);
		const seen = [];
		page.on("request", (request) => seen.push(request.url(), request.headers().referer ?? ""));
		await page.goto(url);
		await title(page, "Are you on a call");
		assert.ok(seen.length > 8);
		assert.deepEqual(seen.filter((text) => text.includes(token) && !text.includes(`#${token}`)), []);
		assert.ok(!stack.log("nginx").includes(token));
	});

	test("says what is wrong with it, and offers no button", async () => {
		const { url, token } = await newLink();
		const page = await openLink(url.slice(0, -1));
		await title(page, "This link is not whole");
		assert.equal(await page.locator("button:visible").count(), 0);
		await agent(stack, ANA).cancelLink(ANAS_CALL);
		await page.goto("about:blank");
		await page.goto(url);
		await page.getByRole("button", { name: "Yes, that is me" }).click();
		await title(page, "This link is no longer valid");
		assert.equal(await page.locator("button:visible").count(), 0);
		assert.equal((await tap(stack, token, "yes")).status, 410);
	});

	test("keeps its question when an answer does not get through", async () => {
		const page = await openLink((await newLink()).url);
		await title(page, "Are you on a call");
		await page.route("**/approve-verify", (route) => route.abort());
		await page.getByRole("button", { name: "Yes, that is me" }).click();
		await page.getByText("Your answer did not get through. Press once more.").waitFor();
		await page.unrouteAll();
		await page.getByRole("button", { name: "Yes, that is me" }).click();
		await title(page, "Thank you");
	});

	test("knows its own answer again when only the word that it got through was lost", async () => {
		const page = await openLink((await newLink()).url);
		await title(page, "Are you on a call");
		await page.route("**/approve-verify", async (route) => {
			await route.fetch();
			await route.abort();
		});
		const yes = page.getByRole("button", { name: "Yes, that is me" });
		await yes.click();
		await page.getByText("Your answer did not get through. Press once more.").waitFor();
		await page.unrouteAll();
		await yes.click();
		await title(page, "Thank you");
	});

	test("is taken back by the agent, or gives way to a code", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		assert.deepEqual(await axe(panel.page), []);
		await panel.page.setViewportSize({ width: 320, height: 640 });
		assert.ok(await panel.page.evaluate(() => document.documentElement.scrollWidth <= 320));
		await panel.button("Take the link back").click();
		await panel.shows("Not verified");
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		await panel.button("Send code by text").click();
		await panel.shows("Waiting for code");
		assert.equal((await stack.messages(MARIA)).length, 3);
	});

	test("has the same words in both languages, with the same places to fill in", () => {
		const shape = (words) => Object.entries(words).map(([name, value]) => [name, typeof value === "object" ? shape(value)
			: name === "language" || Array.from(value.matchAll(/\{\w+\}/g), String).sort().join()]);
		assert.deepEqual(shape(LANGUAGES.es), shape(LANGUAGES.en));
	});

	test("that is answered with no after a code verified somebody closes the data in the panel by itself", async () => {
		const panel = await openPanel(chrome, stack, "Not verified", { clock: true });
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		const { token } = await lastLink(stack);
		await panel.button("Send code by text").click();
		await panel.shows("Waiting for code");
		await fieldIsReady(panel);
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		await panel.infoTab.waitFor();
		assert.equal((await tap(stack, token, "no")).status, 200);
		const looked = panel.page.waitForResponse("**/customer-info");
		await panel.page.clock.runFor(16000);
		await looked;
		await panel.shows("The customer says: not on a call");
		assert.equal(await panel.infoTab.count(), 0);
	});

	test("is found answered also by a panel whose server takes longer than it looks", async () => {
		const panel = await openPanel(chrome, stack, "Not verified", { clock: true });
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		assert.equal((await tap(stack, (await lastLink(stack)).token, "yes")).status, 200);
		const waiting = [];
		await panel.page.route("**/customer-info", (route) => waiting.push(route));
		await panel.page.clock.runFor(14000);
		await eventually(() => waiting.length, 1);
		await waiting[0].continue();
		await panel.shows("Customer verified");
	});

	test("gives the customer the buttons back when no answer comes", async () => {
		const page = await openLink((await newLink()).url, { ...PHONE, clock: true });
		await title(page, "Are you on a call");
		await page.route("**/approve-verify", () => {});
		await page.getByRole("button", { name: "Yes, that is me" }).click();
		await page.getByText("Sending your answer…").waitFor();
		await page.clock.runFor(21000);
		await page.getByText("Your answer did not get through. Press once more.").waitFor();
	});
});

describe("a link by text where codes wait", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ ...TAP_KEYS, RESEND_AFTER_SECONDS: 30 }, TAP_PROGRAMS);
	});
	after(() => stack?.stop());

	test("waits as well, and the panel says so before it is pressed", async () => {
		await newCall(stack);
		const panel = await openPanel(chrome, stack, "Not verified");
		await panel.button("Text a link").click();
		await panel.shows("Waiting for the customer’s tap");
		await panel.says(/^The next code can be sent in \d+ s\.$/);
		assert.equal(await panel.button("Text a new link").isDisabled(), true);
	});
});
