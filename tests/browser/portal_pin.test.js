/*
 * A PIN of the account page, from the page to the verified customer.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, PROGRAMS, callFrom, notThe, setAttributes } from "../api/helpers.js";
import { PIN_KEYS, pinOf } from "../api/portal.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, axe, enter, eventually, fieldIsReady, focuses, openAndVerify, openPanel, panelUrl, partsOf, reads,
	useBrowser,
} from "./browser.js";

const MARIAS_ID = "C-100101", MEIS_ID = "C-100114"; /* who has no phone */
const PORTAL_KEY = "sandbox-portal-key-not-a-secret-00"; /* that the account page's server signs with */

describe("with a PIN of the account page, the panel", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, PORTAL_KEY, STRENGTHS: "sms:1 call:1 pin:2",
			INFO_FIELDS: "name account_number:2s", FAILURES_PER_NUMBER_HOUR: 0, PINS_PER_CUSTOMER_HOUR: 0 }, PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await setAttributes(stack, ANAS_CALL, callFrom(MARIA));
	});

	const makePin = (customer) => pinOf(stack, customer, { key: PORTAL_KEY });
	const open = (badge = "Not verified", options) => openPanel(chrome, stack, badge, options);
	const text = ({ page }) => page.locator("[data-text]");

	async function openToEnter() {
		const panel = await open();
		await panel.button("Enter a PIN").click();
		await panel.shows("Waiting for PIN");
		await panel.page.getByLabel("PIN from the customer").waitFor();
		await fieldIsReady(panel);
		return panel;
	}

	async function assertInOrder({ page }) {
		assert.deepEqual(await axe(page), []);
		await page.setViewportSize({ width: 320, height: 640 });
		await eventually(() => page.evaluate(() => document.documentElement.scrollWidth <= 320), true);
		assert.equal(await page.locator(".button--primary:visible").count(), 1);
	}

	test("verifies who reads out what the account page shows him", async () => {
		const site = await chrome.newPage(stack);
		await site.goto(`${stack.url}/sandbox/account.html`);
		await site.locator("[data-who]").selectOption(MARIAS_ID);
		await site.getByRole("button", { name: "Show my PIN" }).click();
		await site.locator("[data-pin]").filter({ hasText: /^\d{6}$/ }).waitFor();
		await reads(site.locator("[data-until]"), /^Good until /);
		assert.deepEqual(await axe(site), []);

		const panel = await open();
		await reads(text(panel), /The customer can also read a PIN from the account page\.$/);
		await panel.button("Enter a PIN").click();
		await panel.shows("Waiting for PIN");
		await focuses(panel.page, "input code");
		await reads(panel.primary, "Check PIN");
		await panel.page.keyboard.type(await site.locator("[data-pin]").textContent());
		await panel.shows("Customer verified");
		await reads(text(panel), /^Verified by PIN at .* by you\./);
		await panel.infoTab.waitFor();
		assert.deepEqual(await stack.messages(MARIA), []);
	});

	test("is in order while it offers and while it takes one", async () => {
		const panel = await open();
		await panel.button("Enter a PIN").waitFor();
		await assertInOrder(panel);
		await panel.button("Enter a PIN").click();
		await panel.shows("Waiting for PIN");
		await assertInOrder(panel);
	});

	test("says what is wrong with one that does not match, and takes the right one then", async () => {
		const pin = await makePin(MARIAS_ID), panel = await openToEnter();
		await enter(panel, notThe(pin));
		const complaint = panel.page.locator("[data-code-error]");
		await complaint.filter({ hasText: "That code does not match. 4 tries left." }).waitFor();
		await panel.shows("Waiting for PIN");
		await panel.page.keyboard.type(pin);
		await panel.page.keyboard.press("Enter");
		await panel.shows("Customer verified");
	});

	test("takes one in place of a code that is out, and goes back to the code if it is told to", async () => {
		const pin = await makePin(MARIAS_ID), panel = await open();
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.button("Enter a PIN").click();
		await panel.shows("Waiting for PIN");
		await panel.button("Go back").click();
		await panel.shows("Waiting for code");
		await panel.button("Enter a PIN").click();
		await panel.shows("Waiting for PIN");
		await enter(panel, pin);
		await panel.shows("Customer verified");
	});

	test("has nothing else to offer for a customer to whom no code can be sent", async () => {
		await setAttributes(stack, ANAS_CALL, { channelType: "web", customers: { external_id: MEIS_ID },
			conversationSid: `CH${Date.now().toString(16).padStart(32, "0")}` });
		const panel = await open();
		await reads(panel.primary, "Enter a PIN");
		await reads(text(panel), /^No code can be sent to this customer\./);
		await assertInOrder(panel);
		await panel.primary.click();
		await panel.shows("Waiting for PIN");
		await fieldIsReady(panel);
		await enter(panel, await makePin(MEIS_ID));
		await panel.shows("Customer verified");
	});

	test("names what a field demands that a text does not prove, and shows it after a PIN", async () => {
		const { page, infoTab, shows } = await openAndVerify(chrome, stack);
		await infoTab.click();
		await page.getByText("Shown once verified by PIN.").waitFor();
		await page.locator("#info").getByRole("button", { name: "Enter a PIN" }).click();
		await shows("Waiting for PIN");
		await page.keyboard.type(await makePin(MARIAS_ID));
		await shows("Customer verified");
		await infoTab.click();
		await page.getByText("EX-100101").waitFor();
	});

	test("speaks Spanish, too", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(panelUrl(stack).replace("?", "?lang=es&"));
		const panel = partsOf(page);
		await panel.shows("Sin verificar");
		await panel.button("Introducir un PIN").click();
		await panel.shows("Esperando el PIN");
		await page.keyboard.type(await makePin(MARIAS_ID));
		await panel.shows("Cliente verificado");
		await reads(text({ page }), /con PIN/);
	});
});
