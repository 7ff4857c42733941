// inject.mjs [REQUEST...]: fails each call that a request leads to, in turn; see injection.js.
//
// From the environment: EVERY=n tries every n-th place only, from FROM to UPTO; LASTS=1 lets all calls
// behind the place fail as well.  The last line says how it went.
import { KINDS, REQUESTS, injectEach, startRig } from "./injection.js";

const { EVERY = "1", FROM = "1", UPTO = "Infinity", LASTS = "", KIND = Object.keys(KINDS).join(" ") } = process.env;
const options = { every: Number(EVERY), from: Number(FROM), upto: Number(UPTO), lasts: LASTS !== "" };
const wanted = process.argv.slice(2);

let places = 0, broken = 0;

function show(name, kind, { count, tried, usual, refused, silent, ended, findings }) {
	places += tried;
	broken += findings.length;
	console.log(`${findings.length === 0 ? "ok     " : "FINDING"} ${name.padEnd(27)} ${kind.padEnd(7)}` +
		` ${tried} of ${count} places: ${usual} as usual, ${refused} refused, ${silent} without an answer, ${ended} ended by a library`);
	for (const { nth, text } of findings)
		console.log(`    at ${nth}: ${text.slice(0, 1500).replaceAll("\n", "\n        ")}`);
}

async function tryRequest(name, kind) {
	const rig = await startRig(REQUESTS[name].keys, kind);
	show(name, kind, await injectEach(rig, REQUESTS[name], kind, options));
	await rig.stop();
}

const each = Object.keys(REQUESTS).filter((name) => wanted.length === 0 || wanted.includes(name))
	.flatMap((name) => KIND.split(" ").map((kind) => [name, kind]));
for (const [name, kind] of each)
	await tryRequest(name, kind).catch((error) => {
		broken++;
		/* Of all that a program has logged, what a sanitizer says. */
		console.log(`FINDING ${name}: ${(/ERROR: \w+Sanitizer[^]*/.exec(error.message)?.[0] ?? error.message).slice(0, 6000)}`);
	});
console.log(`inject: ${places} places, ${broken} findings`);
process.exit(broken === 0 ? 0 : 1);
