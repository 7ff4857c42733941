/*
 * The caller keys the code in while the agent stays on, on the desk: the agent
 * presses a button, the phone is asked, and the panel shows by itself what comes
 * of it.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, attributesOf, notThe } from "../api/helpers.js";
import { KEY_IN_KEYS, KEY_IN_PROGRAMS, legOf } from "../api/key_ins.js";
import { startStack } from "../api/stack.js";
import { axe, eventually, partsOf, useBrowser } from "./browser.js";

const MARIA = "+12025550101";

describe("a caller who keys the code in while the agent stays on", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack(KEY_IN_KEYS, KEY_IN_PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	/* Ana has a code sent to Maria on the line, and has her asked for it. */
	async function asks() {
		const page = await chrome.newPage(stack, { viewport: { width: 1500, height: 980 } });
		await page.goto(`${stack.url}/sandbox/#agent=ana&task=${ANAS_CALL}`);
		const frame = page.frameLocator("iframe[title=CRMContainer]");
		const panel = partsOf(frame);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		const { call_sid: call } = await attributesOf(stack, ANAS_CALL);
		await panel.button("Let the caller key it in").click();
		await panel.shows("The caller keys it in");
		const phone = page.getByRole("region", { name: "Keypad" });
		const says = (words) => phone.getByRole("status").filter({ hasText: words }).waitFor();
		const keys = async (digits) => {
			for (const digit of digits)
				await phone.getByRole("button", { name: digit, exact: true }).click();
		};
		await says(/Please key in the code/);
		const isBack = () => eventually(async () => (await legOf(stack, call)).connected, true);
		return { page, frame, panel, call, phone, says, keys, isBack };
	}

	test("is verified by it, the panel shows it by itself, and both talk on", async () => {
		const { page, frame, panel, call, phone, keys, isBack } = await asks();
		const leg = await legOf(stack, call);
		assert.deepEqual([leg.connected, leg.conference], [false, "in-progress"]);
		assert.deepEqual(await axe(page), []);
		await keys(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		assert.match(await frame.locator("[data-text]").textContent(), /^Keyed in by the caller at .*, while Ana stayed on\./);
		await panel.infoTab.waitFor();
		await phone.waitFor({ state: "hidden" });
		await isBack();

		const supervisor = await chrome.newPage(stack, { viewport: { width: 1200, height: 900 } });
		await supervisor.goto(`${stack.url}/supervisor/#token=sandbox-sam`);
		await supervisor.getByText("by keypad, while the agent stayed on").first().waitFor();
	});

	test("has three tries, and then the agent is told that the code is to be read out", async () => {
		const { frame, panel, phone, says, keys, isBack } = await asks();
		const wrong = notThe(await stack.lastCode(MARIA));
		await keys(wrong);
		await says(/does not match/);
		await keys("12#");
		await says(/not the whole code/);
		await keys(wrong);
		await phone.waitFor({ state: "hidden" });
		await isBack();
		await frame.getByText("The right code was not keyed in.").first().waitFor();
		await frame.locator("[data-code-input]").fill(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		assert.match(await frame.locator("[data-text]").textContent(), /^Verified by text/);
	});

	test("is brought back by the agent at any time", async () => {
		const { panel, phone, isBack } = await asks();
		await panel.button("Bring the caller back").click();
		await panel.shows("Waiting for code");
		await isBack();
		await phone.waitFor({ state: "hidden" });
	});

	test("is not waited for after hanging up", async () => {
		const { frame, panel, phone, call } = await asks();
		await phone.getByRole("button", { name: "Hang up" }).click();
		await eventually(async () => (await legOf(stack, call)).over, true);
		await frame.getByText("The right code was not keyed in.").first().waitFor();
		await panel.shows("Waiting for code");
	});

	test("is asked in a panel that is in order at 320 pixels, in Spanish, too", async () => {
		const { frame, panel } = await asks();
		const src = await frame.owner().getAttribute("src");
		const page = await chrome.newPage(stack, { viewport: { width: 320, height: 640 } });
		await page.goto(`${stack.url}/?task=${ANAS_CALL}&lang=es${new URL(src, `${stack.url}/sandbox/`).hash}`);
		await partsOf(page).shows("El cliente marca el código");
		assert.deepEqual(await axe(page), []);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
		await partsOf(page).button("Volver con el cliente").click();
		await panel.shows("Waiting for code"); /* the other tab was told */
	});
});
