/*
 * How the panel looks and reads: contrast, names and roles by axe-core, and
 * that it fits where it is shown.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { axe, openAndSend, useBrowser } from "./browser.js";
import { SCENES } from "./scenes.js";

/* A pane beside a call may be this small. */
const SMALL = { viewport: { width: 320, height: 300 } };

describe("the panel", () => {
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

	const openHelp = async (page) => {
		await page.getByText("Keys and help").click();
		await page.getByText("what the blue button says").waitFor();
		const tell = page.getByText("For your supervisor", { exact: true });
		if (await tell.isVisible())
			await tell.click();
	};
	const wideOf = (page) => page.evaluate(() => document.documentElement.scrollWidth);

	for (const [name, { open }] of Object.entries(SCENES)) {
		test(`reads well to axe-core at 320 pixels, light and dark, and fits at 200 %: ${name}`, async () => {
			const { page } = await open(chrome, stack, SMALL);
			await openHelp(page);
			for (const colorScheme of ["light", "dark"]) {
				await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
				assert.deepEqual(await axe(page), [], colorScheme);
			}
			assert.equal(await wideOf(page), 320);
			/* A pane of 400 pixels, zoomed to 200 %. */
			await page.setViewportSize({ width: 200, height: 300 });
			assert.deepEqual(await axe(page), [], "200 %");
			assert.equal(await wideOf(page), 200);
		});
	}

	for (const name of ["not verified", "code sent", "verified", "nobody signed in", "locked", "stopped"]) {
		test(`has its main action within the first 300 pixels of a small pane: ${name}`, async () => {
			const { primary } = await SCENES[name].open(chrome, stack, SMALL);
			const { y, height } = await primary.boundingBox();
			assert.ok(y + height <= 300, `ends at ${y + height}`);
		});
	}

	test("folds nothing away that is not there: without a contact there is nothing to tell a supervisor", async () => {
		const { page } = await SCENES["no task"].open(chrome, stack);
		assert.equal(await page.locator("[data-tell]").isVisible(), false);
		await page.keyboard.press("t");
		assert.equal(await page.locator("[data-tell]").isVisible(), false);
		const { page: other } = await SCENES["not verified"].open(chrome, stack);
		assert.equal(await other.locator("[data-tell]").isVisible(), true);
	});

	test("has controls of at least 24 by 24 pixels", async () => {
		for (const name of ["code sent", "customer info"]) {
			const { page } = await SCENES[name].open(chrome, stack, SMALL);
			const small = await page.locator("button:visible, summary:visible, input:visible").evaluateAll((nodes) =>
				nodes.filter((node) => node.getBoundingClientRect().height < 24
					|| node.getBoundingClientRect().width < 24).map((node) => node.outerHTML));
			assert.deepEqual(small, []);
			await newCall(stack);
		}
	});

	test("keeps borders and icons when colours are forced", async () => {
		const { page, status, primary } = await openAndSend(chrome, stack, { forcedColors: "active" });
		for (const part of [status, primary, page.locator("#code")]) {
			const border = await part.evaluate((node) => getComputedStyle(node).borderTopColor);
			assert.notEqual(border, "rgba(0, 0, 0, 0)");
		}
	});

	test("moves nothing when the agent wants no motion", async () => {
		const { page } = await openAndSend(chrome, stack, { reducedMotion: "reduce" });
		assert.deepEqual(await page.evaluate(() => document.getAnimations().length
			+ Array.from(document.querySelectorAll("*")).filter((node) =>
				getComputedStyle(node).transitionDuration !== "0s").length), 0);
	});
});
