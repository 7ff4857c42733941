/*
 * screenshots.mjs DIRECTORY: pictures of the desk, of the supervisor's page, and
 * of the panel in every scene, light and dark, in a small and a comfortable pane.
 *
 *   node tests/browser/screenshots.mjs tests/browser/screens
 *
 * They are for looking at; no test compares them.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ANA, ANAS_CALL, BEN, BENS_CALL, SAM, agent, newCall, notThe, setAttributes } from "../api/helpers.js";
import { letTake, moveBack } from "../api/history.js";
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

const stack = await startStack({ FAILURES_PER_NUMBER_HOUR: 5 });
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

/* ---- The supervisor's page ---- */

const MINUTE = 60000, HOUR = 60 * MINUTE;

/* Of each hour of the day before this one: verified, not verified, seconds that it took. */
const DAY = [[3, 1, 41], [6, 1, 33], [9, 2, 28], [11, 1, 24], [8, 1, 26], [5, 1, 31], [9, 1, 22], [10, 2, 25], [4, 0, 27]];

/* It is afternoon where the supervisor is. */
function afternoon() {
	const east = (39 - new Date().getUTCHours()) % 24;
	return east <= 14 ? `Etc/GMT-${east}` : `Etc/GMT+${24 - east}`;
}

async function aDay(people) {
	let number = 447700900000;
	let turn = 0;
	const contact = async () => {
		const [who, task] = people[turn++ % people.length];
		number = number === 447700900999 ? 447700900000 : number + 1;
		const to = `+${number}`;
		await newCall(stack, { from: to, task });
		return { who, task, to };
	};
	const verified = async (ago, took) => {
		const { who, task, to } = await contact();
		await who.start(task, { channel: turn % 4 === 0 ? "call" : "sms" });
		const answer = await who.check(task, await stack.lastCode(to));
		letTake(stack, answer, took);
		moveBack(stack, answer, ago);
	};
	const canceled = async (ago) => {
		const { who, task } = await contact();
		const answer = await who.start(task);
		await who.cancel(task);
		moveBack(stack, answer, ago);
	};
	const many = (count, make) => Array.from({ length: count }, (_, index) => () => make(index));
	const hours = DAY.toReversed().flatMap(([good, bad, seconds], ago) => [
		...many(good, (i) => verified(ago * HOUR + (i * 5 + 4) * MINUTE, (seconds + (i % 3 - 1) * 6) * 1000)),
		...many(bad, (i) => canceled(ago * HOUR + (i * 9 + 7) * MINUTE)),
	]);
	for (const make of hours)
		await make();
	return contact;
}

async function supervision() {
	const sam = agent(stack, SAM);
	await stack.reset();
	const contact = await aDay([[agent(stack, ANA), ANAS_CALL], [agent(stack, BEN), BENS_CALL]]);
	const allowed = await contact();
	await sam.override(allowed.task, { reason: "Lost the phone; known by account and voice.", minutes: "10" });
	const locked = await contact();
	const sent = await locked.who.start(locked.task);
	for (let i = 0; i < 5; i++)
		await locked.who.check(locked.task, notThe(await stack.lastCode(locked.to)));
	moveBack(stack, sent, 3 * MINUTE);
	const stopped = await contact();
	await stopped.who.start(stopped.task);
	moveBack(stack, await stopped.who.stop(stopped.task), 12 * MINUTE);
	const open = await contact();
	await open.who.start(open.task);
}

async function supervisor(colorScheme, width) {
	const page = await chrome.newPage(stack, { viewport: { width, height: 900 }, colorScheme, deviceScaleFactor: 1,
		timezoneId: afternoon() });
	await page.goto(`${stack.url}/supervisor/#token=${SAM}`);
	await page.locator("[data-rows] tr").first().waitFor();
	await shoot(page, `supervisor ${colorScheme} ${width} 1 the day`, { fullPage: width < 600 });
	await page.locator("[data-rows]").getByRole("button", { name: /^Allow/ }).first().click();
	await shoot(page, `supervisor ${colorScheme} ${width} 2 allowing`);
	await page.context().close();
}

try {
	await supervision();
	for (const colorScheme of SCHEMES)
		for (const width of [320, 1280])
			await supervisor(colorScheme, width);
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
