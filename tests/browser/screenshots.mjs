/*
 * screenshots.mjs DIRECTORY [STATE...]: pictures of the desk, of the
 * supervisor's page, and of the panel in every state, light and dark, in a small
 * and a comfortable pane; or in these states only.  `make screenshots` puts them all into .build/screenshots.
 *
 * They are for looking at; no test compares them.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ANAS_CALL, INSTALLED, SAM, setAttributes } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { launch, openPage, partsOf } from "./browser.js";
import { SCENES } from "./scenes.js";
import { afternoon, makeDay } from "./supervised_day.js";

const [directory, ...chosen] = process.argv.slice(2);
if (directory === undefined) {
	console.error("usage: screenshots.mjs DIRECTORY [STATE...]");
	process.exit(2);
}
mkdirSync(directory, { recursive: true });

const SCHEMES = ["light", "dark"];
const WIDTHS = [320, 600];

const stack = await startStack({ FAILURES_PER_NUMBER_HOUR: 5 }, INSTALLED);
const browser = await launch();
const chrome = { newPage: (_, options) => openPage(browser, { reducedMotion: "reduce", ...options }) };

async function shoot(page, name, options) {
	await page.screenshot({ path: join(directory, `${name.replaceAll(/\W+/g, "-")}.png`), ...options });
	console.log(name);
}

/* A call of Maria's of which the ledger knows nothing yet. */
async function fresh() {
	await stack.reset();
	await setAttributes(stack, ANAS_CALL, { direction: "inbound", name: "Maria Santos",
		from: "+12025550101", to: "+12025550100", call_sid: `CA${randomBytes(16).toString("hex")}` });
}

async function desk(colorScheme) {
	const page = await chrome.newPage(stack, { viewport: { width: 1280, height: 800 }, colorScheme,
		deviceScaleFactor: 2 });
	const panel = partsOf(page.frameLocator("iframe"));
	await fresh();
	await page.goto(`${stack.url}/sandbox/`);
	await panel.shows("Not verified");
	await shoot(page, `desk ${colorScheme} 1 not verified`);
	await panel.primary.click();
	await page.getByText("The text says").waitFor();
	await shoot(page, `desk ${colorScheme} 2 code sent`);
	const [digits] = /\d{6}/.exec(await page.getByRole("article").textContent());
	await panel.code.pressSequentially(digits);
	await panel.infoTab.waitFor();
	await shoot(page, `desk ${colorScheme} 3 verified`);
	await panel.primary.click();
	await panel.info.waitFor();
	await shoot(page, `desk ${colorScheme} 4 customer info`);
	await page.getByRole("button", { name: "Hand over to Ben" }).click();
	await page.getByRole("button", { name: "Accept as Ben" }).waitFor();
	await shoot(page, `desk ${colorScheme} 5 handed over`);
	await page.getByRole("button", { name: "How do I get to" }).click();
	await shoot(page, `desk ${colorScheme} 6 list of states`);
	await page.context().close();
}

async function scene(name, colorScheme, width) {
	await fresh();
	const { open, text } = SCENES[name];
	const { page, says } = await open(chrome, stack, { viewport: { width, height: 480 }, colorScheme });
	await says(text);
	await shoot(page, `panel ${colorScheme} ${width} ${name}`, { fullPage: true });
	await page.context().close();
}

async function supervisor(colorScheme, width) {
	const page = await chrome.newPage(stack, { viewport: { width, height: 900 }, colorScheme, timezoneId: afternoon() });
	await page.goto(`${stack.url}/supervisor/#token=${SAM}`);
	await page.locator("[data-rows] tr").first().waitFor();
	await shoot(page, `supervisor ${colorScheme} ${width} 1 the day`, { fullPage: width < 600 });
	await page.locator("[data-rows]").getByRole("button", { name: /^Allow/ }).first().click();
	await shoot(page, `supervisor ${colorScheme} ${width} 2 allowing`);
	await page.context().close();
}

async function supervisors() {
	await stack.reset();
	await makeDay(stack);
	for (const colorScheme of SCHEMES)
		for (const width of [320, 1280])
			await supervisor(colorScheme, width);
}

try {
	if (chosen.length === 0)
		await supervisors();
	for (const colorScheme of SCHEMES) {
		if (chosen.length === 0)
			await desk(colorScheme);
		for (const width of WIDTHS)
			for (const name of chosen.length > 0 ? chosen : Object.keys(SCENES))
				await scene(name, colorScheme, width);
	}
} finally {
	await browser.close();
	await stack.stop();
}
