/*
 * web_servers: the web servers other than nginx, each before the programs of a
 * stack, configured by the snippets of deploy/ as they are installed and by the
 * few lines that any such server has.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { answers, freePort } from "./front.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const isRoot = process.getuid() === 0;

/* ---- Apache ------------------------------------------------------------------ */

const MODULES = ["mpm_event", "alias", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_host", "authz_user", "autoindex",
	"dir", "headers", "mime", "setenvif", "unique_id"];

/* It drops root for www-data, which the sockets then have to be open to: by root's group. */
const AS_ROOT = "User www-data\nGroup root\n";
const WWW_DATA = 33;

const apacheWith = (...modules) => ({ directory, port, more, snippets }) => `
ServerRoot "${directory}"
${[...MODULES, ...modules].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
${isRoot ? AS_ROOT : ""}
Listen 127.0.0.1:${port}
ServerName localhost
PidFile "${directory}/apache.pid"
DefaultRuntimeDir "${directory}"
DocumentRoot "${directory}/htdocs"
ErrorLog "${directory}/error.log"
LogLevel crit
TypesConfig /etc/mime.types
ServerTokens Prod
TraceEnable off
ThreadsPerChild 64
MaxRequestWorkers 256
ServerLimit 4
<Directory />
	Require all denied
</Directory>
<IfModule mod_fcgid.c>
	FcgidIPCDir "${directory}/fcgid"
	FcgidProcessTableFile "${directory}/fcgid_shm"
	FcgidSpawnScoreUpLimit 1000
	FcgidMaxProcessesPerClass 16
</IfModule>
${more}
${snippets.map((path) => `Include "${path}"`).join("\n")}
CustomLog "${directory}/access.log" flex_verify
`;

/* mod_fcgid's programs log into Apache's error log; here, each where a stack's program does. */
function readyForFcgid(stack, { LIBEXEC, SYSCONF }) {
	mkdirSync(LIBEXEC, { recursive: true });
	mkdirSync(join(SYSCONF, "flex-verify"), { recursive: true });
	for (const program of readdirSync(BIN).filter((name) => /^[a-z-]+$/.test(name) && name !== "twilio-sandbox")) {
		const log = join(stack.runDir, `${program}.log`);
		writeFileSync(join(LIBEXEC, program), `#!/bin/sh\nTZ=UTC exec "${join(BIN, program)}" "$@" 2>>"${log}"\n`, { mode: 0o755 });
		writeFileSync(log, "", { flag: "a" });
		chmodSync(log, 0o660);
	}
	const env = join(SYSCONF, "flex-verify/flex-verify.env");
	copyFileSync(join(stack.runDir, "flex-verify.env"), env);
	chmodSync(env, 0o640);
	if (isRoot) {
		chmodSync(stack.runDir, 0o770);
		for (const file of readdirSync(stack.runDir).filter((name) => /^(ledger\.db|metrics$)/.test(name)))
			chownSync(join(stack.runDir, file), WWW_DATA, 0);
	}
}

const apache = {
	command: (directory) => ["/usr/sbin/apache2", "-DFOREGROUND", "-f", join(directory, "server.conf")],
	ownType: /^text\/html/,
	otherwise: {
		"431 headers_too_large": [400], /* it has no status for that */
		"400 malformed_request": [400, 404], /* %00 in an address is 404 */
		"404 not_found": [404],
		"405 method_not_allowed": [405],
		"414 address_too_long": [414],
	},
	reload: "SIGUSR1",
	joinsHeaders: true,
	/* More of the one server that it has: a rule that is the site's own. */
	site: 'RedirectMatch 410 "^/old$"\n<Location "/">\n\tRequire all granted\n</Location>',
};

/* ---- The table ------------------------------------------------------------------ */

/*
 * Of each, besides how it is run:
 *	otherwise  what it refuses otherwise than nginx: a status, with a page of its
 *	           own of the type ownType, or a status and a code of our form
 *	notAsked   what it mends before a program sees it, or waits for: not tried
 */
export const WEB_SERVERS = {
	apache: {
		...apache,
		section: "Apache",
		snippets: ["apache/flex-verify.conf"],
		configuration: apacheWith("proxy", "proxy_fcgi"),
		},

	fcgid: {
		...apache,
		section: "Apache",
		snippets: ["apache/flex-verify-fcgid.conf", "apache/flex-verify.conf"],
		configuration: apacheWith("fcgid"),
		otherwise: { ...apache.otherwise, "400 malformed_request": [400, 404, "500 internal_error"] },
		ready: readyForFcgid,
		refusesChunks: "malformed_request",
		runsPrograms: true,
		reload: undefined,
	},

	lighttpd: {
		section: "lighttpd",
		snippets: ["lighttpd/flex-verify.conf"],
		words: ["lighttpd/flex-verify.lua"], /* of its refusals */
		ready: (stack, { LIBEXEC }) => {
			mkdirSync(LIBEXEC, { recursive: true });
			copyFileSync(join(ROOT, "deploy/lighttpd/flex-verify.lua"), join(LIBEXEC, "lighttpd.lua"));
		},
		configuration: ({ directory, port, more, snippets }) => `
server.modules = ( "mod_indexfile", "mod_access", "mod_redirect", "mod_authn_file" )
server.document-root = "${directory}/htdocs"
server.upload-dirs = ( "${directory}" )
server.errorlog = "${directory}/error.log"
accesslog.filename = "${directory}/access.log"
server.bind = "127.0.0.1"
server.port = ${port}
server.http-parseopts = ( "url-normalize-unreserved" => "enable", "url-normalize-required" => "enable",
	"url-ctrls-reject" => "enable", "url-path-2f-decode" => "enable", "url-path-dotseg-remove" => "enable" )
include "${snippets[0]}"
${more}
server.modules += ( "mod_staticfile" )
`,
		command: (directory) => ["/usr/sbin/lighttpd", "-D", "-f", join(directory, "server.conf")],
		ownType: /^text\/html/,
		otherwise: {
			"400 malformed_request": [400, 505, "404 not_found"],
			"400 query_not_allowed": [400], /* %00 */
			"405 method_not_allowed": [400, 501],
			"414 address_too_long": [431],
			"415 unsupported_media_type": [400], /* two Content-Types */
			"431 headers_too_large": [431],
		},
		notAsked: ["an empty Origin"],
		reload: "SIGUSR1",
		site: '$HTTP["url"] == "/old" { url.redirect-code = 410\nurl.redirect = ( "" => "/" ) }',
		joinsHeaders: true,
	},

	caddy: {
		section: "Caddy",
		snippets: ["caddy/flex-verify.caddy"],
		configuration: ({ directory, port, more, snippets }) => `
import ${snippets[0]}
{
	admin unix/${directory}/admin.sock
	auto_https off
	log {
		output file ${directory}/error.log
		import flex_verify_log
	}
}
http://:${port} {
	bind 127.0.0.1
	log {
		output file ${directory}/access.log
		import flex_verify_log
	}
	${more}
	import flex_verify "'self' https://flex.twilio.com"
}
`,
		command: (directory) => ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", join(directory, "server.conf")],
		ownType: /^(text\/plain|$)/,
		otherwise: {
			"400 malformed_request": [400, "400 incomplete_request", "404 not_found"],
			"414 address_too_long": ["400 query_not_allowed"],
			"431 headers_too_large": ["431 token_too_long"],
		},
		/* It calls a body without a type a form, takes the first of two types, and knows methods in any letters; of CONNECT it makes an empty 200. */
		notAsked: ["a body without a content type", "the header Content-Type twice", "raw HTTP: a method in small letters",
			"raw HTTP: Content-Length and Transfer-Encoding", "CONNECT"],
		site: "respond /old 410\n\trespond /customer-info 404", /* where nothing is, it says 200 and nothing */
		listing: [404, "not_found"],
		refusesChunks: "incomplete_request",
		down: [502, "service_down"],
		joinsHeaders: true,
	},
};

/* The one that the tests are to talk to; undefined: nginx. */
export const BEHIND = WEB_SERVERS[process.env.WEB];

/* Is this a refusal such as nginx has another one for, and as it should be? */
export function isServersOwn({ status, headers, json }, wanted, code) {
	const found = json === undefined ? status : `${status} ${json.code}`;
	return (BEHIND?.otherwise[`${wanted} ${code}`]?.includes(found) ?? false) &&
		(json !== undefined || BEHIND.ownType.test(headers["content-type"] ?? ""));
}

/* ---- Running one ------------------------------------------------------------------ */

const filledIn = (path, words) => Object.entries(words).reduce((text, [word, value]) => text.replaceAll(`@${word}@`, value),
	readFileSync(join(ROOT, "deploy", path), "utf8"));

function writeSnippets(server, directory, words) {
	return server.snippets.map((path) => {
		const target = join(directory, path.replace("/", "-"));
		writeFileSync(target, filledIn(path, words));
		return target;
	});
}

class WebServer {
	constructor(stack, server, directory, port) {
		Object.assign(this, { stack, server, directory, port, url: `http://127.0.0.1:${port}` });
		this.words = { SOCKETS: stack.runDir, WWW_DIR: join(ROOT, "www"), LIBEXEC: join(directory, "libexec"),
			SYSCONF: join(directory, "etc") };
	}

	async start() {
		this.server.ready?.(this.stack, this.words);
		const [program, ...words] = this.server.command(this.directory);
		this.child = spawn(program, words, { env: { ...process.env, HOME: this.directory, TZ: "UTC" },
			stdio: ["ignore", "ignore", "pipe"] });
		let said = "";
		this.child.stderr.on("data", (data) => { said += data; });
		this.abandon = () => this.child.kill("SIGTERM");
		process.on("exit", this.abandon);
		assert.ok(await answers(this.port), `${program} does not start: ${said}`);
	}

	/* Takes its configuration anew, as `systemctl reload` does. */
	reload() {
		this.child.kill(this.server.reload);
	}

	/* The stack may have another configuration now. */
	async renew() {
		if (!this.server.runsPrograms)
			return;
		await this.stop();
		await this.start();
	}

	/* Of the programs that the server itself runs. */
	processesOf(program) {
		return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => {
			try {
				const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
				return line.includes(`/${program}\0`) && line.includes(this.words.SYSCONF);
			} catch {
				return false; /* it has ended meanwhile */
			}
		});
	}

	log(name) {
		const path = join(this.directory, name);
		return existsSync(path) ? readFileSync(path, "utf8") : "";
	}

	async stop() {
		process.off("exit", this.abandon);
		if (this.child.exitCode === null) {
			this.child.kill("SIGTERM");
			await once(this.child, "exit");
		}
	}
}

/* more stands in the one server that it has; at is the path before every address. */
export async function startWebServer(stack, server, { more = "", at = "" } = {}) {
	const port = await freePort();
	const directory = join(stack.runDir, `web-${port}`);
	mkdirSync(join(directory, "htdocs"), { recursive: true });
	if (isRoot)
		for (const path of [dirname(stack.runDir), stack.runDir, directory])
			chmodSync(path, 0o710);
	const web = new WebServer(stack, server, directory, port);
	const snippets = writeSnippets(server, directory, { AT: at, ...web.words });
	writeFileSync(join(directory, "server.conf"), server.configuration({ directory, port, more, snippets }));
	await web.start();
	return web;
}
