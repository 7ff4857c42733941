/*
 * apache: an Apache before the programs of a stack, configured by
 * deploy/apache/flex-verify.conf and the few lines that any Apache has.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { answers, freePort } from "./front.js";

/* Are the tests to talk to an Apache, and not to nginx? */
export const BEHIND_APACHE = process.env.WEB === "apache";

/*
 * What Apache refuses otherwise than nginx: before it knows which location is
 * meant, in words of its own; and some things with another status.
 */
const OTHERWISE = {
	"431 headers_too_large": [400], /* it has no status for that */
	"400 malformed_request": [400, 404], /* %00 in an address is 404 */
	"404 not_found": [404],
	"405 method_not_allowed": [405],
	"414 address_too_long": [414],
};

/* Is this such a refusal, and as it should be, of Apache's own words? */
export const isApachesOwn = ({ status, headers, json }, wanted, code) => BEHIND_APACHE && json === undefined &&
	headers["content-type"]?.startsWith("text/html") && OTHERWISE[`${wanted} ${code}`]?.includes(status);

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const MODULES = "/usr/lib/apache2/modules";
const NEEDED = ["mpm_event", "alias", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_host", "authz_user", "autoindex", "dir",
	"headers", "mime", "proxy", "proxy_fcgi", "proxy_http", "unique_id"];

/* It drops root for www-data, which the sockets then have to be open to: by root's group. */
const isRoot = process.getuid() === 0;
const AS_ROOT = "User www-data\nGroup root\n";

const wordsOf = (stack, at) => ({ "@AT@": at, "@SOCKETS@": stack.runDir, "@WWW_DIR@": join(ROOT, "www") });

function snippet(words) {
	return Object.entries(words).reduce((text, [word, value]) => text.replaceAll(word, value),
		readFileSync(join(ROOT, "deploy/apache/flex-verify.conf"), "utf8"));
}

/*
 * more stands in the one server that it has; sandboxPort is the nginx that serves
 * the sandbox, which no Apache does.
 */
const configuration = ({ directory, port, sandboxPort, included, more }) => `
ServerRoot "${directory}"
${NEEDED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
${isRoot ? AS_ROOT : ""}
Listen 127.0.0.1:${port}
ServerName localhost
PidFile "${directory}/apache.pid"
Mutex "file:${directory}" default
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
ProxyPass "/sandbox/" "http://127.0.0.1:${sandboxPort}/sandbox/"
<Directory />
	Require all denied
</Directory>
${more}
${included}
`;

export async function startApache(stack, { more = "", at = "" } = {}) {
	const port = await freePort();
	const directory = join(stack.runDir, `apache-${port}`);
	mkdirSync(join(directory, "htdocs"), { recursive: true });
	if (isRoot)
		for (const path of [dirname(stack.runDir), stack.runDir])
			chmodSync(path, 0o710);
	const path = join(directory, "apache.conf");
	writeFileSync(path, configuration({ directory, port, more, sandboxPort: stack.port,
		included: snippet(wordsOf(stack, at)) }));

	const apache = spawn("/usr/sbin/apache2", ["-DFOREGROUND", "-f", path],
		{ env: { ...process.env, TZ: "UTC" }, stdio: ["ignore", "ignore", "pipe"] });
	let said = "";
	apache.stderr.on("data", (data) => { said += data; });
	const abandon = () => apache.kill("SIGTERM");
	process.on("exit", abandon);
	assert.ok(await answers(port), `Apache does not start: ${said}`);
	return {
		port,
		url: `http://127.0.0.1:${port}`,
		errors: () => (existsSync(join(directory, "error.log")) ? readFileSync(join(directory, "error.log"), "utf8") : ""),
		async stop() {
			process.off("exit", abandon);
			if (apache.exitCode === null) {
				apache.kill("SIGTERM");
				await once(apache, "exit");
			}
		},
	};
}
