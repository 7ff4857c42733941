/*
 * The code that cgi-bin/README.md and the guide give a website to ask for PINs with, as
 * it stands there, in each of its languages.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { PROGRAMS } from "./helpers.js";
import { PIN_KEYS, PORTAL_KEY } from "./portal.js";
import { startStack } from "./stack.js";

const textOf = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const sections = /## A PIN from the website\n.*?\n## /s.exec(textOf("cgi-bin/README.md"))[0] +
	/## Asking for PINs\n.*?\n## /s.exec(textOf("deploy/README.md"))[0];
const codeIn = (language) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(sections)[1];

/* PHP is much to install for one test; who has it runs it. */
const NO_PHP = spawnSync("php", ["-v"]).status !== 0 && "there is no php here";

/* Runs a program on what it is given as its source; what it said, once it has ended well. */
function run(command, args, source) {
	const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, PORTAL_KEY } });
	let said = "";
	child.stdout.on("data", (chunk) => { said += chunk; });
	child.stdin.end(source);
	return new Promise((done, failed) => {
		child.on("error", failed);
		child.on("close", (code) => (code === 0 ? done(said) : failed(new Error(`${command} ended with ${code}: ${said}`))));
	});
}

describe("the website's code in the guides", () => {
	let stack;

	before(async () => {
		stack = await startStack(PIN_KEYS, PROGRAMS);
	});
	after(() => stack?.stop());

	const here = (code) => code.replaceAll("https://verify.example.com", stack.url);
	for (const [language, ask] of [
		["sh", (code) => run("sh", [], `set -e\ncustomer=C-100101\n${code}`)],
		["js", (code) => run(process.execPath, ["--input-type=module"],
			`${code}\nconsole.log(JSON.stringify(await pinFor("C-100102")));`)],
		["php", (code) => run("php", [], `<?php\n${code}\necho json_encode(pin_for("C-100103"));`)],
	])
		test(`gets a PIN: ${language}`, { skip: language === "php" && NO_PHP }, async () => {
			const answer = JSON.parse(await ask(here(codeIn(language))));
			assert.equal(answer.success, true, JSON.stringify(answer));
			assert.match(answer.pin, /^\d{6}$/);
			assert.ok(Date.parse(answer.expires_at) > Date.now());
		});
});
