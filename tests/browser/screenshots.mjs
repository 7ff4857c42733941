/*
 * screenshots.mjs DIRECTORY: pictures of the desk, and of the panel in every
 * scene, light and dark, in a small and a comfortable pane.
 *
 *   node tests/browser/screenshots.mjs tests/browser/screens
 *
 * They are for looking at; no test compares them.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ANAS_CALL, setAttributes } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { launch, openPage, partsOf } from "./browser.js";
import { SCENES } from "./scenes.js";

const directory = process.argv[2];
if (directory === undefined) {
	console.error("usage: screenshots.mjs DIRECTORY");
	process.exit(2);
}
mkdirSync(directory, { recursive: true });

const SCHEMES = ["light", "dark"];
const WIDTHS = [320, 600];

const stack = await startStack();
const browser = await launch();
const chrome = { newPage: (_, options) => openPage(browser, { reducedMotion: "reduce", ...options }) };

async function shoot(page, name, options) {
	await page.screenshot({ path: join(directory, `${name.replaceAll(" ", "-")}.png`), ...options });
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
	const { page } = await SCENES[name](chrome, stack, { viewport: { width, height: 480 }, colorScheme });
	await shoot(page, `panel ${colorScheme} ${width} ${name}`, { fullPage: true });
	await page.context().close();
}

try {
	for (const colorScheme of SCHEMES) {
		await desk(colorScheme);
		for (const width of WIDTHS)
			for (const name of Object.keys(SCENES))
				await scene(name, colorScheme, width);
	}
} finally {
	await browser.close();
	await stack.stop();
}
