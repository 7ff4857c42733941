/*
 * Requests that are wrong in one way each: every one gets the right refusal,
 * none is acted upon, and none leaves anything in the ledger.
 *
 * Every row is a request by the book, changed in one place.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { PARAMS, STDIN, ABORT, begin, record, sendRecords, stream, variables, wholeRequest } from "./fastcgi.js";
import {
	ANA, ANAS_CALL, FORM, JSON_TYPE,
	assertRefusal, assertSuccess, ledgerSize, pids, readAnswer, request, sendRaw,
} from "./helpers.js";
import { startStack } from "./stack.js";
import { BEHIND } from "./web_servers.js";

const TASK = `task=${ANAS_CALL}`;
const SIGNED_IN = { Authorization: `Bearer ${ANA}` };
const BODY_MAX = 16384, TOKEN_MAX = 8192;

const BY_THE_BOOK = {
	method: "POST", path: "/start-verify", headers: { "Content-Type": FORM, ...SIGNED_IN }, body: TASK,
};

/* Of a row: what is wrong with it, how it is sent, and what is answered. */
const row = (what, change, status, code) =>
	({ what, status, code, send: (stack) => request(stack, { ...BY_THE_BOOK, ...change(stack) }) });

/* ---- Methods and media types --------------------------------------------------- */

const METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"].map((method) =>
	row(`method ${method}`, () => ({ method, body: "" }), 405, "method_not_allowed"));

const TYPES = [
	"text/plain",
	"text/plain;charset=UTF-8",
	"multipart/form-data; boundary=x",
	"application/xml",
	"application/jsonp",
	"application/x-www-form-urlencodedx",
	"application/json, text/plain",
	"application/json; charset=utf-16",
	`${FORM}; charset=iso-8859-1`,
	`${FORM}; charset=utf-8; charset=utf-7`,
	"application",
	";",
	"*/*",
].map((type) => row(`content type ${type}`, () => ({ headers: { ...SIGNED_IN, "Content-Type": type } }), 415,
	"unsupported_media_type"));

const NO_TYPE = [
	row("a body without a content type", () => ({ headers: SIGNED_IN }), 415, "unsupported_media_type"),
	row("no body and no content type", () => ({ headers: SIGNED_IN, body: "" }), 400, "missing_parameter"),
	row("no body of another content type",
		() => ({ headers: { ...SIGNED_IN, "Content-Type": "text/plain" }, body: "" }), 415, "unsupported_media_type"),
];

/* ---- Addresses ------------------------------------------------------------------- */

const ADDRESSES = [
	["/start-verify?" + TASK, 400, "query_not_allowed"],
	["/start-verify?debug", 400, "query_not_allowed"],
	["/start-verify?Token=sandbox-ana", 400, "query_not_allowed"],
	["/check-verify?verification_code=123456", 400, "query_not_allowed"],
	["/customer-info?%00", 400, "query_not_allowed"],
	["/start-verify/", 404, "not_found"],
	["/start-verify/../start-verify/x", 404, "not_found"],
	["/START-VERIFY", 404, "not_found"],
	["/start-verify%00", 400, "malformed_request"],
	["/../../etc/passwd", 400, "malformed_request"],
	["/.git/config", 404, "not_found"],
	["/start-verify?" + "x".repeat(20000), 414, "address_too_long"],
].map(([path, status, code]) =>
	row(`address ${path.slice(0, 60)}`, () => ({ path, body: TASK }), status, code));

/* ---- Forms ------------------------------------------------------------------------- */

const FORMS = [
	["a field without =", "task", "malformed_request"],
	["a field without =, behind another one", `${TASK}&to`, "malformed_request"],
	["a field without a name", "=x", "malformed_request"],
	["& at the end", `${TASK}&`, "malformed_request"],
	["& at the beginning", `&${TASK}`, "malformed_request"],
	["& twice", `${TASK}&&channel=sms`, "malformed_request"],
	["% and no hex digits", "task=%zz", "malformed_request"],
	["% and one hex digit", "task=%4", "malformed_request"],
	["% at the end", "task=%", "malformed_request"],
	["an encoded NUL", `${TASK}%00`, "malformed_request"],
	["an encoded NUL in a name", `ta%00sk=${ANAS_CALL}`, "malformed_request"],
	["a raw NUL", `${TASK}\0`, "malformed_request"],
	["an encoded line break", `${TASK}%0d%0aX-Accel-Redirect:%20/`, "malformed_request"],
	["a raw line break", `${TASK}\r\n`, "malformed_request"],
	["an encoded DEL", `${TASK}%7f`, "malformed_request"],
	["an encoded C1 control character", `${TASK}%c2%85`, "malformed_request"],
	["a byte that is no UTF-8", "task=%ff", "malformed_request"],
	["a raw byte that is no UTF-8", Buffer.from([...Buffer.from("task="), 0xff]), "malformed_request"],
	["an overlong UTF-8 form", "task=%c0%80", "malformed_request"],
	["half of a surrogate pair in UTF-8", "task=%ed%a0%80", "malformed_request"],
	["a field twice", `${TASK}&${TASK}`, "repeated_field"],
	["a field twice, empty at first", `task=&${TASK}`, "repeated_field"],
	["a field twice, its name encoded once", `${TASK}&t%61sk=${ANAS_CALL}`, "repeated_field"],
	["a field that no program has", `${TASK}&verified=true`, "unknown_field"],
	["a field of another program", `${TASK}&verification_code=123456`, "unknown_field"],
	["a name in other letters", `Task=${ANAS_CALL}`, "unknown_field"],
	["a name with a blank", ` task=${ANAS_CALL}`, "unknown_field"],
	["an array, as PHP writes it", `task[]=${ANAS_CALL}`, "unknown_field"],
	["a hundred fields", Array.from({ length: 100 }, (_, i) => `f${i}=x`).join("&"), "unknown_field"],
	["JSON that is called a form", JSON.stringify({ task: ANAS_CALL }), "malformed_request"],
	["a compressed form", gzipSync(TASK), "malformed_request"],
	["an empty body", "", "missing_parameter"],
	["an empty task", "task=", "missing_parameter"],
].map(([what, body, code]) => row(`a form: ${what}`, () => ({ body }), 400, code));

/* ---- JSON ---------------------------------------------------------------------------- */

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const member = `"task":"${ANAS_CALL}"`;
const good = `{${member}}`;

const JSONS = [
	["a member twice", `{${member},${member}}`, "repeated_field"],
	["a member twice, its name escaped once", `{${member},"t\\u0061sk":"${ANAS_CALL}"}`, "repeated_field"],
	["an escaped NUL in a name", `{"task\\u0000x":"${ANAS_CALL}"}`],
	["an escaped NUL in a value", `{"task":"${ANAS_CALL}\\u0000x"}`],
	["a raw NUL behind the object", `${good}\0`],
	["a raw NUL in a value", `{"task":"${ANAS_CALL}\0"}`],
	["text behind the object", `${good}x`],
	["a second object", `${good}${good}`],
	["a comma behind the last member", `{${member},}`],
	["a comma before the first member", `{,${member}}`],
	["a comment", `{/* task */${member}}`],
	["a comment to the end of the line", `{// task\n${member}}`],
	["single quotes", `{'task':'${ANAS_CALL}'}`],
	["a name without quotes", `{task:"${ANAS_CALL}"}`],
	["a missing colon", `{"task" "${ANAS_CALL}"}`],
	["a number", '{"task":1}'],
	["a number with leading zeros", '{"task":007}'],
	["2 to the power of 63", '{"to":9223372036854775808}'],
	["2 to the power of 64", '{"to":18446744073709551616}'],
	["a number beyond all numbers", '{"to":1e999}'],
	["NaN", '{"to":NaN}'],
	["Infinity", '{"to":Infinity}'],
	["minus Infinity", '{"to":-Infinity}'],
	["true", '{"task":true}'],
	["TRUE", '{"task":TRUE}'],
	["null", '{"task":null}'],
	["an array of texts", `{"task":["${ANAS_CALL}"]}`],
	["an object in the object", `{"task":{${member}}}`],
	["forty levels", `{"task":${"[".repeat(40)}${"]".repeat(40)}}`],
	["eight thousand levels", "[".repeat(8000)],
	["an array at the top", `[${good}]`],
	["a text at the top", `"${ANAS_CALL}"`],
	["a number at the top", "123"],
	["null at the top", "null"],
	["blanks only", " \n"],
	["an object that does not end", `{${member}`],
	["a text that does not end", `{"task":"${ANAS_CALL}`],
	["a raw line break in a text", `{"task":"${ANAS_CALL}\n"}`],
	["a raw ESC in a text", `{"task":"\x1b${ANAS_CALL}"}`],
	["an unknown escape", '{"task":"\\x41"}'],
	["half of an escaped surrogate pair", '{"task":"\\ud800"}'],
	["a byte that is no UTF-8", bytes('{"task":"', [0xff], '"}')],
	["an overlong UTF-8 form", bytes('{"task":"', [0xc0, 0x80], '"}')],
	["half of a surrogate pair in UTF-8", bytes('{"task":"', [0xed, 0xa0, 0x80], '"}')],
	["a character beyond Unicode", bytes('{"task":"', [0xf5, 0x80, 0x80, 0x80], '"}')],
	["a byte order mark", `\ufeff${good}`],
	["UTF-16", Buffer.from(good, "utf16le")],
	["a compressed object", gzipSync(good)],
	["a form that is called JSON", TASK],
	["a member without a name", '{"":"x"}'],
	["a member that no program has", `{${member},"verified":"true"}`, "unknown_field"],
	["a member of the language's own", `{${member},"__proto__":"x"}`, "unknown_field"],
	["an empty object", "{}", "missing_parameter"],
].map(([what, body, code = "malformed_request"]) =>
	row(`JSON: ${what}`, () => ({ headers: { "Content-Type": JSON_TYPE, ...SIGNED_IN }, body }), 400, code));

/* ---- Values ------------------------------------------------------------------------------ */

const BAD_TASKS = ["WT1", `${ANAS_CALL}0`, ANAS_CALL.slice(0, -1), ANAS_CALL.toLowerCase(),
	ANAS_CALL.replace("WT", "WR"), `WT${"g".repeat(32)}`, `${ANAS_CALL}/Reservations`, "../Workers",
	`${ANAS_CALL};to=x`, "*", "null"];

const BAD_NUMBERS = ["12025550101", "2025550101", "0012025550101", "+0012025550101", "++12025550101",
	"+1 (0)202-555-0101", "+12025550101x1", "+12025550101;ext=1", "tel:+12025550101", "+1202555O1O1",
	"+1234567890123456", "+120255", "+",
	"anonymous", "sip:maria@example.com", "+1\u00a0202\u00a0555\u00a00101", "\uff0b12025550101",
	"+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0660\u0661"];

const BAD_CODES = ["12345", "1234567", "12345a", "0x1234", "1e5000", "------", "123456 OR 1=1", "+12345", "123.456",
	"\uff11\uff12\uff13\uff14\uff15\uff16", "\u0661\u0662\u0663\u0664\u0665\u0666", "123456123456123456123456"];

const BAD_LOCALES = ["e", "english", "en_US", "en-", "en-US-x", "-en", "e1", "../en", "en\u00e9", "en-USA12", "en-U"];

const fieldsRow = (program, fields, status, code) => row(
	`${program}: ${Object.entries(fields).filter(([name, value]) => value !== ANAS_CALL)
		.map(([name, value]) => `${name}=${value.slice(0, 40)}`).join(" and ")}`,
	() => ({ path: `/${program}`, body: new URLSearchParams(fields).toString() }), status, code);

const VALUES = [
	...BAD_TASKS.map((task) => fieldsRow("start-verify", { task }, 400, "invalid_task")),
	...BAD_NUMBERS.map((to) => fieldsRow("start-verify", { task: ANAS_CALL, to }, 422, "invalid_number")),
	...BAD_CODES.map((verification_code) =>
		fieldsRow("check-verify", { task: ANAS_CALL, verification_code }, 400, "invalid_code")),
	...BAD_LOCALES.map((locale) => fieldsRow("start-verify", { task: ANAS_CALL, locale }, 400, "invalid_locale")),
	fieldsRow("start-verify", { task: ANAS_CALL, channel: "pigeon" }, 400, "invalid_channel"),
	fieldsRow("start-verify", { task: ANAS_CALL, action: "delete" }, 400, "invalid_action"),
	fieldsRow("start-verify", { task: ANAS_CALL, action: "CANCEL" }, 400, "invalid_action"),
	fieldsRow("start-verify", { to: "+12025550101" }, 400, "missing_parameter"),
	fieldsRow("check-verify", { task: ANAS_CALL, verification_code: "" }, 400, "missing_parameter"),
	fieldsRow("check-verify", { task: ANAS_CALL, locale: "en" }, 400, "unknown_field"),
	fieldsRow("check-verify", { task: ANAS_CALL, verification_code: "123456", channel: "sms" }, 400, "invalid_channel"),
	fieldsRow("customer-info", { task: ANAS_CALL, action: "cancel" }, 400, "unknown_field"),
	fieldsRow("customer-info", { task: ANAS_CALL, fields: "account_number" }, 400, "unknown_field"),
];

/* ---- Headers and sizes ------------------------------------------------------------------- */

const withHeaders = (what, headers, status, code) =>
	row(what, (stack) => ({ headers: { "Content-Type": FORM, ...SIGNED_IN,
		...(typeof headers === "function" ? headers(stack) : headers) } }), status, code);

const HEADERS = [
	withHeaders("the word Bearer alone", { Authorization: "Bearer" }, 400, "malformed_request"),
	withHeaders("two tokens in one header", { Authorization: "Bearer sandbox-ana sandbox-ben" }, 400,
		"malformed_request"),
	withHeaders("a token behind a tab", { Authorization: "Bearer \tsandbox-ana" }, 400, "malformed_request"),
	withHeaders("a token that is not ASCII", { Authorization: "Bearer sandbox-\xe4na" }, 400, "malformed_request"),
	withHeaders("credentials of another kind", { Authorization: "Basic c2FuZGJveC1hbmE6eA==" }, 401,
		"agent_not_signed_in"),
	withHeaders("a token without the word Bearer", { Authorization: ANA }, 401, "agent_not_signed_in"),
	withHeaders("an empty Authorization header", { Authorization: "" }, 401, "agent_not_signed_in"),
	withHeaders("the header Authorization twice", { Authorization: [`Bearer ${ANA}`, `Bearer ${ANA}`] }, 400,
		"malformed_request"),
	withHeaders("an empty Origin", { Origin: "" }, 400, "malformed_request"),
	withHeaders("two origins in one header", (stack) => ({ Origin: `${stack.url} https://evil.example` }), 400,
		"malformed_request"),
	withHeaders("two origins with a comma", (stack) => ({ Origin: `${stack.url}, https://evil.example` }), 400,
		"malformed_request"),
	withHeaders("the header Origin twice", (stack) => ({ Origin: [stack.url, stack.url] }), 400, "repeated_field"),
	withHeaders("the header Content-Type twice", { "Content-Type": [FORM, JSON_TYPE] }, 400, "repeated_field"),
	row("two tokens, one in the header and another one in the form",
		() => ({ body: `${TASK}&Token=sandbox-ben` }), 400, "malformed_request"),
];

const formOf = (length) => {
	const start = `${TASK}&Token=`, left = length - start.length;
	return start + "%41".repeat(Math.floor(left / 3)) + "A".repeat(left % 3);
};

const SIZES = [
	withHeaders("a token of 8 KiB and a byte, in the header", { Authorization: `Bearer ${"A".repeat(TOKEN_MAX + 1)}` },
		431, "token_too_long"),
	row("a token of 8 KiB and a byte, in the form",
		() => ({ headers: { "Content-Type": FORM }, body: `${TASK}&Token=${"A".repeat(TOKEN_MAX + 1)}` }), 431,
		"token_too_long"),
	row("a token of 8 KiB and a byte, in JSON",
		() => ({ headers: { "Content-Type": JSON_TYPE },
			body: JSON.stringify({ task: ANAS_CALL, Token: "A".repeat(TOKEN_MAX + 1) }) }), 431, "token_too_long"),
	withHeaders("a header line of 20 kB", { Authorization: `Bearer ${"A".repeat(20000)}` }, 431, "headers_too_large"),
	row("a body of 16 KiB and a byte", () => ({ headers: { "Content-Type": FORM }, body: formOf(BODY_MAX + 1) }), 413,
		"body_too_large"),
	row("a body of 32 KiB", () => ({ body: "x".repeat(32768) }), 413, "body_too_large"),
	row("a body of 1 MB", () => ({ body: "x".repeat(1 << 20) }), 413, "body_too_large"),
];

/* ---- HTTP that is none: bytes to nginx ------------------------------------------------------ */

const http = (start, headers, body = "") => [start, ...headers, "", body].join("\r\n");
const START = "POST /start-verify HTTP/1.1";
const HEAD = ["Host: localhost", "Connection: close", `Content-Type: ${FORM}`, `Authorization: Bearer ${ANA}`];
const LENGTH = `Content-Length: ${TASK.length}`;
const CHUNKED = "Transfer-Encoding: chunked";
const withHead = (headers, body = TASK) => http(START, [...HEAD, ...headers], body);
const withStart = (start) => http(start, [...HEAD, LENGTH], TASK);

const RAW_HTTP = [
	["no Host", http(START, [...HEAD.slice(1), LENGTH], TASK)],
	["two Hosts", withHead(["Host: example.com", LENGTH])],
	["a Content-Length of letters", withHead(["Content-Length: ten"])],
	["a negative Content-Length", withHead(["Content-Length: -1"])],
	["a Content-Length with a sign", withHead([`Content-Length: +${TASK.length}`])],
	["a Content-Length beyond all numbers", withHead(["Content-Length: 99999999999999999999"])],
	["two Content-Lengths", withHead([LENGTH, "Content-Length: 0"])],
	["Content-Length and Transfer-Encoding", withHead([LENGTH, CHUNKED])],
	["a chunk without a size", withHead([CHUNKED], `\r\n${TASK}\r\n0\r\n\r\n`)],
	["a chunk with a size that is no number", withHead([CHUNKED], "zz\r\nx\r\n0\r\n\r\n")],
	["a chunk with a size that is no number behind one that has everything",
		withHead([CHUNKED], `${TASK.length.toString(16)}\r\n${TASK}\r\nzz\r\nx\r\n0\r\n\r\n`)],
	["a NUL in a header", withHead(["X-Extra: a\0b", LENGTH])],
	["a blank before the colon of a header", withHead(["X-Extra : a", LENGTH])],
	["a method in small letters", withStart("post /start-verify HTTP/1.1")],
	["no address", withStart("POST HTTP/1.1")],
	["a control character in the address", withStart("POST /start-verify\x01 HTTP/1.1")],
	["a version that is none", withStart("POST /start-verify HTTP/x")],
].map(([what, text]) => ({ what: `raw HTTP: ${what}`, status: 400, code: "malformed_request",
	send: async (stack) => readAnswer(await sendRaw(stack, Buffer.from(text, "latin1"))) }));

/* ---- What only a web server can do wrong: records to the program -------------------------------- */

const VARIABLES = {
	REQUEST_METHOD: "POST", DOCUMENT_URI: "/start-verify", QUERY_STRING: "", CONTENT_TYPE: FORM,
	CONTENT_LENGTH: TASK.length, REMOTE_ADDR: "127.0.0.1", HTTP_AUTHORIZATION: `Bearer ${ANA}`,
};
const without = (name) => Object.entries(VARIABLES).filter(([other]) => other !== name);
const twice = (name, value) => [...Object.entries(VARIABLES), [name, value], [name, value]];
const unfinished = Buffer.concat([begin(), stream(PARAMS, variables(VARIABLES)), record(STDIN, TASK.slice(0, 10))]);

const withVariables = (changes, body = TASK) => wholeRequest({ ...VARIABLES, ...changes }, body);

const RAW_FASTCGI = [
	["no variables at all", wholeRequest({}, ""), 400, "incomplete_request"],
	["no REQUEST_METHOD", wholeRequest(without("REQUEST_METHOD"), TASK), 400, "incomplete_request"],
	["no REMOTE_ADDR", wholeRequest(without("REMOTE_ADDR"), TASK), 400, "incomplete_request"],
	["fewer bytes than CONTENT_LENGTH", wholeRequest(VARIABLES, TASK.slice(0, 10)), 400, "incomplete_request"],
	["more bytes than CONTENT_LENGTH", wholeRequest(VARIABLES, `${TASK}&channel=sms`), 400, "incomplete_request"],
	["no bytes where CONTENT_LENGTH has some", wholeRequest(VARIABLES, ""), 400, "incomplete_request"],
	["a CONTENT_LENGTH of letters", withVariables({ CONTENT_LENGTH: "ten" }), 400, "incomplete_request"],
	["a CONTENT_LENGTH and more", withVariables({ CONTENT_LENGTH: `${TASK.length}x` }), 400, "incomplete_request"],
	["a body cut off by the end of the connection", unfinished, 400, "incomplete_request", { thenClose: true }],
	["a body cut off by another record", Buffer.concat([unfinished, record(ABORT)]), 400, "incomplete_request"],
	["a body of 16 KiB and a byte, called shorter", withVariables({}, "x".repeat(BODY_MAX + 1)), 413, "body_too_large"],
	["a body of 300 kB", withVariables({}, "x".repeat(300000)), 413, "body_too_large"],
	["HTTP_AUTHORIZATION twice", wholeRequest(twice("HTTP_AUTHORIZATION", "Bearer x"), TASK), 400, "repeated_field"],
	["HTTP_ORIGIN twice", wholeRequest(twice("HTTP_ORIGIN", "https://flex.twilio.com"), TASK), 400, "repeated_field"],
	["CONTENT_TYPE twice", wholeRequest(twice("CONTENT_TYPE", JSON_TYPE), TASK), 400, "repeated_field"],
	["REMOTE_USER twice", wholeRequest(twice("REMOTE_USER", "ana"), TASK), 400, "repeated_field"],
	["Authorization twice, joined as Apache does",
		withVariables({ HTTP_AUTHORIZATION: `Bearer ${ANA}, Bearer x` }), 400, "malformed_request"],
	["no CONTENT_TYPE", wholeRequest(without("CONTENT_TYPE"), TASK), 415, "unsupported_media_type"],
	["a QUERY_STRING", withVariables({ QUERY_STRING: "x" }), 400, "query_not_allowed"],
	["a method of 100 kB", withVariables({ REQUEST_METHOD: "P".repeat(100000) }), 405, "method_not_allowed"],
].map(([what, records, status, code, options]) => ({ what: `FastCGI: ${what}`, status, code,
	send: (stack) => sendRecords(stack, "start-verify", records, options) }));

const ROWS = [...METHODS, ...TYPES, ...NO_TYPE, ...ADDRESSES, ...FORMS, ...JSONS, ...VALUES, ...HEADERS, ...SIZES,
	...RAW_HTTP, ...RAW_FASTCGI];

/* ---- Not even a request: there is nobody to answer ---------------------------------------------- */

const toNginx = (text) => (stack) => sendRaw(stack, text, { thenClose: true }).then(readAnswer);
const toProgram = (...records) => (stack) =>
	sendRecords(stack, "start-verify", Buffer.concat(records), { thenClose: true });
const named = variables(VARIABLES);
const oneOf2GiB = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x41]);
const allButTheEnd = `${TASK.length.toString(16)}\r\n${TASK}\r\n`;

const NO_REQUESTS = [
	["a body shorter than Content-Length", toNginx(withHead([LENGTH], TASK.slice(0, 10)))],
	["a chunk that does not end", toNginx(withHead([CHUNKED], allButTheEnd.slice(0, 20)))],
	["no end of the chunks", toNginx(withHead([CHUNKED], allButTheEnd))],
	["half of the headers", toNginx(http(START, HEAD).slice(0, 60))],
	["nothing at all to the program", toProgram()],
	["a request's beginning and no more", toProgram(begin())],
	["variables that end in the middle of one", toProgram(begin(), record(PARAMS, named.subarray(0, 40)))],
	["variables that end behind one", toProgram(begin(), record(PARAMS, variables({ REQUEST_METHOD: "POST" })))],
	["a record shorter than it says", toProgram(begin(), record(PARAMS, named, { length: 60000 }))],
	["a variable of 2 GiB (CVE-2025-23016)", toProgram(begin(), record(PARAMS, oneOf2GiB), record(PARAMS))],
	["records without a beginning", toProgram(stream(PARAMS, named))],
	["records of another version", toProgram(record(PARAMS, named, { version: 2 }))],
	["HTTP to the program's socket", toProgram(Buffer.from(withHead([LENGTH])))],
	["a kilobyte of 0xff", toProgram(Buffer.alloc(1024, 0xff))],
];

/* nginx says nothing to who went away.  Others may, or begin before the end, and then the program refuses. */
const isNoAnswer = (answer) => answer === null || (BEHIND !== undefined && answer.status >= 400);

/*
 * Other web servers join the values of a header that came twice, and the value is then a
 * wrong one; and some leave methods to the programs.
 */
const OTHERWISE = { "raw HTTP: a method in small letters": { status: 405, code: "method_not_allowed" },
	"the header Origin twice": { status: 400, code: "malformed_request" },
	"the header Content-Type twice": { status: 415, code: "unsupported_media_type" } };
const asHere = (one) => (BEHIND?.joinsHeaders ? { ...one, ...OTHERWISE[one.what] } : one);

/* ---- Odd, and still by the book -------------------------------------------------------------------- */

const typed = (type, body = TASK) => ({ headers: { ...SIGNED_IN, "Content-Type": type }, body });
const percent = (text) => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");

const ACCEPTED = [
	["a charset as the demo's client writes it", typed(`${FORM};charset=UTF-8`)],
	["a charset in quotes", typed(`${JSON_TYPE}; charset="utf-8"`, good)],
	["a media type in capitals", typed("APPLICATION/JSON", good)],
	["a media type with another parameter", typed(`${JSON_TYPE}; profile=x`, good)],
	["blanks around the JSON", typed(JSON_TYPE, ` \r\n\t${good}\n`)],
	["an escaped name", typed(JSON_TYPE, `{"t\\u0061sk":"${ANAS_CALL}"}`)],
	["everything percent-encoded", typed(FORM, `${percent("task")}=${percent(ANAS_CALL)}`)],
	["empty fields", typed(FORM, `${TASK}&to=&channel=&locale=&Token=`)],
	["the same token twice, in header and form", typed(FORM, `${TASK}&Token=${ANA}`)],
	["an address that ends in ?", { path: "/customer-info?" }],
	["a method as always, with other headers", { headers: { ...BY_THE_BOOK.headers, "X-Forwarded-For": "10.0.0.1",
		Proxy: "http://10.0.0.1:1", "X-HTTP-Method-Override": "DELETE", Cookie: "a=b" } }],
];

describe("a request with", () => {
	let stack, running;

	before(async () => {
		stack = await startStack();
		running = pids(stack);
	});
	after(() => stack?.stop());

	for (const { what, send, status, code } of ROWS.map(asHere).filter((one) => !BEHIND?.notAsked?.includes(one.what)))
		test(`${what} is refused: ${status} ${code}`, async () => {
			const answer = await send(stack);
			assert.ok(answer !== null, "there is an answer");
			/* An answer to HEAD is all but its body. */
			if (what === "method HEAD")
				assert.equal(answer.status, status);
			else
				assertRefusal(answer, status, code);
		});

	for (const [what, send] of NO_REQUESTS)
		test(`${what} is no request, and gets no answer`, async () => {
			assert.ok(isNoAnswer(await send(stack)));
		});

	test("any of these faults leaves nothing in the ledger and sends nothing", async () => {
		assert.ok(ROWS.length >= 60);
		assert.deepEqual(ledgerSize(stack), { verifications: 0, events: 0 });
		assert.deepEqual(await stack.messages("+12025550101"), []);
	});

	test("any of these faults ends no program", () => {
		assert.deepEqual(pids(stack), running);
	});

	for (const [what, change] of ACCEPTED)
		test(`${what} is answered like any other`, async () => {
			assertSuccess(await request(stack, { ...BY_THE_BOOK, path: "/customer-info", ...change,
				body: (change.body ?? TASK).replace("&channel=&locale=", "") }));
		});

	test("a body in chunks is answered like any other", async () => {
		const text = withHead([CHUNKED],
			`5\r\n${TASK.slice(0, 5)}\r\n${(TASK.length - 5).toString(16)}\r\n${TASK.slice(5)}\r\n0\r\n\r\n`);
		const answer = readAnswer(await sendRaw(stack, text.replace("/start-verify", "/customer-info")));
		if (BEHIND?.refusesChunks)
			assertRefusal(answer, 400, BEHIND.refusesChunks);
		else
			assertSuccess(answer);
	});

	test("no CONTENT_LENGTH, or an empty one, is read to its end", async () => {
		for (const all of [without("CONTENT_LENGTH"), { ...VARIABLES, CONTENT_LENGTH: "" }])
			assertSuccess(await sendRecords(stack, "customer-info", wholeRequest(all, TASK)));
	});

	test("a body of 16 KiB or a token of 8 KiB is read", async () => {
		const token = "A".repeat(TOKEN_MAX), headers = { "Content-Type": FORM };
		for (const change of [
			{ headers, body: formOf(BODY_MAX) },
			{ headers, body: `${TASK}&Token=${token}` },
			{ headers: { ...headers, Authorization: `Bearer ${token}` } },
		])
			assertRefusal(await request(stack, { ...BY_THE_BOOK, ...change }), 401, "agent_not_signed_in");
	});
});
