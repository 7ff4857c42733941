/*
 * The way to Twilio: only by TLS 1.2 and later, only to whom a trusted
 * authority has named, by no proxy that nobody configured, and to no other
 * host than the configured one.  The servers here are the attacker's.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { SERVICE, faults, sid, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased } from "./fault_helpers.js";
import { assertRefusal, assertSuccess } from "./helpers.js";
import { startPrograms } from "./programs.js";
import { startStack } from "./stack.js";

const TO = "+447700900777";
const PROXIES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/* ---- Certificates -------------------------------------------------------------- */

function makeCertificates(directory) {
	const path = (name) => join(directory, name);
	const openssl = (...words) => execFileSync("openssl", words, { stdio: "pipe" });
	const authority = (name) => openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${name}`,
		"-days", "2", "-keyout", path(`${name}.key`), "-out", path(`${name}.pem`));
	const issue = (name, host, signer, ...dates) => {
		writeFileSync(path(`${name}.cnf`), [`subjectAltName=${host}`, ""].join("\n"));
		openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", path(`${name}.key`),
			"-out", path(`${name}.csr`));
		openssl("x509", "-req", "-in", path(`${name}.csr`), "-CA", path(`${signer}.pem`), "-CAkey", path(`${signer}.key`),
			"-CAcreateserial", "-extfile", path(`${name}.cnf`), "-out", path(`${name}.pem`), ...dates);
	};
	authority("trusted");
	authority("unknown");
	issue("good", "DNS:localhost", "trusted", "-days", "2");
	issue("unsigned", "DNS:localhost", "unknown", "-days", "2");
	issue("other", "DNS:api.example.com", "trusted", "-days", "2");
	issue("expired", "DNS:localhost", "trusted", "-days", "-1");
	return (name) => ({ key: readFileSync(path(`${name}.key`)), cert: readFileSync(path(`${name}.pem`)) });
}

/* ---- An attacker in Twilio's place ------------------------------------------------ */

/* Listens, keeps the first bytes of each connection, and hands it on to a server behind it, which may be none. */
class Impostor {
	constructor() {
		this.first = [];
		this.requests = []; /* that were understood */
	}

	async listen(behind, host = "127.0.0.1") {
		this.behind = behind?.listen(0, "127.0.0.1");
		this.server = net.createServer((socket) => {
			socket.on("error", () => {});
			socket.once("data", (bytes) => {
				this.first.push(bytes);
				this.handOn(socket, bytes);
			});
		});
		this.server.listen(0, host);
		await once(this.server, "listening");
		this.port = this.server.address().port;
		return this;
	}

	handOn(socket, bytes) {
		if (this.behind === undefined)
			return socket.end();
		const onward = net.connect(this.behind.address().port, "127.0.0.1");
		onward.on("error", () => socket.destroy());
		onward.write(bytes);
		return socket.pipe(onward).pipe(socket);
	}

	/* As Twilio answers a start. */
	answer(request, response) {
		const chunks = [];
		request.on("data", (chunk) => chunks.push(chunk));
		request.on("end", () => {
			this.requests.push(`${request.headers.authorization} ${Buffer.concat(chunks)}`);
			response.writeHead(201, { "Content-Type": "application/json", Connection: "close" });
			response.end(JSON.stringify({ sid: sid("VE", 1), service_sid: SERVICE, to: TO, channel: "sms", status: "pending" }));
		});
	}

	stop() {
		this.server.close();
		this.behind?.close();
	}
}

async function startTls(options) {
	const impostor = new Impostor();
	const web = https.createServer(options, (request, response) => impostor.answer(request, response));
	return impostor.listen(web);
}

async function startPlain() {
	const impostor = new Impostor();
	return impostor.listen(http.createServer((request, response) => impostor.answer(request, response)));
}

describe("the connection to Twilio", { timeout: 60000 }, () => {
	const directory = mkdtempSync(join(tmpdir(), "flex-verify-"));
	let certificate;

	before(() => { certificate = makeCertificates(directory); });
	after(() => rmSync(directory, { recursive: true }));

	/* What the programs answer, and what the impostor got of it. */
	async function send(impostor, env) {
		const host = await startPrograms({ AGENT_AUTH: "none", CONTACT_SOURCE: "request", VERIFY_SERVICE_SID: SERVICE,
			TWILIO_BASE_URL: `https://localhost:${impostor.port}`, CA_FILE: join(directory, "trusted.pem") }, { env });
		const answer = await host.ask("start-verify", { to: TO });
		await host.stop();
		impostor.stop();
		return answer;
	}

	async function assertNothingSaid(impostor, answer) {
		assertRefusal(answer, 503, "twilio_unreachable");
		assert.deepEqual(impostor.requests, []);
		assert.ok(impostor.first.length > 0, "it was tried");
		for (const bytes of impostor.first) {
			assert.equal(bytes[0], 0x16, "a handshake, and no plain text");
			assert.ok(!bytes.includes(TO.slice(1)) && !bytes.includes("Authorization"));
		}
	}

	test("R25: is made by TLS 1.2 and 1.3 to whom the trusted authority has named", async () => {
		for (const version of ["TLSv1.2", "TLSv1.3"]) {
			const impostor = await startTls({ ...certificate("good"), minVersion: version, maxVersion: version });
			assertSuccess(await send(impostor), "pending");
			assert.equal(impostor.requests.length, 1);
		}
	});

	const OLD = { ciphers: "ALL:@SECLEVEL=0", minVersion: "TLSv1", maxVersion: "TLSv1.1" };
	for (const [whom, name, options] of [
		["who speaks TLS 1.1 at most", "good", OLD],
		["who shows a certificate of an unknown authority", "unsigned"],
		["who shows another host's certificate", "other"],
		["who shows an expired certificate", "expired"],
		["who signed his certificate himself", "unknown"],
	])
		test(`R25, T19: is broken off with ${whom}, and nothing is said`, async () => {
			const impostor = await startTls({ ...certificate(name), ...options });
			await assertNothingSaid(impostor, await send(impostor));
		});

	test("R25, T19: does not fall back to plain text where TLS is not spoken", async () => {
		const impostor = await startPlain();
		await assertNothingSaid(impostor, await send(impostor));
	});

	test("T19: goes through no proxy that the environment names", async () => {
		const impostor = await startTls(certificate("good")), proxy = await startPlain();
		const env = Object.fromEntries(PROXIES.map((name) => [name, `http://127.0.0.1:${proxy.port}`]));
		assertSuccess(await send(impostor, env), "pending");
		proxy.stop();
		assert.deepEqual(proxy.first, []);
	});

	test("T19: trusts no authority that the environment names", async () => {
		const impostor = await startTls(certificate("unsigned")), file = join(directory, "unknown.pem");
		const env = { SSL_CERT_FILE: file, CURL_CA_BUNDLE: file, SSL_CERT_DIR: directory };
		await assertNothingSaid(impostor, await send(impostor, env));
	});
});

describe("an answer of Twilio's that leads elsewhere", { timeout: 60000 }, () => {
	const WAIT_MS = 20_000;
	let fake, stack, elsewhere;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: WAIT_MS,
			CONNECT_TIMEOUT_MS: WAIT_MS, TOKEN_CACHE_SECONDS: 0 });
		elsewhere = await new Impostor().listen(undefined, "127.0.0.9");
	});
	after(async () => {
		elsewhere?.stop();
		await fake?.stop();
		await stack?.stop();
	});

	const leadingTo = (place) => (exchange) => {
		exchange.response.writeHead(302, { Location: place, "Content-Length": 0 });
		exchange.response.end();
	};

	for (const [call, ask] of [["validate", (who) => who.start()], ["task", (who) => who.start()],
		["reservations", (who) => who.start()], ["start", (who) => who.start()], ["check", (who) => who.check()],
		["customer", (who) => who.info()]])
		test(`R26: is not followed, and nothing is sent there: ${call}`, async () => {
			for (const place of [`http://127.0.0.9:${elsewhere.port}/latest/meta-data/`,
				"http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", `//127.0.0.9:${elsewhere.port}/`]) {
				const contact = fake.contact(), who = agentOf(stack, contact);
				if (call === "customer")
					await approve(who);
				if (call === "check")
					assertSuccess(await who.start(), "pending");
				fake.spoil(contact, call, Object.assign(leadingTo(place), { acts: false }));
				const answer = await ask(who);
				assert.ok(answer.status >= 500, answer.text);
				assertNothingReleased(answer, contact);
				assert.ok(answer.ms < WAIT_MS / 2, "it was not waited for");
			}
			assert.deepEqual(elsewhere.first, []);
		});
});
