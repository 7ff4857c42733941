/*
 * AGENT_AUTH=webserver: an agent who is not signed in signs in by a window, and
 * goes on in the panel, whether that is a tab or stands in somebody else's page.
 *
 * The page around is http://localhost, another site than the panel's
 * http://127.0.0.1, so that what browsers do to cookies of framed pages is done.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, PROGRAMS, newCall } from "../api/helpers.js";
import { freePort, startFront } from "../api/front.js";
import { startStack } from "../api/stack.js";
import { MARIA, axe, eventually, launchProfile, partsOf, useBrowser } from "./browser.js";
import { snippet, startHost } from "./host.js";

/* As oauth2-proxy: asked by nginx who a cookie is, and a page to sign in with, which then sends on. */
async function startGate() {
	const sessionOf = ({ headers }) => /session=(\w+)/.exec(headers.cookie ?? "")?.[1];
	const gate = {
		headers: {}, /* of the sign-in page */
		cookie: "",  /* attributes of the session's cookie */
	};
	const server = http.createServer((request, reply) => {
		const { pathname } = new URL(request.url, "http://gate");
		const user = sessionOf(request);
		if (pathname === "/oauth2/auth")
			reply.writeHead(user === undefined ? 401 : 202, user && { "X-Auth-Request-User": user }).end();
		else if (pathname === "/oauth2/login")
			reply.writeHead(303, { "Set-Cookie": `session=Ana; Path=/; HttpOnly; ${gate.cookie}`,
				Location: "/sign-in.html" }).end();
		else
			reply.writeHead(200, { "Content-Type": "text/html", ...gate.headers }).end(`<!DOCTYPE html>
				<title>Company sign-in</title>
				<link rel="icon" href="data:,"><form method="post" action="/oauth2/login"><button>Sign in as Ana</button></form>`);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address();
	return Object.assign(gate, { url: `http://127.0.0.1:${port}`, stop: () => server.close() });
}

const PROXY = (gate) => `
	auth_request /oauth2/auth;
	auth_request_set $signed_in_user $upstream_http_x_auth_request_user;
	location /oauth2/ {
		auth_request off;
		proxy_pass ${gate.url};
	}
	location = /oauth2/auth {
		internal;
		auth_request off;
		proxy_pass ${gate.url};
		proxy_set_header Content-Length "";
		proxy_pass_request_body off;
	}`;

function describeWith(title, flags, tests) {
	describe(title, () => {
		const chrome = useBrowser({ flags });
		const own = { chrome };

		before(async () => {
			own.host = await startHost();
			own.gate = await startGate();
			const port = await freePort();
			own.stack = await startStack({ AGENT_AUTH: "webserver",
				ALLOWED_ORIGINS: `http://127.0.0.1:${port} ${own.host.url} ${own.host.alias}` }, PROGRAMS);
			own.front = await startFront(own.stack, PROXY(own.gate), { port, more: [["location = /sign-in.html {",
				`location = /sign-in.html {\n${snippet("nginx", "error_page 401", "", "deploy/README.md")}`]] });
			own.host.show("/", `<iframe src="${own.front.url}/?task=${ANAS_CALL}"></iframe>`);
		});
		after(async () => {
			own.host?.stop();
			await own.front?.stop();
			own.gate?.stop();
			await own.stack?.stop();
		});
		beforeEach(async () => {
			own.gate.headers = {};
			own.gate.cookie = "SameSite=None; Secure";
			await own.stack.reset();
			await newCall(own.stack);
		});
		tests(own);
	});
}

/* In a page (where: url, the same site, or alias, another one), or in a tab (where: null). */
const openIn = async ({ chrome, front, host }, where, page = null) => {
	const shown = page ?? await chrome.newPage(front, { also: [host, { url: host.alias }] });
	await shown.goto(where === null ? `${front.url}/?task=${ANAS_CALL}` : host[where]);
	const panel = partsOf(where === null ? shown : shown.frameLocator("iframe"));
	await panel.shows("Signed out");
	await panel.says("Sign in to verify callers.");
	return { page: shown, ...panel };
};

/* Presses the button, and resolves to the window that it opens. */
const windowBy = async ({ page, button }, name) => {
	const opened = page.waitForEvent("popup");
	await button(name).click();
	return opened;
};

const signIn = async (panel) => {
	const opened = await windowBy(panel, "Sign in");
	const closed = opened.waitForEvent("close");
	/* The window may be gone before the click in it is reported as done. */
	const clicked = opened.getByRole("button", { name: "Sign in as Ana" }).click().catch(() => {});
	await Promise.all([closed, clicked]);
};

const verify = async ({ primary, shows, code }, stack) => {
	await primary.click();
	await shows("Waiting for code");
	await code.pressSequentially(await stack.lastCode(MARIA));
	await shows("Customer verified");
};

describeWith("with the web server's sign-in", [], (own) => {
	for (const [what, where] of [["a tab", null], ["a page of the same site", "url"]])
		test(`an agent signs in by a window that closes itself, and verifies, in ${what}`, async () => {
			const panel = await openIn(own, where);
			await signIn(panel);
			await panel.shows("Not verified");
			await verify(panel, own.stack);
		});

	test("so does one in a page of another site, if his browser sends framed pages their cookies", async () => {
		const profile = mkdtempSync(join(tmpdir(), "flex-verify-profile-"));
		mkdirSync(join(profile, "Default"));
		writeFileSync(join(profile, "Default/Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
		const context = await launchProfile(profile);
		try {
			const panel = await openIn(own, "alias", await context.newPage());
			await signIn(panel);
			await panel.shows("Not verified");
			await verify(panel, own.stack);
		} finally {
			await context.close();
			rmSync(profile, { recursive: true });
		}
	});

	test("so does whoever opens the supervisor's page, which then shows an agent nothing", async () => {
		const page = await own.chrome.newPage(own.front);
		await page.goto(`${own.front.url}/supervisor/`);
		await page.getByText("Sign in to see verifications.").waitFor();
		await signIn({ page, button: (name) => page.getByRole("button", { name, exact: true }) });
		await page.getByRole("heading", { name: "For supervisors" }).waitFor();
		assert.equal(await page.locator("[data-board]").isVisible(), false);
	});

	test("an agent who closes the window is where he was", async () => {
		const panel = await openIn(own, "url");
		const opened = await windowBy(panel, "Sign in");
		await opened.close();
		await panel.shows("Signed out");
		await signIn(panel);
		await panel.shows("Not verified");
	});

	test("an agent whose sign-in page cuts the tie to the panel is told what to do, and gets there", async () => {
		own.gate.headers = { "Cross-Origin-Opener-Policy": "same-origin" };
		const panel = await openIn(own, null);
		const looksAgain = panel.page.waitForResponse("**/customer-info");
		const opened = await windowBy(panel, "Sign in");
		await looksAgain;
		await opened.getByRole("button", { name: "Sign in as Ana" }).click();
		await opened.getByText("Close this window, and press “Sign in” in the panel once more.").waitFor();
		const again = await windowBy(panel, "Sign in");
		await panel.shows("Not verified");
		await eventually(async () => again.isClosed(), true);
	});

	test("an agent whose sign-in runs out later signs in again", async () => {
		const panel = await openIn(own, null);
		await signIn(panel);
		await panel.shows("Not verified");
		await panel.page.context().clearCookies();
		await panel.primary.click();
		await panel.shows("Signed out");
		await signIn(panel);
		await panel.shows("Not verified");
	});

	test("a look that the panel takes meanwhile does not undo a sign-in", async () => {
		const panel = await openIn(own, null);
		const opened = await windowBy(panel, "Sign in");
		await panel.page.evaluate(() => {
			dispatchEvent(new Event("online"));
			return fetch("/icon.svg", { cache: "no-store" }).then(() => {});
		});
		await opened.getByRole("button", { name: "Sign in as Ana" }).click().catch(() => {});
		await panel.shows("Not verified");
	});

	test("an agent whose browser blocks the window is told so", async () => {
		const panel = await openIn(own, null);
		await panel.page.evaluate(() => { window.open = () => null; });
		await panel.button("Sign in").click();
		await panel.says(/^The browser blocked the sign-in window\. Allow pop-ups/);
	});

	test("nobody but the window of the sign-in can say that it is done", async () => {
		const panel = await openIn(own, "alias");
		const asked = [];
		panel.page.on("request", (request) => asked.push(request.url()));
		const opened = await windowBy(panel, "Sign in");
		await opened.getByRole("button", { name: "Sign in as Ana" }).waitFor();
		await panel.page.evaluate(() => frames[0].postMessage("flex-verify:signed-in", "*"));
		await panel.page.frameLocator("iframe").locator("html").evaluate(() =>
			window.postMessage("flex-verify:signed-in", location.origin));
		/* The window itself, but gone to another origin. */
		own.host.show("/elsewhere", `<script>
			opener.postMessage("flex-verify:signed-in", "*");
			document.title = "said";
			</script>`);
		await opened.evaluate((url) => { location.href = url; }, `${own.host.alias}/elsewhere`);
		await opened.waitForFunction(() => document.title === "said");
		await panel.page.frameLocator("iframe").locator("html").evaluate(() => fetch("/icon.svg", { cache: "no-store" }).then(() => {}));
		assert.deepEqual(asked.map((url) => new URL(url).pathname), ["/icon.svg"]);
		await opened.close();
	});

	test("the window tells a panel of its own origin, and no other opener", async () => {
		own.host.show("/opener", `<script>
			window.heard = [];
			addEventListener("message", ({ data }) => heard.push(data));
			</script>`);
		const page = await own.chrome.newPage(own.front, { also: [{ url: own.host.alias }] });
		await page.context().addCookies([{ name: "session", value: "Ana", url: own.front.url }]);
		await page.goto(`${own.host.alias}/opener`);
		const opening = page.waitForEvent("popup");
		await page.evaluate((url) => void open(`${url}/sign-in.html`), own.front.url);
		const opened = await opening;
		if (!opened.isClosed())
			await opened.waitForEvent("close");
		assert.deepEqual(await page.evaluate(() => heard), []);
	});

	test("the panel's files need no sign-in, and the API and the window's page do", async () => {
		for (const [path, status] of [["/", 200], ["/panel.js", 200], ["/strings/en.js", 200], ["/sign_in.js", 200]])
			assert.equal((await fetch(own.front.url + path)).status, status, path);
		assert.match(await (await fetch(`${own.front.url}/sign-in.html`)).text(), /Company sign-in/);
		for (const program of ["start-verify", "check-verify", "customer-info"])
			assert.equal((await fetch(`${own.front.url}/${program}`, { method: "POST" })).status, 401, program);
	});
});

describeWith("with the web server's sign-in, in a browser that blocks cookies of framed pages",
	["--test-third-party-cookie-phaseout"], (own) => {
		test("an agent goes on in a window of its own", async () => {
			const panel = await openIn(own, "alias");
			await signIn(panel);
			await panel.shows("Signed in elsewhere");
			const opened = await windowBy(panel, "Open in a window");
			const inWindow = partsOf(opened);
			await inWindow.shows("Not verified");
			await verify(inWindow, own.stack);
		});

		test("an agent may allow the sign-in in the frame, if the browser lets him", async () => {
			const panel = await openIn(own, "alias");
			await panel.page.context().grantPermissions(["storage-access"]);
			await signIn(panel);
			await panel.shows("Signed in elsewhere");
			await panel.button("Allow the sign-in here").click();
			await panel.shows("Not verified");
			await verify(panel, own.stack);
		});

		test("a cookie that is not meant for frames stays out of them, whatever is allowed", async () => {
			own.gate.cookie = "SameSite=Lax";
			const panel = await openIn(own, "alias");
			await panel.page.context().grantPermissions(["storage-access"]);
			await signIn(panel);
			await panel.button("Allow the sign-in here").click();
			await panel.shows("Signed in elsewhere");
		});
	});

describe("without the web server's sign-in", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack();
	});
	after(() => stack?.stop());

	test("no window is offered, and its page says that there is nothing to sign in to", async () => {
		const page = await chrome.newPage(stack);
		await page.goto(`${stack.url}/?task=${ANAS_CALL}`);
		const panel = partsOf(page);
		await panel.shows("Signed out");
		await panel.says(/^Sign in, then open this contact/);
		assert.equal(await panel.button("Sign in").count(), 0);
		await page.goto(`${stack.url}/sign-in.html`);
		await page.getByText("This server signs nobody in by itself.").waitFor();
		await page.goto(`${stack.url}/sign-in.html?lang=es`);
		await page.getByText("Este servidor no inicia sesiones por sí mismo.").waitFor();
		assert.deepEqual(await axe(page), []);
	});
});
