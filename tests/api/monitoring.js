/*
 * monitoring: what monitoring sees of a stack, a real Prometheus that looks at
 * it every second, and a witness of what the sandbox answers.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { freePort } from "./front.js";
import { request } from "./helpers.js";

export const MONITORING = fileURLToPath(new URL("../../deploy/monitoring", import.meta.url));

export const look = (stack, path, headers = {}) => request(stack, { method: "GET", path, headers });

/* Waits until it is so, a minute at most; returns what told so. */
export async function until(ask, isSo) {
	for (let waited = 0; ; waited += 50) {
		const answer = await ask();
		if (isSo(answer))
			return answer;
		assert.ok(waited < 60_000, `it never was so; last: ${JSON.stringify(answer)?.slice(0, 2000)}`);
		await sleep(50);
	}
}

/* ---- What is counted ---- */

/* name{labels} of each line, and its number. */
export async function metricsOf(stack) {
	const answer = await look(stack, "/metrics");
	assert.equal(answer.status, 200, answer.text);
	const lines = answer.text.trim().split("\n").filter((line) => !line.startsWith("#"));
	return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]));
}

/* What has grown, and by how much. */
export function grown(before, after) {
	return Object.fromEntries([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)])
		.filter(([, value]) => value !== 0));
}

/* ---- What Twilio answers ---- */

/* Between the programs and the sandbox of a stack, which is told to it when it has started. */
export class Witness {
	constructor() {
		this.answers = []; /* { path, status, requestId } of each call to Twilio */
		this.server = http.createServer((request, response) => this.pass(request, response));
	}

	async listen() {
		await once(this.server.listen(0, "127.0.0.1"), "listening");
		this.config = { TWILIO_BASE_URL: `http://127.0.0.1:${this.server.address().port}/sandbox/twilio` };
		return this;
	}

	pass(request, response) {
		const { method, url: path, headers } = request;
		const onward = http.request({ host: "127.0.0.1", port: this.stack.sandboxPort, method, path, headers, agent: false },
			(answer) => {
				const { statusCode: status, headers: { "twilio-request-id": requestId } } = answer;
				this.answers.push({ path, status, requestId });
				response.writeHead(status, answer.rawHeaders);
				answer.pipe(response);
			});
		onward.on("error", () => response.destroy());
		request.pipe(onward);
	}

	stop() {
		this.server.closeAllConnections();
		this.server.close();
	}
}

/* ---- The dashboard and the rules ---- */

export const dashboard = () => JSON.parse(readFileSync(join(MONITORING, "flex-verify.dashboard.json"), "utf8"));

/* With what Grafana puts in. */
export const filledIn = (expression, seconds) =>
	expression.replaceAll("$__rate_interval", `${seconds}s`).replaceAll("$instance", ".*");

/* ---- Prometheus ---- */

/* Asks the stack every second, by the example's configuration but for address and times; stop() ends it. */
export async function startPrometheus(stack) {
	const directory = mkdtempSync(join(tmpdir(), "flex-verify-prometheus-"));
	cpSync(MONITORING, directory, { recursive: true });
	const config = join(directory, "prometheus.yml");
	writeFileSync(config, [["15s", "1s"], ["scheme: https", "scheme: http"], ["verify.example.com", `127.0.0.1:${stack.port}`]]
		.reduce((text, [from, to]) => {
			assert.ok(text.includes(from), from);
			return text.replaceAll(from, to);
		}, readFileSync(config, "utf8")));
	const port = await freePort();
	const child = spawn("prometheus", [`--config.file=${config}`, `--storage.tsdb.path=${directory}/data`,
		`--web.listen-address=127.0.0.1:${port}`, "--log.level=warn"], { stdio: ["ignore", "ignore", "pipe"] });
	let said = "";
	child.stderr.on("data", (data) => { said += data; });
	const abandon = () => child.kill("SIGKILL");
	process.on("exit", abandon);
	const url = `http://127.0.0.1:${port}`;
	const prometheus = {
		url,
		async query(expression) {
			const reply = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
			const { status, data, error } = await reply.json();
			assert.equal(status, "success", `${expression}: ${error}`);
			return data.result;
		},
		async stop() {
			process.off("exit", abandon);
			if (child.exitCode === null) {
				child.kill("SIGKILL");
				await once(child, "exit");
			}
			if (existsSync(directory))
				rmSync(directory, { recursive: true });
		},
	};
	try {
		await until(() => fetch(`${url}/-/ready`).then(({ status }) => status, () => said), (status) => status === 200);
	} catch (error) {
		await prometheus.stop();
		throw error;
	}
	return prometheus;
}
