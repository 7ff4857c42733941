/*
 * Several hosts on one ledger in PostgreSQL are one: what begins on one goes on
 * on the other, limits hold across them, and when the server or the way to it
 * goes away, nothing is answered that is not so, and all goes on when it is
 * back, without a restart.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startFakeTwilio, faults } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased, assertReleased, sendCode, until } from "./fault_helpers.js";
import { answers, freePort } from "./front.js";
import { AGENT_PROGRAMS, agent, assertRefusal, assertSuccess, logOf } from "./helpers.js";
import { startPostgres, startWay } from "./postgres.js";
import { startStack } from "./stack.js";

const KEYS = { REQUEST_TIMEOUT_MS: 5000, TASK_WRITE_BACK: "on" };

/* nginx before two stacks: each request to the next of them, and to the other one where nobody listens. */
async function startBalancer(stacks) {
	const directory = mkdtempSync(join(tmpdir(), "flex-verify-balancer-")), port = await freePort();
	writeFileSync(join(directory, "nginx.conf"), `
		daemon off; pid ${directory}/pid; events {}
		http { access_log off; server_tokens off; client_body_temp_path ${directory}; proxy_temp_path ${directory};
			fastcgi_temp_path ${directory}; uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
			upstream hosts { ${stacks.map((stack) => `server 127.0.0.1:${stack.port} max_fails=0;`).join(" ")} }
			server { listen 127.0.0.1:${port}; location / { proxy_pass http://hosts; } } }`);
	const nginx = spawn("nginx", ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", join(directory, "error.log"),
		...(process.getuid() === 0 ? ["-g", "user root;"] : [])],
		{ env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, stdio: "ignore" });
	assert.ok(await answers(port), readFileSync(join(directory, "error.log"), "utf8"));
	return {
		port,
		async stop() {
			const ended = once(nginx, "exit");
			nginx.kill("SIGQUIT");
			await ended;
			rmSync(directory, { recursive: true });
		},
	};
}

describe("two hosts on one PostgreSQL", { timeout: 240000 }, () => {
	let postgres, way, fake, a, b, balancer;

	before(async () => {
		postgres = await startPostgres();
		way = await startWay(postgres);
		fake = await startFakeTwilio();
		[a, b] = await Promise.all([postgres.url, way.url].map((LEDGER) =>
			startStack({ ...fake.config, ...KEYS, LEDGER, FAILURES_PER_NUMBER_HOUR: 3 })));
		balancer = await startBalancer([a, b]);
	});
	after(async () => {
		await balancer?.stop();
		await Promise.all([a?.stop(), b?.stop()]);
		await fake?.stop();
		await way?.stop();
		await postgres?.stop();
	});

	/* A caller nobody knows yet, and his agent at either host or before both. */
	function newCaller() {
		const contact = fake.contact();
		return { contact, atA: agentOf(a, contact), atB: agentOf(b, contact), before: agentOf(balancer, contact) };
	}

	const eventsOf = ({ task }, action) => postgres.psql(`SELECT outcome FROM events WHERE task_sid = '${task}'
		AND action = '${action}' ORDER BY position`).split("\n");

	const audit = () => new Promise((done) => execFile(process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify",
		["audit", "verify", "-c", join(a.runDir, "flex-verify.env")], (error, stdout) => done(stdout)));

	test("are one: started on A, checked on B, seen on both", async () => {
		const { contact, atA, atB } = newCaller();

		assertSuccess(await atA.start(), "pending");
		assertSuccess(await atB.check(), "approved");
		assertReleased(await atA.info(), contact);
		assertReleased(await atB.info(), contact);
	});

	test("count wrong codes together", async () => {
		const { contact, atA, atB } = newCaller();

		await sendCode(atA);
		for (const who of [atA, atB])
			assertRefusal(await who.check(contact.wrongCode), 401, "wrong_code");
		assertRefusal(await atA.check(contact.wrongCode), 401, "wrong_code");
		assertRefusal(await atB.check(contact.wrongCode), 429, "too_many_checks");
		assert.equal(fake.count(contact, "check"), 3);
	});

	test("send one code for one intent, however many ask at once", async () => {
		const { contact, before: balanced } = newCaller();
		const gate = faults.gate();

		fake.spoil(contact, "start", gate);
		const asked = Array.from({ length: 6 }, () => balanced.start());
		await fake.arrival(contact, "start");
		/* Five are refused while the sixth waits for Twilio. */
		let answered = 0;
		asked.forEach((one) => one.then(() => answered++));
		await until(async () => answered, (count) => count === 5);
		gate.open();
		const all = await Promise.all(asked);
		fake.unspoil(contact);
		assert.equal(all.filter(({ status }) => status === 200).length, 1);
		all.filter(({ status }) => status !== 200).forEach((one) => assertRefusal(one, 409, "verification_busy"));
		assert.equal(fake.count(contact, "start"), 1);
	});

	/* mod_fcgid's programs are not ours to kill. */
	const skip = process.env.WEB === "fcgid" && "it starts its programs itself";

	test("lose nothing when one is killed in the middle: the other one finds it unclear, and settles it", { skip }, async () => {
		const { contact, atA, atB } = newCaller();
		const gate = faults.gate();

		await sendCode(atA);
		fake.spoil(contact, "check", gate);
		const asked = atA.check();
		await fake.arrival(contact, "check");
		await a.kill9("check-verify");
		gate.open();
		await asked;
		fake.unspoil(contact);
		const seen = await atB.info();
		assertSuccess(seen, "checking");
		assertNothingReleased(seen, contact);
		await a.start();
		const settled = await until(atB.info, ({ json }) => json.verification.state !== "checking");
		assert.ok(["unclear", "approved"].includes(settled.json.verification.state), settled.text);
		if (settled.json.verification.state === "unclear")
			await approve(atB);
		assertReleased(await atA.info(), contact);
	});

	test("say so while the way to the ledger is cut, and go on by themselves", async () => {
		const { contact, atA, atB } = newCaller();

		await approve(atB);
		/* A connection that broke while nobody used it is not noticed by anybody. */
		way.cut();
		assertReleased(await atB.info(), contact);
		await postgres.tell("stop");
		for (const who of [atA, atB]) {
			for (const answer of [await who.start(), await who.check(), await who.info()]) {
				assertRefusal(answer, 503, "ledger_unavailable");
				assertNothingReleased(answer, contact);
			}
		}
		await postgres.tell("start");
		for (const who of [atA, atB])
			assertReleased(await who.info(), contact);
		await postgres.tell("kill");
		await postgres.tell("start");
		const other = newCaller();
		await approve(other.before);
		assertReleased(await other.atB.info(), other.contact);
		assert.ok(AGENT_PROGRAMS.every((program) => a.ending(program) === "" && b.ending(program) === ""));
	});

	test("do nothing twice, and take nothing back, when the word of the commit of an approval is lost", async () => {
		const { contact, atA, atB } = newCaller();
		const gate = faults.gate();

		await sendCode(atA);
		fake.spoil(contact, "check", gate);
		const asked = atB.check();
		await fake.arrival(contact, "check");
		way.losing = true; /* the next commit is that of what Twilio says */
		gate.open();
		const answer = await asked;
		fake.unspoil(contact);
		assert.equal(way.lost, 1);
		assertSuccess(answer, "approved");
		assertReleased(await atA.info(), contact);
		assert.equal(fake.count(contact, "check"), 1);
		assert.deepEqual(eventsOf(contact, "check"), ["begun", "approved"]);
		/* It is news of this request's: the task hears of it. */
		assert.equal(await until(async () => fake.count(contact, "update"), (count) => count > 0), 1);
	});

	test("put on record, on the next try, that an answer came too late for a stopped contact", async () => {
		const { contact, atB } = newCaller();
		const gate = faults.gate();

		await sendCode(atB);
		fake.spoil(contact, "check", gate);
		const asked = atB.check();
		await fake.arrival(contact, "check");
		assertSuccess(await agent(a, contact.token, { hurry: true }).stop(contact.task), "stopped");
		/* A sequence goes on also in what is rolled back. */
		postgres.psql(`CREATE SEQUENCE commits;
			CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN IF nextval('commits') = 1 THEN RAISE 'this commit fails'; END IF; RETURN NULL; END $$;
			CREATE CONSTRAINT TRIGGER fail_once AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION fail_once()`);
		gate.open();
		assertRefusal(await asked, 409, "contact_stopped");
		fake.unspoil(contact);
		assert.equal(postgres.psql("DROP TRIGGER fail_once ON events; SELECT nextval('commits')"), "3");
		assert.deepEqual(eventsOf(contact, "check"), ["begun", "contact_stopped"]);
	});

	test("keep no other out any more once they have given a silent server up", async () => {
		const { atA, atB } = newCaller();

		way.swallowing = true;
		assertRefusal(await atB.start(), 503, "ledger_unavailable");
		assert.equal(way.swallowed, 1);
		assertSuccess(await atA.start(), "pending");
	});

	test("wait no longer than they say for a writer who does not end", async () => {
		const { contact, atA, atB } = newCaller();

		await approve(atA);
		const holder = spawn("psql", ["-Xq", postgres.url], { stdio: ["pipe", "pipe", "ignore"] });
		holder.stdin.write("BEGIN; SELECT pg_advisory_xact_lock(7815263944021);\n");
		await once(holder.stdout, "data");
		const answer = await atB.info();
		assertRefusal(answer, 503, "ledger_unavailable");
		assertNothingReleased(answer, contact);
		const ended = once(holder, "exit");
		holder.stdin.end();
		await ended;
		assertReleased(await atB.info(), contact);
	});

	test("keep one record, which is whole, and its address to themselves", async () => {
		assert.match(await audit(), /^WHOLE: /);
		for (const stack of [a, b])
			for (const program of AGENT_PROGRAMS)
				assert.ok(logOf(stack, program).every((line) => !JSON.stringify(line).includes("postgresql://")));
	});
});

describe("a ledger whose server is not there", () => {
	test("is named at the start, without the password in its address", async () => {
		const password = randomBytes(12).toString("hex");

		await assert.rejects(startStack({ LEDGER: `postgresql://ana:${password}@127.0.0.1:9/ledger?sslmode=disable` }),
			({ message }) => /postgresql:\/\/127\.0\.0\.1\/ledger cannot be opened/.test(message) && !message.includes(password));
	});

	/* What a server without TLS hears, on an address that is none of this host's usual names for itself. */
	async function heardFrom(parameters) {
		const heard = [];
		const server = net.createServer((socket) => {
			socket.on("data", (bytes) => {
				heard.push(bytes);
				socket[heard.length === 1 ? "write" : "end"]("N");
			});
			socket.on("error", () => {});
		});
		await new Promise((listening) => server.listen(0, "127.0.0.2", listening));
		await assert.rejects(startStack({ LEDGER: `postgresql://ana@127.0.0.2:${server.address().port}/ledger?${parameters}` }),
			/cannot be opened/);
		server.close();
		return Buffer.concat(heard);
	}

	test("is told nothing over a network without a certificate that verifies, unless the address says so", async () => {
		const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

		const heard = await heardFrom("connect_timeout=2");
		for (let i = 0; i < heard.length; i += SSL_REQUEST.length)
			assert.deepEqual(heard.subarray(i, i + SSL_REQUEST.length), SSL_REQUEST);
		assert.ok(heard.length > 0);
		assert.match((await heardFrom("connect_timeout=2&sslmode=disable")).toString(), /user\0ana\0database\0ledger\0/);
	});
});
