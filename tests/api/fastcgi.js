/*
 * fastcgi: requests straight to a program's socket, well-formed or not, as
 * only a web server can send them (FastCGI 1.0; https://fastcgi-archives.github.io).
 */
import { converse, readAnswer } from "./helpers.js";

export const BEGIN = 1, ABORT = 2, PARAMS = 4, STDIN = 5;
const STDOUT = 6;
const RESPONDER = 1;

/* One record; length says something else than the truth if given. */
export function record(type, content = "", { version = 1, length } = {}) {
	const bytes = Buffer.from(content);
	const header = Buffer.from([version, type, 0, 1, 0, 0, 0, 0]);
	header.writeUInt16BE(length ?? bytes.length, 4);
	return Buffer.concat([header, bytes]);
}

export const begin = () => record(BEGIN, [0, RESPONDER, 0, 0, 0, 0, 0, 0]);

const lengthOf = (bytes) => {
	if (bytes.length < 128)
		return Buffer.from([bytes.length]);
	const long = Buffer.alloc(4);
	long.writeUInt32BE((bytes.length | 0x80000000) >>> 0);
	return long;
};

/* Names and values: an object, or a list of pairs where a name comes twice. */
export function variables(all) {
	const list = Array.isArray(all) ? all : Object.entries(all);
	return Buffer.concat(list.flatMap(([name, value]) => {
		const parts = [Buffer.from(name), Buffer.from(String(value))];
		return [...parts.map(lengthOf), ...parts];
	}));
}

/* Content of any length as records of one type, with the empty one that ends them. */
export function stream(type, content) {
	const bytes = Buffer.from(content);
	const records = [];
	for (let at = 0; at < bytes.length; at += 32768)
		records.push(record(type, bytes.subarray(at, at + 32768)));
	return Buffer.concat([...records, record(type)]);
}

export const wholeRequest = (all, body) =>
	Buffer.concat([begin(), stream(PARAMS, variables(all)), stream(STDIN, body)]);

/* What the program writes to its standard output, of all the records that come back. */
function output(bytes) {
	const parts = [];
	for (let at = 0; at + 8 <= bytes.length;) {
		const length = bytes.readUInt16BE(at + 4), end = at + 8 + length;
		if (bytes[at + 1] === STDOUT)
			parts.push(bytes.subarray(at + 8, end));
		at = end + bytes[at + 6];
	}
	return Buffer.concat(parts);
}

/* Sends bytes to a program; its answer, or null if there is none. */
export async function sendRecords(stack, program, bytes, options) {
	return readAnswer(output(await converse({ path: `${stack.runDir}/${program}.sock` }, bytes, options)));
}
