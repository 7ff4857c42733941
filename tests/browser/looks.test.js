/*
 * How the panel looks and reads: contrast, names and roles by axe-core, and
 * that it fits where it is shown.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { newCall } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { ANSWERS } from "./answers.js";
import {
	answerWith, axeInLightAndDark, eventually, openAndSend, pace, panelUrl, partsOf, useBrowser,
} from "./browser.js";
import { SCENES } from "./scenes.js";

/* A pane beside a call may be this small; and this is one of 400 pixels, zoomed to 200 %. */
const SMALL = { width: 320, height: 300 };
const ZOOMED = { width: 200, height: 300 };

/* Those in which an agent must not have to look for the main action. */
const AT_HAND = ["not verified", "code sent", "verified", "nobody signed in", "locked", "stopped"];

/* Answers that take the panel over. */
const REFUSALS = {
	"nobody signed in": [401, "agent_not_signed_in"], "to sign in": [401, "sign_in_needed"],
	"sign-in window blocked": [401, "sign_in_window_blocked"], "sign-in kept from frames": [401, "sign_in_blocked"],
	"a visitor's token": [403, "agent_not_allowed"], "not your contact": [403, "not_your_task"],
	"contact ended": [403, "task_closed"], "no number": [422, "no_number"],
};

/* Of these only the sentence is another one than in a scene that is judged. */
const ALIKE = ["sign-in ran out", "contact that rings", "contact that never was", "number withheld"];

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

	const openAll = async (page) => {
		await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
		await page.getByText("what the blue button says").waitFor();
	};
	const assertFits = (page, { width }) =>
		eventually(() => page.evaluate(() => document.documentElement.scrollWidth), width);

	const assertLooksWell = async ({ page, primary }, name) => {
		if (AT_HAND.includes(name))
			await eventually(async () => (await primary.boundingBox()).y + (await primary.boundingBox()).height <= 300, true);
		await openAll(page);
		await assertFits(page, SMALL);
		assert.deepEqual(await axeInLightAndDark(page, ZOOMED), [], name);
		await assertFits(page, ZOOMED);
	};

	for (const [name, { open, badge, text }] of Object.entries(SCENES)) {
		if (name in ANSWERS || name in REFUSALS || ALIKE.includes(name))
			continue;
		test(`reads well to axe-core at 320 pixels, light and dark, and fits at 200 %: ${name}`, async () => {
			const panel = await open(chrome, stack, { viewport: SMALL });
			await panel.shows(badge);
			await panel.says(text);
			await assertLooksWell(panel, name);
		});
	}

	test("does so, as it goes from one to the other, in every state that an answer can bring", async () => {
		const page = await chrome.newPage(stack);
		const panel = { page, ...partsOf(page) };
		await pace(page, 0.001); /* none passes by itself */
		for (const [index, name] of [...Object.keys(ANSWERS), ...Object.keys(REFUSALS)].entries()) {
			const [status, code] = REFUSALS[name] ?? [200];
			await page.unroute("**/customer-info");
			await answerWith(page, "customer-info", status, ANSWERS[name]?.() ?? { code });
			await page.setViewportSize(SMALL);
			await (index === 0 ? page.goto(panelUrl(stack)) : page.evaluate(() => dispatchEvent(new Event("online"))));
			await panel.shows(SCENES[name].badge);
			await panel.says(SCENES[name].text);
			await assertLooksWell(panel, name);
		}
	});

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
			const { page } = await SCENES[name].open(chrome, stack, { viewport: SMALL });
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
