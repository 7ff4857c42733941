/*
 * make install and make uninstall: what they put where, that it works from
 * there, and that nothing is left of it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startFront } from "./front.js";
import {
	ANA, ANAS_CALL, FORM, INSTALLED, SAYS_TO_NOTHING, agent, assertRefusal, assertSuccess, request, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const MARIA = "+12025550101";

/* A make of its own, not one that shares the jobs of the make that runs the tests. */
async function make(target, variables) {
	const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env;
	const words = { ...variables, ...(BIN.includes("/asan/") && { SANITIZE: "1" }) };
	const { stdout } = await promisify(execFile)("make", ["--no-print-directory", target,
		...Object.entries(words).map(([name, value]) => `${name}=${value}`)], { cwd: ROOT, env });
	return stdout;
}

/* The files below a directory, as { path: mode }. */
function filesBelow(directory) {
	const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
	return Object.fromEntries(files.map((entry) => {
		const path = join(entry.parentPath ?? entry.path, entry.name);
		return [path.slice(directory.length), (statSync(path).mode & 0o7777).toString(8)];
	}).sort());
}

/* Every file, and nothing but these. */
function expectedFiles() {
	const panel = Object.keys(filesBelow(join(ROOT, "www"))).filter((path) => !path.startsWith("/sandbox/"));
	const at = (mode, ...paths) => paths.map((path) => [path, mode]);
	return Object.fromEntries([
		...at("755", "/usr/bin/flex-verify", ...INSTALLED.map((name) => `/usr/libexec/flex-verify/${name}`)),
		...at("644", ...panel.map((path) => `/usr/share/flex-verify${path}`),
			"/etc/flex-verify/flex-verify.env.example",
			"/etc/nginx/snippets/flex-verify.conf", "/etc/nginx/snippets/flex-verify-http.conf",
			"/etc/apache2/conf-available/flex-verify.conf", "/etc/apache2/conf-available/flex-verify-fcgid.conf",
			"/etc/lighttpd/conf-available/90-flex-verify.conf", "/usr/libexec/flex-verify/lighttpd.lua",
			"/usr/libexec/flex-verify/install.record",
			"/etc/caddy/flex-verify.caddy",
			"/usr/lib/systemd/system/flex-verify@.service", "/usr/lib/systemd/system/flex-verify@.socket",
			"/usr/lib/systemd/system/flex-verify.target", "/usr/lib/sysusers.d/flex-verify.conf",
			"/usr/lib/tmpfiles.d/flex-verify.conf",
			...["prometheus.yml", "flex-verify.rules.yml", "flex-verify.dashboard.json", "verify-call.json"]
				.map((name) => `/usr/share/doc/flex-verify/examples/${name}`),
			"/usr/share/man/man5/flex-verify.env.5",
			...["flex-verify", ...INSTALLED].map((name) => `/usr/share/man/man8/${name}.8`)),
	].sort());
}

describe("make install into a package", () => {
	let directory;
	const where = () => ({ DESTDIR: directory, PREFIX: "/usr" });

	before(async () => {
		directory = mkdtempSync(join(tmpdir(), "flex-verify-install-"));
		await make("install", where());
	});
	after(() => rmSync(directory, { recursive: true }));

	test("puts these files there, with these modes, and no other", () => {
		assert.deepEqual(filesBelow(directory), expectedFiles());
	});

	test("has neither the sandbox nor its desk among it, by whatever name", () => {
		for (const path of Object.keys(filesBelow(directory)))
			assert.doesNotMatch(path, /sandbox|desk/);
	});

	test("names no place in the package's own directory, and leaves no word to fill in", () => {
		for (const path of Object.keys(filesBelow(directory)).filter((name) => /^\/etc\/(nginx|apache2|lighttpd|caddy)|\/systemd\//.test(name))) {
			const text = readFileSync(join(directory, path), "utf8");
			assert.ok(!text.includes(directory), path);
			const words = text.split("\n").filter((line) => !line.startsWith("#")).join("\n");
			assert.doesNotMatch(words, /@[A-Z_]+@/, path);
		}
		const service = readFileSync(join(directory, "/usr/lib/systemd/system/flex-verify@.service"), "utf8");
		assert.match(service, /^ExecStart=\/usr\/libexec\/flex-verify\/%i -c %d\/flex-verify\.env$/m);
	});

	test("has a page on every key of the configuration", () => {
		const page = readFileSync(join(directory, "/usr/share/man/man5/flex-verify.env.5"), "utf8");
		const keys = [...readFileSync(join(ROOT, ".env.example"), "utf8").matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)];
		assert.ok(keys.length > 40);
		for (const [, key] of keys)
			assert.match(page, new RegExp(`^\\.It Ev ${key}( |$)`, "m"));
	});

	test("keeps a snippet that was changed, and the configuration, through a new install and an uninstall", async () => {
		const snippet = join(directory, "/etc/nginx/snippets/flex-verify.conf");
		const configuration = join(directory, "/etc/flex-verify/flex-verify.env");
		writeFileSync(configuration, "ACCOUNT_SID=\n", { mode: 0o600 });
		writeFileSync(snippet, "# changed\n");
		assert.match(await make("install", where()), /snippets\/flex-verify\.conf was changed and stays/);
		assert.equal(readFileSync(snippet, "utf8"), "# changed\n");
		assert.match(readFileSync(`${snippet}.new`, "utf8"), /fastcgi_pass/);
		assert.match(await make("uninstall", where()), /snippets\/flex-verify\.conf was changed and stays/);
		assert.deepEqual(filesBelow(directory), { "/etc/flex-verify/flex-verify.env": "600",
			"/etc/nginx/snippets/flex-verify.conf": "644" });
		rmSync(snippet);
		rmSync(configuration);
	});

	test("replaces a snippet that nobody changed by what it is in another version, or below another path", async () => {
		const snippet = join(directory, "/etc/nginx/snippets/flex-verify.conf");
		const installAt = (AT) => make("install", { ...where(), AT });
		for (const at of ["/one", "/two"]) {
			assert.doesNotMatch(await installAt(at), /was changed/);
			assert.match(readFileSync(snippet, "utf8"), new RegExp(`^location \\^~ ${at}/ {$`, "m"));
		}
		writeFileSync(snippet, "# changed\n");
		assert.match(await installAt("/three"), /snippets\/flex-verify\.conf was changed and stays/);
		/* Whoever takes the new one then has one that nobody changed. */
		renameSync(`${snippet}.new`, snippet);
		assert.doesNotMatch(await installAt("/four"), /was changed/);
		assert.match(readFileSync(snippet, "utf8"), /^location \^~ \/four\/ {$/m);
		assert.ok(!existsSync(`${snippet}.new`));
	});

	test("is taken away by make uninstall without a trace, and leaves what others have there", async () => {
		rmSync(directory, { recursive: true });
		mkdirSync(join(directory, "/etc/lighttpd/conf-available"), { recursive: true });
		await make("install", where());
		writeFileSync(join(directory, "/etc/caddy/Caddyfile"), "");
		assert.doesNotMatch(await make("uninstall", { ...where(), AT: "/forgotten" }), /was changed/);
		assert.deepEqual(filesBelow(directory), { "/etc/caddy/Caddyfile": "644" });
		rmSync(join(directory, "/etc/caddy"), { recursive: true });
		assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), ["etc", "etc/lighttpd", "etc/lighttpd/conf-available"]);
	});
});

describe("make install-sandbox", () => {
	let directory;
	const where = () => ({ DESTDIR: directory, PREFIX: "/usr" });

	before(() => {
		directory = mkdtempSync(join(tmpdir(), "flex-verify-install-"));
	});
	after(() => rmSync(directory, { recursive: true }));

	test("puts the sandbox and its desk where nothing of the product is, and takes them away again", async () => {
		await make("install-sandbox", where());
		const desk = Object.keys(filesBelow(join(ROOT, "www/sandbox")));
		assert.deepEqual(Object.keys(filesBelow(directory)), [
			"/etc/nginx/snippets/flex-verify-sandbox.conf",
			"/usr/lib/systemd/system/flex-verify-sandbox.service", "/usr/lib/systemd/system/flex-verify-sandbox.socket",
			"/usr/libexec/flex-verify-sandbox/install.record", "/usr/libexec/flex-verify-sandbox/twilio-sandbox",
			"/usr/share/doc/flex-verify-sandbox/examples/nginx-site.conf",
			"/usr/share/doc/flex-verify-sandbox/examples/sandbox.env",
			...desk.map((path) => `/usr/share/flex-verify-sandbox/sandbox${path}`),
			"/usr/share/man/man8/twilio-sandbox.8",
		].sort());
		await make("uninstall-sandbox", where());
		assert.deepEqual(readdirSync(directory), []);
	});
});

describe("what was installed", () => {
	let directory, stack, site;

	/* The server of somebody's site, with rules that would catch the panel's files, and limits of its own. */
	const siteConfiguration = (port) => `
daemon off;
pid "${directory}/site/nginx/nginx.pid";
error_log "${directory}/site/nginx/error.log" alert;
events {}
http {
	include "${directory}/etc/nginx/snippets/flex-verify-http.conf";
	access_log off;
	client_body_temp_path "${directory}/site/nginx/body";
	fastcgi_temp_path "${directory}/site/nginx/fastcgi";
	proxy_temp_path "${directory}/site/nginx/proxy";
	scgi_temp_path "${directory}/site/nginx/scgi";
	uwsgi_temp_path "${directory}/site/nginx/uwsgi";
	include /etc/nginx/mime.types;
	fastcgi_param OTHER "of the site";
	server {
		listen 127.0.0.1:${port};
		large_client_header_buffers 4 12k;
		location / { return 200 "the site"; }
		location ~ \\.js$ { return 403; }
		location ~ verify { return 403; }
		set $signed_in_user "";
		set $frame_ancestors "'self'";
		include "${directory}/etc/nginx/snippets/flex-verify.conf";
	}
}
`;

	before(async () => {
		directory = mkdtempSync(join(tmpdir(), "flex-verify-install-"));
		chmodSync(directory, 0o755);
		const where = { PREFIX: directory, SYSCONF: join(directory, "etc"), AT: "/verify" };
		await make("install", where);
		/* Twilio is played by a program that is never installed. */
		const programs = join(directory, "programs");
		mkdirSync(programs);
		for (const name of INSTALLED)
			symlinkSync(join(directory, "libexec/flex-verify", name), join(programs, name));
		symlinkSync(join(BIN, "twilio-sandbox"), join(programs, "twilio-sandbox"));
		stack = await startStack({}, INSTALLED, { BIN: programs, WWW: join(directory, "share/flex-verify") });
		/* Only now there is the directory of the sockets. */
		await make("install", { ...where, SOCKETS: stack.runDir });
		mkdirSync(join(directory, "site/nginx"), { recursive: true });
		writeFileSync(join(directory, "site/nginx/nginx.conf"), siteConfiguration(stack.port));
		site = await startFront({ runDir: join(directory, "site"), port: stack.port }, 'set $signed_in_user "";');
	});
	after(async () => {
		await site?.stop();
		await stack?.stop();
		rmSync(directory, { recursive: true });
	});

	const get = (server, path) => request(server, { method: "GET", path });
	const below = (path, fields, headers = {}) => request(site, { path: `/verify${path}`,
		headers: { "Content-Type": FORM, ...headers }, body: new URLSearchParams(fields).toString() });

	test("verifies Ana's caller", async () => {
		await verify(stack, agent(stack, ANA), ANAS_CALL, MARIA);
		assert.equal((await agent(stack, ANA).info(ANAS_CALL)).json.customer.name, "Maria Santos");
	});

	test("answers at the address of each program that was installed, and each web server's snippet names it", async () => {
		const textOf = (path) => readFileSync(join(directory, "etc", path), "utf8");
		const named = {
			"apache2/conf-available/flex-verify.conf": (name) => [`"^/verify/${name}$"`, `<Proxy "fcgi://${name}/"`],
			"apache2/conf-available/flex-verify-fcgid.conf": (name) => [`"^/verify/${name}$"`, `/libexec/flex-verify/${name} -c `],
			"lighttpd/conf-available/90-flex-verify.conf": (name) => [`"/verify/${name}"`, `/${name}.sock"`],
			"caddy/flex-verify.caddy": (name) => [`import flex_verify_program ${name}\n`],
		};
		for (const [name, code] of Object.entries(SAYS_TO_NOTHING)) {
			const { json } = await below(`/${name}`, {});
			assert.equal(json.code, code);
			for (const [path, parts] of Object.entries(named))
				for (const part of parts(name))
					assert.ok(textOf(path).includes(part), `${path}: ${part}`);
		}
		for (const path of ["healthz", "readyz", "metrics"]) {
			assert.equal((await get(site, `/verify/${path}`)).status, 200, path);
			assert.match(textOf("apache2/conf-available/flex-verify.conf"), new RegExp(`"\\^/verify/.*\\b${path}\\b`));
		}
	});

	test("works in the server of another site, below a path, whatever rules that site has", async () => {
		const answer = await below("/customer-info", { task: ANAS_CALL }, { Authorization: `Bearer ${ANA}` });
		assertSuccess(answer);
		for (const path of ["/verify/", "/verify/panel.js", "/verify/strings/en.js", "/verify/sign-in.html", "/verify/supervisor/"]) {
			const page = await get(site, path);
			assert.equal(page.status, 200, path);
			assert.match(page.headers["content-security-policy"], /frame-ancestors/, path);
		}
	});

	test("works on a host name of its own, with the server that the guide has", async () => {
		const own = join(directory, "own");
		mkdirSync(join(own, "nginx"), { recursive: true });
		await make("install", { PREFIX: directory, SYSCONF: join(own, "etc"), SOCKETS: stack.runDir });
		const [, guide] = /^```nginx\n([^]*?)^```$/m.exec(readFileSync(join(ROOT, "deploy/README.md"), "utf8"));
		const server = guide.replace("server {\n", "\tserver {\n").replace(/^\t(ssl_|error_log).*\n/gm, "")
			.replace("listen 443 ssl;", `listen 127.0.0.1:${stack.port};`)
			.replaceAll("snippets/", `${own}/etc/nginx/snippets/`).replace("/var/log/nginx/", `${own}/nginx/`);
		const text = siteConfiguration(stack.port).replaceAll(`${directory}/site/`, `${own}/`)
			.replace(/\tinclude "[^"]*http.conf";\n/, "").replace(/\tserver \{[^]*/, `${server}}\n`);
		writeFileSync(join(own, "nginx/nginx.conf"), text);
		const front = await startFront({ runDir: own, port: stack.port }, 'set $signed_in_user "";');
		try {
			assertSuccess(await agent(front, ANA).info(ANAS_CALL));
			assert.match((await get(front, "/")).headers["content-security-policy"], /'self' https:\/\/flex\.twilio\.com;/);
			assertRefusal(await get(front, "/nothing"), 404, "not_found");
			assertRefusal(await get(front, `/${"x".repeat(20000)}`), 414, "address_too_long");
			assertRefusal(await agent(front, "A".repeat(8193)).info(ANAS_CALL), 431, "token_too_long");
			assertRefusal(await agent(front, "A".repeat(20000)).info(ANAS_CALL), 431, "headers_too_large");
		} finally {
			await front.stop();
		}
	});

	test("takes what headers that site takes, and no more", async () => {
		const ask = (bytes) => below("/customer-info", { task: ANAS_CALL }, { Authorization: `Bearer ${"A".repeat(bytes)}` });
		assertRefusal(await ask(10000), 431, "token_too_long");
		assert.equal((await ask(14000)).status, 400);
	});

	test("refuses there in its own form, and leaves the rest of that site alone", async () => {
		assertRefusal(await below("/customer-info", { task: ANAS_CALL }), 401, "agent_not_signed_in");
		assertRefusal(await get(site, "/verify/nothing"), 404, "not_found");
		assertRefusal(await get(site, "/verify/.env"), 404, "not_found");
		assertRefusal(await get(site, "/verify/refusal"), 404, "not_found");
		assert.equal((await get(site, "/")).text, "the site");
		assert.equal((await get(site, "/customer-info")).text, "the site");
		assert.match((await get(site, "/site.js")).text, /<title>403 Forbidden<\/title>/);
	});
});
