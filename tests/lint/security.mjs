/*
 * security.mjs [DIRECTORY]: does tests/security.md name tests that there are?
 *
 * Each claim has its row, each row its tests or the reason why there is none,
 * and each test stands under that very name in that very file.  Prints
 * tests/security.md:LINE: what is wrong.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = process.argv[2] ?? '.';
const TABLE = 'tests/security.md';
const CLAIMS = [...Array.from({ length: 35 }, (_, i) => `R${i + 1}`), ...Array.from({ length: 33 }, (_, i) => `T${i + 1}`)];
const TRIED_AT_LEAST = 45;

let broken = false;
function report(line, what) {
	console.log(`${TABLE}:${line}: ${what}`);
	broken = true;
}

const sources = new Map();
function sourceOf(file) {
	if (!sources.has(file))
		sources.set(file, existsSync(file) ? readFileSync(file, 'utf8') : undefined);
	return sources.get(file);
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/* In JavaScript the first argument of a call, as it is written there; in C the name in the list of tests. */
function isTestIn(file, source, name) {
	if (file.endsWith('.c'))
		return new RegExp(`^\\s*\\w*(?:TEST|PLACED|CAPTURED|ON|cmocka_unit_test)\\w*\\(${escaped(name)}\\b`, 'm').test(source);
	return new RegExp(`\\b(?:test|it)\\(\\s*(["'\`])${escaped(name)}\\1`).test(source);
}

function checkRow(line, cells) {
	const named = [...cells.matchAll(/`(tests\/[^`]+)` "([^"]+)"/g)];
	if (named.length === 0 && !/Does not apply: /.test(cells))
		report(line, 'names no test, and does not say "Does not apply: " and why');
	for (const [, file, name] of named) {
		const source = sourceOf(join(ROOT, file));
		if (source === undefined)
			report(line, `there is no ${file}`);
		else if (!isTestIn(file, source, name))
			report(line, `there is no test "${name}" in ${file}`);
	}
	return named.length > 0;
}

const found = [];
let tried = 0;
for (const [i, text] of readFileSync(join(ROOT, TABLE), 'utf8').split('\n').entries()) {
	const [, claim, cells] = /^\| ([RT]\d+) \|(.*)\|$/.exec(text) ?? [];
	if (claim === undefined)
		continue;
	found.push(claim);
	tried += checkRow(i + 1, cells) ? 1 : 0;
}
if (found.join() !== CLAIMS.join())
	report(1, `the rows are not R1 to R35 and T1 to T33, each once: ${CLAIMS.filter((claim) => !found.includes(claim))}`);
if (tried < TRIED_AT_LEAST)
	report(1, `${tried} rows have tests, and ${TRIED_AT_LEAST} should`);
process.exitCode = broken ? 1 : 0;
