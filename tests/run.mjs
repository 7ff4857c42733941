// run.mjs KIND:VARIANT... [FILE...]: runs tests and counts them.
//
// KIND is unit (cmocka programs), fuzz (targets over their seeds), api or browser
// (node:test); VARIANT is plain, asan, tsan, memcheck or coverage, which says whose
// binaries are tested, or usual: each file with those that it can find most with.  With FILEs, only those.
// The last line is "N passed, N failed".  A file without tests, one that ends in an
// unclean way, and one that does not end are failures.  "failed at first" names what
// passed only when it was tried again.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(ROOT);

const FILE_TIMEOUT_MS = 900_000;
const RECORD = '\x1e';

const builtAs = (name) => ({ programs: `.build/${name}/cgi-bin`, units: `.build/${name}/unit`, fuzz: `.build/${name}/fuzz`,
	command: `.build/${name}/bin/flex-verify` });

const VARIANTS = {
	plain: { ...builtAs('plain'), programs: 'cgi-bin' },
	asan: builtAs('asan'),
	tsan: builtAs('tsan'),
	memcheck: builtAs('memcheck'),
	coverage: builtAs('coverage'),
};

const KINDS = {
	unit: { directory: 'tests/unit', pattern: /^test_.*\.c$/, command: unitCommand, read: readTap },
	fuzz: { directory: 'tests/fuzz', pattern: /^fuzz_.*\.c$/, command: fuzzCommand, read: readTap },
	api: { directory: 'tests/api', pattern: /\.test\.js$/, command: nodeCommand, read: readRecords },
	browser: { directory: 'tests/browser', pattern: /\.test\.js$/, command: nodeCommand, read: readRecords },
};

// What is about what stands around the programs: installing, web servers, kills,
// costs, what the ledger holds in the end.  A sanitizer would hear nothing there
// that it does not hear in the other files, which have all that the programs read,
// or in make inject.
const PLAIN_USUALLY = ['audit', 'clock', 'cost', 'crash', 'crash_approval', 'host', 'hosts_killed', 'injection', 'install', 'local_stack',
	'monitoring', 'nginx', 'portal_sites', 'program', 'property', 'restart', 'sandbox_sdk', 'secrets', 'spray', 'upkeep', 'web_server_sign_in',
	'web_servers'].map((name) => `tests/api/${name}.test.js`);

// What tries what may come at the same moment, calls that fail, and the gate before a
// customer's data: a fault that shows once is a fault.
const NEVER_TRIED_AGAIN = ['ana', 'audit', 'call_back', 'concurrency', 'contact_on_file', 'crash', 'crash_approval', 'decisions',
	'gate', 'hosts', 'hosts_killed', 'injection', 'key_in', 'limits', 'overload', 'property', 'restart', 'secrets', 'two_calls']
	.map((name) => `tests/api/${name}.test.js`);

// So is what a sanitizer says, and a program that ends by itself, or a file that does not end.
const NEVER_BY_CHANCE = /Sanitizer|runtime error:|ended with status|ended by SIG|did not end within/;

function unitCommand(file, variant) {
	return [join(VARIANTS[variant].units, basename(file, '.c'))];
}

// A few thousand inputs made of a target's seeds; make fuzz looks longer, and with clang.
function fuzzCommand(file, variant) {
	const name = basename(file, '.c').replace('fuzz_', '');
	return [join(VARIANTS[variant].fuzz, name), '3000', `tests/fuzz/seeds/${name}`];
}

function nodeCommand(file) {
	return [process.execPath, '--no-warnings', '--test-reporter=./tests/reporter.mjs', file];
}

// ---- What a test says -------------------------------------------------------

// cmocka's TAP: "ok 1 - name", "not ok 2 - name", and what failed in lines of "# ".
function readTap(output) {
	const results = [];
	for (const line of output.split('\n')) {
		const [, not, name] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
		if (name === undefined) {
			if (line.startsWith('# ') && results.length > 0) results.at(-1).reason += `${line.slice(2)}\n`;
			continue;
		}
		const skipped = /# SKIP/i.test(name);
		results.push({ name, outcome: not ? 'failed' : skipped ? 'skipped' : 'passed', reason: '' });
	}
	return results;
}

function readRecords(output) {
	return output.split('\n')
		.filter((line) => line.startsWith(RECORD))
		.map((line) => JSON.parse(line.slice(RECORD.length)));
}

const withoutRecords = (output) => output.split('\n').filter((line) => !line.startsWith(RECORD)).join('\n').trim();

// ---- Running ----------------------------------------------------------------

const running = new Set();

// Resolves to { output, ending }; ending is undefined after exit status 0.
function execute([program, ...parameters], env) {
	return new Promise((done) => {
		const child = spawn(program, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		let ending;
		const timer = setTimeout(() => {
			ending = `did not end within ${FILE_TIMEOUT_MS / 1000} s`;
			child.kill('SIGTERM');
			setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
		}, FILE_TIMEOUT_MS);
		running.add(child);
		child.stdout.on('data', (data) => { output += data; });
		child.stderr.on('data', (data) => { output += data; });
		child.on('error', (error) => { ending = error.message; });
		child.on('close', (status, signal) => {
			clearTimeout(timer);
			running.delete(child);
			if (signal) ending ??= `ended by ${signal}`;
			else if (status !== 0) ending ??= `ended with status ${status}`;
			done({ output, ending });
		});
	});
}

async function runFile({ kind, variant, file }) {
	const started = Date.now();
	const { output, ending } = await execute(KINDS[kind].command(file, variant), {
		...process.env,
		CMOCKA_MESSAGE_OUTPUT: 'TAP',
		FLEX_VERIFY_BIN: VARIANTS[variant].programs,
		FLEX_VERIFY_COMMAND: VARIANTS[variant].command,
		ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
		UBSAN_OPTIONS: 'print_stacktrace=1',
	});
	const results = KINDS[kind].read(output);
	const fails = results.some(({ outcome }) => outcome === 'failed');
	if (results.length === 0) {
		results.push({ name: 'has tests', outcome: 'failed', reason: ending ?? 'none was run' });
	} else if (ending && !fails) {
		results.push({ name: 'ends as it should', outcome: 'failed', reason: ending });
	}
	return { kind, variant, file, results, output: withoutRecords(output), seconds: (Date.now() - started) / 1000 };
}

const withOutcome = (results, outcome) => results.filter((result) => result.outcome === outcome);

function indented(text) {
	return text.trimEnd().split('\n').map((line) => `      ${line}`).join('\n');
}

function show({ kind, variant, file, results, output, seconds }) {
	const failed = withOutcome(results, 'failed');
	const counts = ['passed', 'failed', 'skipped']
		.map((outcome) => [withOutcome(results, outcome).length, outcome])
		.filter(([count]) => count > 0)
		.map(([count, outcome]) => `${count} ${outcome}`);
	console.log(`${failed.length > 0 ? 'FAILED' : 'ok    '}  ${`${kind}:${variant}`.padEnd(13)}` +
		`  ${file}  ${counts.join(', ')}  ${seconds.toFixed(1)} s`);
	for (const { name, reason } of failed) console.log(`    ${name}\n${indented(reason)}`);
	if (failed.length > 0 && output !== '') console.log(`    --- all that it printed:\n${indented(output)}`);
}

// A few files at a time, in order.
async function runQueue(queue, width) {
	const outcomes = [];
	const work = async () => {
		for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
			const outcome = await runFile(job);
			show(outcome);
			outcomes.push(outcome);
		}
	};
	await Promise.all(Array.from({ length: width }, work));
	return outcomes;
}

// Tests without a browser wait more than they compute.  A browser computes, and one that
// others starve shows nothing for so long that it looks like a fault: it has the machine.
async function runAll(jobs) {
	const width = Math.min(4, availableParallelism());
	const withBrowser = jobs.filter(({ kind }) => kind === 'browser');
	const without = jobs.filter(({ kind }) => kind !== 'browser');
	return [...await runQueue(without, width), ...await runQueue(withBrowser, 1)];
}

// The programs have deadlines, and so do browsers; a machine with other work to do
// may miss one.  So a file or two that failed run once more, alone, and count as they
// end then; how they ended first is printed above, and told again at the end.
const TRIED_AGAIN_AT_MOST = 2;

function mayBeTriedAgain({ kind, file, results, output }) {
	const said = output + results.map(({ reason }) => reason).join('\n');
	return ['api', 'browser'].includes(kind) && !NEVER_TRIED_AGAIN.includes(file) && !NEVER_BY_CHANCE.test(said);
}

async function tryAgain(outcomes) {
	const failed = outcomes.filter(({ results }) => withOutcome(results, 'failed').length > 0);
	const interrupted = process.exitCode !== undefined;
	if (interrupted || outcomes.length === 1 || failed.length > TRIED_AGAIN_AT_MOST || !failed.every(mayBeTriedAgain)) {
		return { outcomes, unsteady: [] };
	}
	const again = [];
	for (const job of failed) {
		console.log(`once more, alone: ${job.file}`);
		again.push(await runFile(job));
		show(again.at(-1));
	}
	const unsteady = failed.filter((_, i) => withOutcome(again[i].results, 'failed').length === 0);
	return { outcomes: [...outcomes.filter((outcome) => !failed.includes(outcome)), ...again], unsteady };
}

// ---- What to run ------------------------------------------------------------

function jobsOf(suite, wanted) {
	const [kind, variant] = suite.split(':');
	const variantOf = (file) => (variant !== 'usual' ? variant : PLAIN_USUALLY.includes(file) ? 'plain' : 'asan');
	const { directory, pattern } = KINDS[kind];
	const files = readdirSync(directory).filter((name) => pattern.test(name)).sort().map((name) => join(directory, name));
	const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.includes(file));
	if (chosen.length === 0) {
		console.log(`${suite}: no ${wanted.join(' ') || 'tests'}; there are:\n  ${files.join('\n  ')}`);
		process.exit(1);
	}
	return chosen.map((file) => ({ kind, variant: variantOf(file), file }));
}

for (const signal of ['SIGINT', 'SIGTERM']) {
	process.on(signal, () => {
		for (const child of running) child.kill('SIGTERM');
		process.exitCode = 1;
	});
}

const isSuite = (word) => {
	const [kind, variant, ...more] = word.split(':');
	return kind in KINDS && (variant in VARIANTS || variant === 'usual') && more.length === 0;
};
const words = process.argv.slice(2);
const wanted = words.filter((word) => !isSuite(word)).map((file) => relative(ROOT, resolve(file)));
const { outcomes, unsteady } = await tryAgain(await runAll(words.filter(isSuite).flatMap((suite) => jobsOf(suite, wanted))));
const resultsOf = (some) => some.flatMap(({ kind, variant, file, results }) =>
	results.map((result) => ({ ...result, where: `${kind}:${variant}  ${file}` })));
const all = resultsOf(outcomes);

for (const { where, name } of withOutcome(resultsOf(unsteady), 'failed')) console.log(`failed at first: ${where}: ${name}`);

for (const outcome of ['skipped', 'failed']) {
	for (const { where, name } of withOutcome(all, outcome)) console.log(`${outcome}: ${where}: ${name}`);
}
const failed = withOutcome(all, 'failed').length;
const passed = withOutcome(all, 'passed').length;
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
