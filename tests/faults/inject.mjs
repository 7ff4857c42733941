// inject.mjs [REQUEST...]: fails each call that a request, a command or a program's start leads to, in
// turn; see injection.js and command_injection.js.
//
// From the environment: EVERY=n tries every n-th place only, from FROM to UPTO; LASTS=1 lets all calls
// behind the place fail as well.  The last line says how it went.
import { COMMANDS, START, injectEachOf, startBench } from "./command_injection.js";
import { KINDS, KINDS_AT_START, injectEach, startRig } from "./injection.js";
import { REQUESTS } from "./requests.js";

const { EVERY = "1", FROM = "1", UPTO = "Infinity", LASTS = "", KIND = Object.keys({ ...KINDS, ...KINDS_AT_START }).join(" ") } = process.env;
const options = { every: Number(EVERY), from: Number(FROM), upto: Number(UPTO), lasts: LASTS !== "" };
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);

/* Every so many-th: thousands of allocations are SQLite's, when it reads its statements, of which each command has many. */
const EVERY_AT_START = { memory: 20, sqlite: 3, system: 1 };

let places = 0, broken = 0;

function show(name, kind, { count, tried, usual, refused, silent, ended, findings }) {
	places += tried;
	broken += findings.length;
	console.log(`${findings.length === 0 ? "ok     " : "FINDING"} ${name.padEnd(31)} ${kind.padEnd(7)}` +
		` ${tried} of ${count} places: ${usual} as usual, ${refused} refused, ${silent} without an answer, ${ended} ended by a library`);
	for (const { nth, text } of findings)
		console.log(`    at ${nth}: ${text.slice(0, 1500).replaceAll("\n", "\n        ")}`);
}

async function tryRequest(name, kind) {
	const rig = await startRig(REQUESTS[name].keys, kind);
	const every = options.every * (kind === "memory" ? REQUESTS[name].memoryEvery ?? 1 : 1);
	show(name, kind, await injectEach(rig, REQUESTS[name], kind, { ...options, every }));
	await rig.stop();
}

const SUBJECTS = { ...COMMANDS, start: START };

async function trySubject(name, kind) {
	const bench = await startBench();
	show(name, kind, await injectEachOf(bench, SUBJECTS[name], kind, { ...options, every: options.every * EVERY_AT_START[kind] }));
	await bench.stop();
}

const each = (subjects, kinds, tryOne) => Object.keys(subjects).filter(isWanted)
	.flatMap((name) => KIND.split(" ").filter((kind) => kind in kinds).map((kind) => [name, kind, tryOne]));

for (const [name, kind, tryOne] of [...each(REQUESTS, KINDS, tryRequest), ...each(SUBJECTS, KINDS_AT_START, trySubject)])
	await tryOne(name, kind).catch((error) => {
		broken++;
		/* Of all that a program has logged, what a sanitizer says. */
		console.log(`FINDING ${name}: ${(/ERROR: \w+Sanitizer[^]*/.exec(error.message)?.[0] ?? error.message).slice(0, 6000)}`);
	});
console.log(`inject: ${places} places, ${broken} findings`);
process.exit(broken === 0 ? 0 : 1);
