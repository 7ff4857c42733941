/*
 * The panel within another page: whom it believes, what it tells, and that it
 * does neither with anybody else.  Each attack is tried with all else right.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANA, ANAS_CALL, ANAS_TEXTS, newCall, notThe } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { MARIA, eventually, pace, partsOf, requestsTo, useBrowser } from "./browser.js";
import { startHost } from "./host.js";

const TOKEN = "flex-verify:token";
const TASK = "flex-verify:task";

/* A page that answers nothing by itself, and remembers what it was told. */
const around = (src) => `<iframe id="verify" title="Verify" src="${src}"></iframe>
	<script>
	window.heard = [];
	window.panel = document.querySelector("#verify").contentWindow;
	addEventListener("message", ({ source, origin, data }) => heard.push({ origin, data, fromPanel: source === panel }));
	</script>`;

describe("the panel in a page of another origin", () => {
	const chrome = useBrowser();
	let stack, host;

	before(async () => {
		host = await startHost();
		stack = await startStack({ ALLOWED_ORIGINS: `http://127.0.0.1:@PORT@ ${host.url}` });
	});
	after(async () => {
		host?.stop();
		await stack?.stop();
	});
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	/* The panel in the page, before anything is answered: its parts, its nonce, and a way to post to it. */
	const embed = async ({ task = ANAS_CALL, prepare, ...options } = {}) => {
		const page = await chrome.newPage(stack, { also: [host, { url: host.alias }], ...options });
		const tokens = [];
		page.on("request", (request) => tokens.push(...[request.headers().authorization].filter(Boolean)));
		await prepare?.(page);
		host.show("/", around(`${stack.url}/?task=${task}`));
		await page.goto(host.url);
		const told = (type) => page.evaluate((wanted) => heard.map(({ data }) => data)
			.filter((data) => wanted === undefined || data.type === `flex-verify:${wanted}`), type);
		const ready = async (count = 1) => {
			await page.waitForFunction((wanted) =>
				heard.filter(({ data }) => data.type === "flex-verify:ready").length >= wanted, count);
			return (await told("ready")).at(-1).nonce;
		};
		const post = (data, origin = stack.url) =>
			page.evaluate(([message, target]) => panel.postMessage(message, target), [data, origin]);
		const frame = page.frameLocator("#verify");
		return { page, frame, told, ready, post, tokens, ...partsOf(frame) };
	};

	/* It gives up waiting for a token sooner. */
	const embedHasty = () => embed({ prepare: (page) => pace(page, 10) });

	const giveToken = async ({ ready, post }, token = ANA) => post({ type: TOKEN, nonce: await ready(), token });

	/* Until what was posted to the panel has arrived, and what it asked then has gone out. */
	const settled = async ({ frame, post }) => {
		const html = frame.locator("html");
		await html.evaluate(() => {
			window.last = new Promise((resolve) => addEventListener("message", ({ data }) => data === "last" && resolve()));
		});
		await post("last");
		await html.evaluate(() => window.last.then(() => fetch("/icon.svg", { cache: "no-store" })).then(() => {}));
	};

	const assertNotBelieved = async (panel) => {
		await panel.shows("Signed out");
		await settled(panel);
		await panel.shows("Signed out");
		assert.deepEqual(panel.tokens, []);
		assert.equal(await panel.frame.locator("main").count(), 1);
	};

	/* ---- What goes right ---- */

	test("gets its token from the page around it, and lets the agent verify the customer", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.code.pressSequentially(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
	});

	test("tells the page each new state, and not one word more", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		const code = await stack.lastCode(MARIA);
		await panel.code.pressSequentially(notThe(code));
		await panel.says(/does not match/);
		await panel.code.fill(code);
		await panel.code.press("Enter");
		await panel.shows("Customer verified");
		await eventually(async () => (await panel.told("result")).map(({ state, channel }) => [state, channel]),
			[["not_verified", null], ["pending", "sms"], ["approved", "sms"]]);
		const results = await panel.told("result");
		const nonce = await panel.ready();
		for (const result of results) {
			assert.deepEqual(Object.keys(result).sort(), ["at", "channel", "nonce", "state", "task", "type"]);
			assert.deepEqual([result.task, result.nonce], [ANAS_CALL, nonce]);
		}
		assert.deepEqual(results.map(({ at }) => at !== null && !Number.isNaN(Date.parse(at))), [false, true, true]);
		const everything = JSON.stringify(await panel.page.evaluate(() => heard));
		for (const secret of [ANA, code, "2025550101", "Maria", "EX-100101", "sandbox"])
			assert.ok(!everything.includes(secret), secret);
	});

	test("tells that a verification is not known any more when the contact ends", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		await giveToken(panel, "sandbox-expired");
		await panel.primary.click();
		await panel.shows("Signed out");
		await eventually(async () => (await panel.told("result")).map(({ state }) => state), ["not_verified", "unknown"]);
	});

	test("asks for another token when its own is refused, and the agent notices nothing", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		const badges = await panel.frame.locator("h1").evaluateHandle((badge) => {
			const seen = [];
			new MutationObserver(() => seen.push(badge.textContent)).observe(badge, { childList: true, characterData: true,
				subtree: true });
			return seen;
		});
		await giveToken(panel, "sandbox-expired");
		await panel.page.evaluate(([type, token]) => addEventListener("message", ({ data, source, origin }) => {
			if (data.type === "flex-verify:token-please")
				source.postMessage({ type, nonce: data.nonce, token }, origin);
		}), [TOKEN, ANA]);
		await panel.primary.click();
		await panel.shows("Waiting for code");
		assert.deepEqual(await badges.jsonValue(), ["Sending…", "Waiting for code"]);
		assert.equal((await stack.messages(MARIA)).length, 1);
	});

	test("asks for the token each minute, before it ends", async () => {
		const panel = await embed({ clock: true });
		await giveToken(panel);
		await panel.shows("Not verified");
		const before = (await panel.told("token-please")).length;
		await panel.page.clock.fastForward(61000);
		await eventually(async () => (await panel.told("token-please")).length, before + 1);
	});

	test("takes a token that comes late, after it has given up", async () => {
		const panel = await embedHasty();
		await panel.shows("Signed out");
		await giveToken(panel);
		await panel.shows("Not verified");
	});

	test("goes to another task when the page says so, and nothing of the last customer stays", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		await panel.code.pressSequentially(await stack.lastCode(MARIA));
		await panel.infoTab.waitFor();
		await panel.post({ type: TASK, nonce: await panel.ready(), task: ANAS_TEXTS });
		await panel.ready(2);
		await giveToken(panel);
		await panel.shows("Not verified");
		assert.equal(await panel.infoTab.count(), 0);
		await eventually(async () => (await panel.told("result")).at(-1).task, ANAS_TEXTS);
		await panel.post({ type: TASK, nonce: await panel.ready(2), task: "" });
		await panel.shows("No contact chosen");
	});

	test("keeps a token that it was given in memory only: in no address, storage, title or text", async () => {
		const panel = await embed();
		const asked = [];
		panel.page.on("request", (request) => asked.push(request));
		await giveToken(panel);
		await panel.shows("Not verified");
		await panel.primary.click();
		await panel.shows("Waiting for code");
		const places = await panel.frame.locator("html").evaluate((html) => [location.href, document.title, document.cookie,
			JSON.stringify(sessionStorage), JSON.stringify(localStorage), html.outerHTML, document.referrer]);
		for (const place of [...places, panel.page.url(), await panel.page.content()])
			assert.ok(!place.includes(ANA), place);
		for (const request of asked) {
			const { authorization, ...headers } = await request.allHeaders();
			assert.ok(!`${request.url()} ${JSON.stringify(headers)} ${request.postData()}`.includes(ANA));
			/* The first question may have gone out before there was a token. */
			assert.ok(authorization === undefined
				|| (request.method() === "POST" && authorization === `Bearer ${ANA}`), authorization);
		}
		const last = asked.findLast((request) => request.method() === "POST");
		assert.equal((await last.allHeaders()).authorization, `Bearer ${ANA}`);
	});

	/* ---- Attacks ---- */

	test("is not believed to be spoken to by a message without the nonce, or with another", async () => {
		const panel = await embedHasty();
		const nonce = await panel.ready();
		for (const wrong of [undefined, null, "", "0", nonce.slice(1), `${nonce} `, nonce.toUpperCase() + "0", [nonce],
			{ toString: nonce }, true])
			await panel.post({ type: TOKEN, nonce: wrong, token: ANA });
		await panel.post({ type: TOKEN, token: ANA });
		await assertNotBelieved(panel);
		await giveToken(panel);
		await panel.shows("Not verified");
	});

	test("does not take an answer to the document that was in the frame before", async () => {
		const panel = await embedHasty();
		const old = await panel.ready();
		await panel.page.evaluate(() => document.querySelector("#verify").src += "&again");
		const now = await panel.ready(2);
		assert.notEqual(now, old);
		await panel.post({ type: TOKEN, nonce: old, token: ANA });
		await assertNotBelieved(panel);
		await panel.post({ type: TASK, nonce: old, task: ANAS_TEXTS });
		await assertNotBelieved(panel);
		assert.equal(await panel.ready(), now);
	});

	test("sends no token that could not be one", async () => {
		const panel = await embedHasty();
		for (const token of [1, null, true, { token: ANA }, [ANA], "", " ", `${ANA} x`, `${ANA}\r\nX-Other: 1`,
			`${ANA}\u0000`, "é", "=", "a".repeat(8193), "a".repeat(1e6)])
			await giveToken(panel, token);
		await panel.post({ type: TOKEN, nonce: await panel.ready() });
		await assertNotBelieved(panel);
	});

	test("goes to no task that is none", async () => {
		const panel = await embed();
		await giveToken(panel);
		await panel.shows("Not verified");
		const nonce = await panel.ready();
		for (const task of ["javascript:alert(1)", "../sandbox/", "WT1", `${ANAS_TEXTS}&x`, `//example.com/${ANAS_TEXTS}`, 1,
			null, undefined, [ANAS_TEXTS], { sid: ANAS_TEXTS }]) {
			await panel.post({ type: TASK, nonce, task });
			await settled(panel);
			assert.equal(await panel.frame.locator("html").evaluate(() => location.search), `?task=${ANAS_CALL}`);
			assert.equal(await panel.ready(), nonce);
		}
	});

	test("is not moved by messages that are made to reach into objects", async () => {
		const panel = await embedHasty();
		const nonce = await panel.ready();
		const whole = `"nonce":"${nonce}","type":"${TOKEN}","token":"${ANA}"`;
		await panel.page.evaluate(([target, ...texts]) => texts.forEach((text) =>
			panel.postMessage(JSON.parse(text), target)), [stack.url, `{"__proto__":{${whole}}}`,
			`{"constructor":{"prototype":{${whole}}}}`, `[{${whole}}]`, `"${TOKEN}"`, "null", "1", "true", "[]", "{}",
			JSON.stringify(`{${whole}}`),
			...["__proto__", "constructor", "toString", "token", "flex-verify:", TOKEN.toUpperCase()].map((type) => JSON.stringify({ type, nonce, token: ANA }))]);
		await assertNotBelieved(panel);
		assert.equal(await panel.frame.locator("html").evaluate(() => ({}).token === undefined && ({}).nonce === undefined),
			true);
	});

	/* Has a page in a second frame, or in a window, say what is right but for who says it. */
	const sayFrom = async (panel, open, url, nonce) => {
		const query = new URLSearchParams({ type: TOKEN, nonce, token: ANA, target: stack.url });
		host.show(`/other?${query}`, `<script>
			const there = (opener ?? parent).frames[0];
			const all = Object.fromEntries(new URLSearchParams(location.search));
			there.postMessage({ type: all.type, nonce: all.nonce, token: all.token }, all.target);
			(opener ?? parent).postMessage("said", "*");
			</script>`);
		await panel.page.evaluate(open, `${url}/other?${query}`);
		await panel.page.waitForFunction(() => heard.some(({ data }) => data === "said"));
	};
	const inFrame = (src) => document.body.append(Object.assign(document.createElement("iframe"), { src }));
	const inWindow = (src) => void open(src);

	for (const [who, open, origin] of [
		["another frame of the very origin it trusts", inFrame, "url"],
		["a frame of another origin", inFrame, "alias"],
		["another window of the origin it trusts", inWindow, "url"],
		["a window of another origin", inWindow, "alias"],
	])
		test(`does not believe ${who}, which knows the nonce`, async () => {
			const panel = await embedHasty();
			await panel.shows("Signed out");
			await sayFrom(panel, open, host[origin], await panel.ready());
			await assertNotBelieved(panel);
			assert.deepEqual((await panel.page.evaluate(() => heard)).filter(({ data }) => data === "said").length, 1);
			await giveToken(panel);
			await panel.shows("Not verified");
		});

	test("is not shown in a page of an origin that is not listed, and tells it nothing", async () => {
		const page = await chrome.newPage(stack, { also: [{ url: host.alias }] });
		host.show("/", around(`${stack.url}/?task=${ANAS_CALL}#token=${ANA}`));
		const asked = requestsTo(page, "customer-info");
		const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
		await page.goto(host.alias);
		await refused;
		assert.equal(await page.frameLocator("#verify").locator("main").count(), 0);
		assert.deepEqual([await page.evaluate(() => heard), asked], [[], []]);
		chrome.forgive(/frame-ancestors/);
	});

	/* So that a page knows the nonce that it was not told. */
	const foreseen = (page) => page.addInitScript(() => { crypto.getRandomValues = (words) => words.fill(7); });
	const FORESEEN = "7-7-7-7";

	test("believes a page that is listed and knows the nonce, however it came by it", async () => {
		const panel = await embed({ prepare: foreseen });
		assert.equal(await panel.ready(), FORESEEN);
		await panel.post({ type: TOKEN, nonce: FORESEEN, token: ANA });
		await panel.shows("Not verified");
	});

	/* The web server's configuration is wrong: anybody may frame the page, by a wildcard or for want of a list. */
	for (const [what, policy] of [["by a wildcard", "frame-ancestors *"], ["by a scheme", "frame-ancestors http:"],
		["because no list is there", "default-src 'self'"], ["by the port of another", "frame-ancestors http://localhost:*"]])
		test(`neither believes nor tells anything to a page that is let in ${what}`, async () => {
			const page = await chrome.newPage(stack, { also: [{ url: host.alias }] });
			const heads = [];
			await foreseen(page);
			await page.route((url) => url.port === String(stack.port) && url.pathname === "/", async (route) => {
				const reply = await route.fetch();
				heads.push(route.request().method());
				await route.fulfill({ response: reply, headers: { ...reply.headers(), "content-security-policy": policy } });
			});
			host.show("/", around(`${stack.url}/?task=${ANAS_CALL}#token=${ANA}`));
			await page.goto(host.alias);
			const panel = partsOf(page.frameLocator("#verify"));
			await panel.shows("Not verified");
			await eventually(() => heads, ["GET", "HEAD"]);
			await page.evaluate(([target, ...messages]) => messages.forEach((message) => panel.postMessage(message, target)),
				[stack.url, { type: TOKEN, nonce: FORESEEN, token: "sandbox-ben" }, { type: TASK, nonce: FORESEEN, task: "" }]);
			await panel.primary.click();
			await panel.shows("Waiting for code");
			assert.deepEqual(await page.evaluate(() => heard), []);
		});

	/* As in a browser that does not tell a framed page whose frame it is in. */
	const withoutAncestors = (page) => page.route("**/embedding.js", async (route) => {
		const reply = await route.fetch();
		const text = (await reply.text()).replace("location.ancestorOrigins", "undefined");
		await route.fulfill({ response: reply, body: text });
	});

	test("posts to each listed origin where it cannot see whose frame it is in, and one of them hears it", async () => {
		const panel = await embed({ prepare: withoutAncestors });
		await giveToken(panel);
		await panel.shows("Not verified");
		await eventually(async () => (await panel.told("result")).length, 1);
	});

	test("is not heard by a page that is not listed, where it cannot see whose frame it is in", async () => {
		const page = await chrome.newPage(stack, { also: [{ url: host.alias }] });
		await withoutAncestors(page);
		/* Let in by the one answer, and not listed by the other. */
		await page.route((url) => url.port === String(stack.port) && url.pathname === "/", async (route) => {
			const reply = await route.fetch();
			const headers = { ...reply.headers() };
			if (route.request().method() === "GET")
				delete headers["content-security-policy"];
			await route.fulfill({ response: reply, headers });
		});
		host.show("/", around(`${stack.url}/?task=${ANAS_CALL}#token=${ANA}`));
		const asked = page.waitForResponse((response) => response.request().method() === "HEAD");
		await page.goto(host.alias);
		await partsOf(page.frameLocator("#verify")).shows("Not verified");
		assert.match((await asked).headers()["content-security-policy"], new RegExp(host.url));
		/* Said after what it would have said of the answer. */
		await page.frameLocator("#verify").locator("html").evaluate(() =>
			fetch("/", { method: "HEAD", cache: "no-store" }).then(() => parent.postMessage("last", "*")));
		await eventually(() => page.evaluate(() => heard.map(({ data }) => data)), ["last"]);
	});
});
