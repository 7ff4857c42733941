/*
 * Seen from outside: the counts, who may read them, whether a host is alive and
 * ready, one id from nginx to Twilio, and what Prometheus makes of it all.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { sendRecords, wholeRequest } from "./fastcgi.js";
import { startFront } from "./front.js";
import {
	ANA, ANAS_CALL, INSTALLED, agent, assertRefusal, assertSuccess, call, ledgerRows, logOf, newCall, notThe, request,
} from "./helpers.js";
import { dashboard, filledIn, grown, look, metricsOf, MONITORING, startPrometheus, until, Witness } from "./monitoring.js";
import { startStack } from "./stack.js";
import { WEB_SERVERS, startWebServer } from "./web_servers.js";

const MARIA = "+12025550101";
const SANITIZED = (process.env.FLEX_VERIFY_BIN ?? "").includes("asan");
const PAGES = ["/metrics", "/healthz", "/readyz"];

const ready = async (stack) => {
	const { status, json } = await look(stack, "/readyz");
	return { http: status, ...json };
};

/* Connections on which no request arrives; each has one of the program's threads until it is closed. */
function occupy(stack, program, count) {
	const sockets = Array.from({ length: count }, () => net.connect(join(stack.runDir, `${program}.sock`)));
	sockets.forEach((socket) => socket.on("error", () => {}));
	return () => sockets.forEach((socket) => socket.destroy());
}

let stack, witness;
before(async () => {
	witness = await new Witness().listen();
	stack = await startStack({ THREADS: 2, ...witness.config }, INSTALLED);
	witness.stack = stack;
});
after(async () => {
	await stack?.stop();
	witness?.stop();
});

describe("the counts of a host", () => {
	const ana = () => agent(stack, ANA);

	/* What Ana's way through a verification adds to the counts. */
	async function counted(act) {
		const earlier = await metricsOf(stack);
		await act();
		return grown(earlier, await metricsOf(stack));
	}

	const withoutTimes = (counts) => Object.fromEntries(Object.entries(counts)
		.filter(([name]) => !/_seconds_(bucket|sum)|_busy/.test(name)));

	test("are one by one those of a verification, of all programs in one page", async () => {
		const counts = withoutTimes(await counted(async () => {
			assertSuccess(await ana().info(ANAS_CALL));
			assertSuccess(await ana().start(ANAS_CALL));
			const code = await stack.lastCode(MARIA);
			assertRefusal(await ana().check(ANAS_CALL, notThe(code)), 401, "wrong_code");
			assertSuccess(await ana().check(ANAS_CALL, code));
			assertSuccess(await ana().info(ANAS_CALL));
			assertRefusal(await call(stack, "customer-info", { task: ANAS_CALL }, { token: "nonsense" }), 401,
				"agent_not_signed_in");
		}));
		const upstream = Object.entries(counts).filter(([name]) => name.startsWith("flex_verify_upstream_"));
		assert.ok(upstream.every(([name]) => name.includes('outcome="ok"')), JSON.stringify(upstream));
		assert.equal(counts['flex_verify_upstream_seconds_count{api="verify",outcome="ok"}'], 3);
		assert.equal(counts['flex_verify_upstream_seconds_count{api="customers",outcome="ok"}'], 1);
		assert.deepEqual(Object.fromEntries(Object.entries(counts)
			.filter(([name]) => !name.startsWith("flex_verify_upstream_"))), {
			'flex_verify_requests_total{program="start-verify",status="2xx"}': 1,
			'flex_verify_requests_total{program="check-verify",status="2xx"}': 1,
			'flex_verify_requests_total{program="check-verify",status="4xx"}': 1,
			'flex_verify_requests_total{program="customer-info",status="2xx"}': 2,
			'flex_verify_requests_total{program="customer-info",status="4xx"}': 1,
			'flex_verify_request_seconds_count{program="start-verify"}': 1,
			'flex_verify_request_seconds_count{program="check-verify"}': 2,
			'flex_verify_request_seconds_count{program="customer-info"}': 3,
			'flex_verify_sends_total{result="sent"}': 1,
			'flex_verify_checks_total{result="wrong_code"}': 1,
			'flex_verify_checks_total{result="approved"}': 1,
			"flex_verify_data_released_total": 1,
			'flex_verify_data_denied_total{reason="not_verified"}': 1,
			'flex_verify_data_denied_total{reason="not_signed_in"}': 1,
		});
	});

	test("tell a limit by whose it is", async () => {
		const counts = await counted(async () => {
			for (let i = 0; i < 6; i++)
				await agent(stack, "sandbox-ben").start("WT00000000000000000000000000000003");
		});
		assert.equal(counts['flex_verify_rate_limited_total{scope="number"}'], 1);
		assert.equal(counts['flex_verify_sends_total{result="limited"}'], 1);
		assert.equal(counts['flex_verify_sends_total{result="sent"}'], 5);
	});

	test("name no number, agent, customer, task or any other person or thing", async () => {
		const { text, headers } = await look(stack, "/metrics");
		assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
		assert.equal(headers["cache-control"], "no-store");
		for (const personal of ["202555", "Maria", "Ana", "sandbox", "WT0", "WK0", "AC0", "VA0", "127.0.0.1"])
			assert.ok(!text.includes(personal), personal);
		const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => name));
		assert.deepEqual([...labels].sort(),
			["api", "le", "outcome", "program", "reason", "result", "scope", "state", "status"]);
		for (const [, value] of text.matchAll(/(?<!le)="([^"]*)"/g))
			assert.match(value, /^([a-z_-]+|[1-5]xx)$/);
	});

	test("are as Prometheus' own check wants them", () => {
		const text = execFileSync("curl", ["-s", `${stack.url}/metrics`]);
		assert.equal(execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" }), "");
	});

	test("are for a GET, without a query, and for nobody whom a proxy passes on", async () => {
		for (const path of PAGES) {
			assert.equal((await request(stack, { path })).status, 405, path);
			assert.equal((await request(stack, { method: "HEAD", path })).status, 200, path);
			assert.equal((await look(stack, `${path}?x=1`)).status, 400, path);
			for (const header of ["X-Forwarded-For", "Forwarded", "Via"])
				assert.equal((await look(stack, path, { [header]: "203.0.113.7" })).status, 403, `${path} ${header}`);
		}
	});

	/* Whatever stands before the program lets through. */
	test("are at their addresses and no other, and for no other method, by the program's own word", async () => {
		const ask = (more) => sendRecords(stack, "host-info", wholeRequest({ REQUEST_METHOD: "GET", DOCUMENT_URI: "/metrics",
			QUERY_STRING: "", REMOTE_ADDR: "127.0.0.1", REQUEST_ID: "0".repeat(32), ...more }, ""));
		assert.equal((await ask({})).status, 200);
		assert.equal((await ask({ DOCUMENT_URI: "/below/metrics" })).status, 200);
		for (const DOCUMENT_URI of ["/", "/metric", "/metrics/", "/metrics.txt", "/metrics/more", "metrics"])
			assert.equal((await ask({ DOCUMENT_URI })).status, 404, DOCUMENT_URI);
		for (const REQUEST_METHOD of ["OPTIONS", "POST", "PUT"])
			assert.equal((await ask({ REQUEST_METHOD })).status, 405, REQUEST_METHOD);
	});

	test("are asked for without a line in the access log", async () => {
		for (const path of PAGES)
			await look(stack, path);
		const answer = await ana().info(ANAS_CALL);
		const log = () => readFileSync(join(stack.runDir, "nginx/access.log"), "utf8");
		await until(log, (text) => text.includes(answer.json.request_id));
		assert.doesNotMatch(log(), /"(metrics|healthz|readyz)"|\/(metrics|healthz|readyz)","status":200/);
	});

	test("and health are refused to other addresses, unless the operator allows them", async () => {
		const monitors = join(stack.runDir, "monitors.conf");
		writeFileSync(monitors, "allow 203.0.113.10;\n");
		const front = await startFront(stack, 'set $signed_in_user "";', {
			http: "\tset_real_ip_from 127.0.0.1;\n",
			more: [["snippets/flex-verify-monitors[.]conf", `${stack.runDir}/monitors[.]conf`]],
		});
		try {
			for (const path of PAGES) {
				const from = (address) => look(front, path, { "X-Real-IP": address });
				assertRefusal(await from("203.0.113.9"), 403, "not_allowed");
				assert.equal((await from("203.0.113.10")).status, 200, path);
				assert.equal((await from("127.0.0.1")).status, 200, path);
			}
		} finally {
			await front.stop();
		}
	});

	test("are served behind Apache, to this host alone unless told otherwise", async () => {
		const remote = "LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so\nRemoteIPHeader X-Real-IP\n" +
			'RemoteIPInternalProxy 127.0.0.1\nDefine FLEX_VERIFY_MONITORS "203.0.113.10"\n';
		const apache = await startWebServer(stack, WEB_SERVERS.apache, { more: remote });
		try {
			for (const path of PAGES) {
				const from = (address) => look(apache, path, { "X-Real-IP": address });
				assert.equal((await look(apache, path)).status, 200, path);
				const { status, json } = await from("203.0.113.9");
				assert.deepEqual([status, json.code], [403, "not_allowed"]);
				assert.equal((await from("203.0.113.10")).status, 200, path);
			}
		} finally {
			await apache.stop();
		}
	});
});

describe("a host", () => {
	test("is alive and ready while every thread of its programs is busy", async () => {
		const leave = occupy(stack, "start-verify", 2);
		const busy = 'flex_verify_threads_busy{program="start-verify"}';
		await until(() => metricsOf(stack), (metrics) => metrics.get(busy) === 2);
		assert.equal((await metricsOf(stack)).get('flex_verify_threads{program="start-verify"}'), 2);
		assert.equal((await look(stack, "/healthz")).status, 200);
		assert.equal((await ready(stack)).http, 200);
		leave();
		await until(() => metricsOf(stack), (metrics) => metrics.get(busy) === 0);
	});

	test("is not ready while a program stops, and is when that has stopped, as a request starts it again", async () => {
		const leave = occupy(stack, "start-verify", 1);
		await until(() => metricsOf(stack), (metrics) =>
			metrics.get('flex_verify_threads_busy{program="start-verify"}') === 1);
		process.kill(stack.pid("start-verify"), "SIGTERM");
		const { http, programs } = await until(() => ready(stack), (answer) =>
			answer.programs["start-verify"] !== "ready");
		assert.deepEqual([http, programs["start-verify"]], [503, "stopping"]);
		assert.equal((await look(stack, "/healthz")).status, 200);
		leave();
		await until(() => ready(stack), (answer) => answer.programs["start-verify"] === "idle" && answer.http === 200);
	});

	test("is not ready when a program died, until it is there again, and loses no count", async () => {
		const approved = 'flex_verify_checks_total{result="approved"}';
		const earlier = await metricsOf(stack);
		await stack.kill9("check-verify");
		const { http, programs } = await ready(stack);
		assert.deepEqual([http, programs["check-verify"], programs["start-verify"]], [503, "died", "idle"]);
		assert.equal((await metricsOf(stack)).get('flex_verify_processes{program="check-verify",state="died"}'), 1);
		await stack.start();
		const again = await ready(stack);
		assert.deepEqual([again.http, ...new Set(Object.values(again.programs))], [200, "ready"]);
		assert.ok(earlier.get(approved) > 0);
		assert.equal((await metricsOf(stack)).get(approved), earlier.get(approved));
	});

	test("is not ready without its ledger, and is when that is back", async () => {
		renameSync(stack.ledger, `${stack.ledger}.away`);
		const { http, ledger } = await ready(stack);
		const up = (await metricsOf(stack)).get("flex_verify_ledger_up");
		renameSync(`${stack.ledger}.away`, stack.ledger);
		assert.deepEqual([http, ledger, up], [503, "LEDGER_NOT_FOUND", 0]);
		assert.equal((await ready(stack)).http, 200);
		assert.equal((await metricsOf(stack)).get("flex_verify_ledger_up"), 1);
	});

	/* An answer's id, in nginx's log, the program's, the ledger's record; and Twilio's, as it answered last. */
	async function assertTraced({ status: answered, json: { request_id: id } }, program, asked, outcome) {
		const log = await until(() => readFileSync(join(stack.runDir, "nginx/access.log"), "utf8"),
			(text) => text.includes(`"request_id":"${id}"`));
		const lines = log.trim().split("\n").map((line) => JSON.parse(line)).filter(({ request_id }) => request_id === id);
		assert.deepEqual(lines.map(({ path, status }) => [path, status]), [[`/${program}`, answered]]);

		const [audit, ...more] = logOf(stack, program).filter(({ request_id }) => request_id === id);
		assert.deepEqual([audit.event, audit.status, more.length], ["audit", answered, 0]);
		const { path, requestId } = witness.answers.at(-1);
		assert.match(path, asked);
		assert.match(requestId, /^RQ[0-9a-f]{32}$/);
		assert.equal(audit.twilio.request_id, requestId);

		const events = ledgerRows(stack, `SELECT outcome FROM events WHERE request_id = '${id}' ORDER BY position`);
		assert.deepEqual(events.map((event) => event.outcome), ["begun", outcome]);
	}

	test("logs one id from nginx through the programs into the record, beside Twilio's own, and takes none from a client",
		async () => {
			const mine = "0123456789abcdef0123456789abcdef", headers = { "X-Request-Id": mine, "Request-Id": mine };
			await newCall(stack);
			const started = await call(stack, "start-verify", { task: ANAS_CALL }, { token: ANA, headers });
			assertSuccess(started);
			assert.notEqual(started.json.request_id, mine);
			await assertTraced(started, "start-verify", /\/Verifications$/, "code_sent");

			const code = notThe(await stack.lastCode(MARIA));
			const checked = await call(stack, "check-verify", { task: ANAS_CALL, verification_code: code }, { token: ANA, headers });
			assertRefusal(checked, 401, "wrong_code");
			assert.ok(![mine, started.json.request_id].includes(checked.json.request_id));
			await assertTraced(checked, "check-verify", /\/VerificationCheck$/, "wrong_code");
		});
});

describe("counts that cannot be kept", () => {
	let other;

	before(async () => {
		other = await startStack({ METRICS: "/nonexistent/metrics" }, INSTALLED);
	});
	after(() => other?.stop());

	test("are given up with a warning, and callers are verified all the same", async () => {
		assertSuccess(await agent(other, ANA).start(ANAS_CALL));
		assertSuccess(await agent(other, ANA).check(ANAS_CALL, await other.lastCode(MARIA)));
		const [warning] = logOf(other, "check-verify").filter(({ event }) => event === "metrics_off");
		assert.equal(warning.level, "warning");
		assert.match(warning.message, /^\/nonexistent\/metrics: it cannot be opened: No such file or directory$/);
		assert.equal((await ready(other)).http, 200);
	});

	test("are not there where METRICS is empty, and nobody warns", async () => {
		other.configure({ METRICS: "" });
		await other.start();
		assert.equal((await look(other, "/metrics")).json.code, "metrics_off");
		assert.equal((await ready(other)).http, 200);
		const warned = logOf(other, "override-verify").filter(({ event }) => event === "metrics_off");
		assert.equal(warned.length, 1);
	});

	test("are not written over what is something else, which host-info does not take for counts either", async () => {
		const path = join(other.runDir, "notes");
		writeFileSync(path, "Not a file of counts.\n");
		other.configure({ METRICS: path });
		await other.start();
		const [warning] = logOf(other, "check-verify").filter(({ event }) => event === "metrics_off").slice(-1);
		assert.ok(warning.message.startsWith(`${path}: it is not a file of counts`), warning.message);
		const { status, json } = await look(other, "/metrics");
		assert.deepEqual([status, json.code], [503, "metrics_unreadable"]);
		assert.deepEqual(await ready(other), { http: 200, status: "ready", ledger: "LEDGER_OK", programs: {} });
		assert.equal(readFileSync(path, "utf8"), "Not a file of counts.\n");
	});
});

describe("Prometheus", { skip: SANITIZED && "one Prometheus is enough" }, () => {
	const RULES = join(MONITORING, "flex-verify.rules.yml");
	let prometheus;

	before(async () => {
		prometheus = await startPrometheus(stack);
	});
	after(() => prometheus?.stop());

	const check = (...words) => execFileSync("promtool", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

	test("finds nothing wrong with the configuration, the rules and what they are tested by", () => {
		check("check", "config", join(MONITORING, "prometheus.yml"));
		check("check", "rules", "--lint-fatal", RULES);
		check("test", "rules", new URL("../monitoring/rules.test.yml", import.meta.url).pathname);
	});

	/* One of each kind: a code sent, a wrong one, an approval, a look before and after. */
	async function verify() {
		const ana = agent(stack, ANA);
		await stack.reset();
		await ana.info(ANAS_CALL);
		await ana.start(ANAS_CALL);
		const code = await stack.lastCode(MARIA);
		await ana.check(ANAS_CALL, notThe(code));
		await ana.check(ANAS_CALL, code);
		await ana.info(ANAS_CALL);
	}

	const hasData = (result) => result.some(({ value: [, number] }) => Number.isFinite(Number(number)));

	test("has data for every expression of the dashboard and of the rules, of a host that works", async () => {
		const recorded = [...readFileSync(RULES, "utf8").matchAll(/record: (\S+)/g)].map(([, name]) => name);
		const panels = dashboard().panels.flatMap(({ title, targets }) =>
			targets.map(({ expr }) => [title, filledIn(expr, 20)]));
		assert.ok(recorded.length === 3 && panels.length > 16);
		let missing = [...panels, ...recorded.map((name) => ["a rule", name])];
		await until(async () => {
			await verify();
			const results = await Promise.all(missing.map(async ([, expression]) => hasData(await prometheus.query(expression))));
			missing = missing.filter((_, i) => !results[i]);
			return missing;
		}, ({ length }) => length === 0);
	});

	test("alerts when a program died", async () => {
		await stack.kill9("unlock-verify");
		const alerts = () => prometheus.query('ALERTS{alertname="FlexVerifyDown"}');
		const [{ metric }] = await until(alerts, ({ length }) => length > 0);
		assert.deepEqual([metric.program, metric.severity], ["unlock-verify", "critical"]);
	});

	test("is asked by each panel with a uid, a title, a place of its own and its data source", () => {
		const { uid, title, panels, templating } = dashboard();
		assert.deepEqual([uid, title], ["flex-verify", "flex-verify"]);
		assert.deepEqual(templating.list.map(({ name }) => name), ["datasource", "instance"]);
		assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
		const taken = new Set();
		for (const { type, title: name, description, datasource, gridPos: { x, y, w, h }, targets } of panels) {
			assert.ok(["stat", "timeseries"].includes(type) && name && description && x + w <= 24, name);
			for (let column = x; column < x + w; column++)
				for (let row = y; row < y + h; row++) {
					assert.ok(!taken.has(`${column}/${row}`), `${name} lies over another panel`);
					taken.add(`${column}/${row}`);
				}
			for (const target of [datasource, ...targets.map((each) => each.datasource)])
				assert.deepEqual(target, { type: "prometheus", uid: "${datasource}" });
		}
	});
});
