/*
 * The panel's pure modules, run in the browser as they are served.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startStack } from "../api/stack.js";
import { useBrowser } from "./browser.js";

describe("modules", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());

	/* Calls an exported function with each row's arguments. */
	const results = async (module, name, rows) => {
		const page = await chrome.newPage(stack);
		await page.goto(stack.url);
		return page.evaluate(async ([path, fn, calls]) => {
			const exported = (await import(path))[fn];
			return calls.map((parameters) => exported(...parameters));
		}, [`/${module}`, name, rows]);
	};

	const assertTable = async (module, name, table) => {
		const got = await results(module, name, table.map(([parameters]) => parameters));
		table.forEach(([parameters, wanted], index) =>
			assert.deepEqual(got[index], wanted, `${name}(${parameters.map((each) => JSON.stringify(each))})`));
	};

	test("digits of every script become ASCII, and all else is dropped", () => assertTable(
		"code_input.js", "digitsOf", [
			[["123456"], "123456"],
			[["012 345"], "012345"],
			[["1-2–3—4_5.6"], "123456"],
			[["１２３４５６"], "123456"],
			[["٠١٢٣٤٥٦٧٨٩"], "0123456789"],
			[["۰۱۲۳۴۵۶۷۸۹"], "0123456789"],
			[["०१२३४५६७८९"], "0123456789"],
			[["\u200f\u202b123456\u202c"], "123456"],
			[["12\u00a034\u200956"], "123456"],
			[["½ ² Ⅳ ①"], ""],
			[["abc"], ""],
			[[""], ""],
		]));

	test("the code is found in a message when exactly one number has its length", () => assertTable(
		"code_input.js", "codeIn", [
			[["Your code is 123456", 6], "123456"],
			[["Your code is: 123 456. Good for 10 minutes.", 6], "123456"],
			[["G-123456 is your code", 6], "123456"],
			[["123456 or 654321", 6], "123456654321"],
			[["call 10 minutes 5 seconds", 6], "105"],
			[["1234567", 6], "1234567"],
			[["1234", 4], "1234"],
		]));

	test("an entry that only grew is unedited, any other is not", () => assertTable(
		"code_input.js", "nextEntry", [
			[[{ digits: "", unedited: true }, "1"], { digits: "1", unedited: true }],
			[[{ digits: "1", unedited: true }, "12"], { digits: "12", unedited: true }],
			[[{ digits: "", unedited: true }, "123456"], { digits: "123456", unedited: true }],
			[[{ digits: "12", unedited: true }, "1"], { digits: "1", unedited: false }],
			[[{ digits: "12", unedited: true }, "132"], { digits: "132", unedited: false }],
			[[{ digits: "1", unedited: false }, "12"], { digits: "12", unedited: false }],
		]));

	test("a task is taken from the query only if it is one, and only one", () => assertTable(
		"session.js", "taskOf", [
			[["?task=WT0123456789abcdef0123456789ABCDEF"], { sid: "WT0123456789abcdef0123456789ABCDEF" }],
			[["?lang=en&task=WT00000000000000000000000000000001&x=1"],
				{ sid: "WT00000000000000000000000000000001" }],
			[[""], { problem: "no_task" }],
			[["?task="], { problem: "no_task" }],
			[["?task=undefined"], { problem: "no_task" }],
			[["?task={{task.sid}}"], { problem: "no_task" }],
			[["?task=WT1"], { problem: "bad_task" }],
			[["?task=WT0000000000000000000000000000000g"], { problem: "bad_task" }],
			[["?task= WT00000000000000000000000000000001+"], { sid: "WT00000000000000000000000000000001" }],
			[["?task=WT00000000000000000000000000000001&task=WT00000000000000000000000000000002"],
				{ problem: "bad_task" }],
			[["?task=&task=WT00000000000000000000000000000002"], { problem: "bad_task" }],
			/* Raw values of a template: a number, a name, a share. */
			[["?from=+12025550101&name=Ann Lee & Co&share=100%&task=WT00000000000000000000000000000001"],
				{ sid: "WT00000000000000000000000000000001" }],
			[["?name=x&task=WT00000000000000000000000000000002&task=WT00000000000000000000000000000001"],
				{ problem: "bad_task" }],
		]));

	test("a token is taken from the fragment only if it could stand in a header", () => assertTable(
		"session.js", "tokenOf", [
			[["#token=abc.DEF-_~+/123=="], "abc.DEF-_~+/123=="],
			[["#x=1&token=abc"], "abc"],
			[["#1 of 2#token=abc"], "abc"],
			[["#x&token=theirs#token=abc"], null],
			[["#token=abc&token="], null],
			[[`#token=${"a".repeat(8192)}`], "a".repeat(8192)],
			[[`#token=${"a".repeat(8193)}`], null],
			[["#token=a%2Bb"], "a+b"],
			[["#token="], null],
			[["#"], null],
			[["#mytoken=abc"], null],
			[["#token=a b"], null],
			[["#token=a%0D%0Ab"], null],
			[["#token=%"], null],
		]));

	test("frame-ancestors names the pages to trust, each by its exact origin", () => {
		const own = "https://verify.example.com";
		return assertTable("embedding.js", "originsOf", [
			[["frame-ancestors https://flex.twilio.com", own], ["https://flex.twilio.com"]],
			[["default-src 'none'; Frame-Ancestors 'self' https://A.example http://localhost:3000; x", own],
				[own, "https://a.example", "http://localhost:3000"]],
			[["frame-ancestors https://a.example:443", own], ["https://a.example"]],
			[["frame-ancestors 'none'", own], []],
			[["frame-ancestors", own], []],
			[["default-src 'self' https://a.example", own], []],
			[["", own], []],
			[["frame-ancestors * https: https://* https://*.example a.example https://a.example:* data: null", own], []],
			[["frame-ancestors https://a.example/path https://a.example:99999", own], []],
			[["frame-ancestors https://a.example https://b.example, frame-ancestors https://b.example", own],
				["https://b.example"]],
			[["frame-ancestors https://a.example, default-src 'none'", own], ["https://a.example"]],
			[["frame-ancestors https://a.example; frame-ancestors https://b.example", own], ["https://a.example"]],
		]);
	});

	test("time left is told in minutes, and in seconds at the end", () => {
		const now = Date.parse("2026-11-22T09:00:00Z");
		return assertTable("clock.js", "timeLeft", [
			[["2026-11-22T09:10:00Z", now], { unit: "minutes", count: 10 }],
			[["2026-11-22T09:01:01Z", now], { unit: "minutes", count: 2 }],
			[["2026-11-22T09:01:00Z", now], { unit: "seconds", count: 60 }],
			[["2026-11-22T09:00:00.500Z", now], { unit: "seconds", count: 1 }],
			[["2026-11-22T09:00:00Z", now], null],
			[["2026-11-22T08:00:00Z", now], null],
			[["never", now], null],
		]);
	});

	test("the server's time goes on with the faster of two clocks, whatever this machine's says", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(stack.url);
		const times = await page.evaluate(async () => {
			const { createClock } = await import("/clock.js");
			let monotonic = 1000, wall = 5000;
			const clock = createClock(() => monotonic, () => wall);
			const start = Date.parse("2026-11-22T09:00:00Z");
			const passed = [];
			const look = (byMonotonic, byWall) => {
				monotonic += byMonotonic;
				wall += byWall;
				passed.push(clock.now() - start);
			};
			clock.sync("2026-11-22T09:00:00Z");
			look(0, 0);
			look(3000, 3000);
			look(1000, -3600000); /* the clock was set back */
			look(0, 3600000 + 61000); /* the machine slept */
			clock.sync("nonsense");
			look(0, 0);
			return passed;
		});
		assert.deepEqual(times, [0, 3000, 4000, 64000, 64000]);
	});

	test("fields of a record are told in words, to a depth", async () => {
		const words = { yes: "Yes", no: "No" };
		await assertTable("info.js", "leavesOf", [
			[[{ name: "Ann", age: 7, ok: true, none: null, empty: "" }, words],
				[[["name"], "Ann"], [["age"], "7"], [["ok"], "Yes"]]],
			[[{ a: { b: { c: { d: 1 } } }, list: ["x", "y"] }, words],
				[[["a", "b", "c"], "{\"d\":1}"], [["list", "0"], "x"], [["list", "1"], "y"]]],
			[[null, words], []],
		]);
		await assertTable("info.js", "labelOf", [
			[[["account_number"], { account_number: "Account number" }], "Account number"],
			[[["meter_number"], {}], "Meter number"],
			[[["customers", "firstName"], {}], "Customers › First name"],
		]);
	});
});
