/*
 * remembering_twilio: a Twilio that keeps books, for tests of what may never
 * happen in the long run.  It knows numbers, of which each has one living
 * verification as at Twilio, and tasks that every agent holds; and it counts
 * what reaches it.  Use it with TWILIO_BASE_URL=<twilio.url>.
 *
 * Its answer to the next call can be lost, `next`: "lost" after it has acted,
 * "broken" before, "busy" refused by its own word, "held" until release().
 */
import { once } from "node:events";
import http from "node:http";

import { ACCOUNT, AUTH_TOKEN, SERVICE, WORKSPACE, sid } from "./fake_twilio.js";

const CODE_LIFE_MS = 600e3, CHECKS_MAX = 5, SENDS_MAX = 5;

const ok = (status, body) => ({ status, body });
const refusal = (status, code) => ({ status, body: { code, message: "Whatever", more_info: "", status } });
const NOT_FOUND = refusal(404, 20404);

export class RememberingTwilio {
	/* now tells the time in ms; pick(n) draws a number below n. */
	constructor({ now, pick }) {
		this.now = now;
		this.pick = pick;
		this.workers = new Map(); /* token -> worker SID */
		this.tasks = new Map(); /* task SID -> { call, to } */
		this.living = new Map(); /* number -> verification */
		this.verifications = new Map(); /* SID -> verification */
		this.books = []; /* { what, to, sid, at, right, lookedAt }, what is send, check or cancel; in order */
		this.next = undefined;
		this.onHeld = () => {};
		this.onRequest = () => {};
	}

	async listen() {
		this.server = http.createServer({ keepAliveTimeout: 60000 }, (request, response) => {
			const chunks = [];
			request.on("data", (chunk) => chunks.push(chunk));
			request.on("end", () => this.serve(request, Buffer.concat(chunks).toString(), response));
		});
		this.server.unref();
		this.server.listen(0, "127.0.0.1");
		await once(this.server, "listening");
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	stop() {
		this.server.closeAllConnections();
		this.server.close();
	}

	get config() {
		return { ACCOUNT_SID: ACCOUNT, AUTH_TOKEN, VERIFY_SERVICE_SID: SERVICE, WORKSPACE_SID: WORKSPACE,
			TWILIO_BASE_URL: this.url, CUSTOMER_LOOKUP_URL: `${this.url}/crm` };
	}

	/* ---- What it knows ---- */

	/* The number's verification, unless it is over. */
	pendingOf(to) {
		const v = this.living.get(to);
		return v?.status === "pending" && this.now() - v.created < CODE_LIFE_MS ? v : undefined;
	}

	show(v) {
		return { sid: v.sid, service_sid: SERVICE, account_sid: ACCOUNT, to: v.to, channel: v.channel, status: v.status,
			valid: v.status === "approved" };
	}

	/* As verify/api/list-verification-attempts has them. */
	attemptsOf({ sid, to }) {
		return [...this.verifications.values()].filter((v) => sid === undefined ? v.to === to : v.sid === sid)
			.map((v) => ({ service_sid: SERVICE, verification_sid: v.sid, channel_data: { to: v.to },
				date_created: new Date(v.created).toISOString().replace(/\.\d+Z$/, "Z"),
				conversion_status: v.status === "approved" ? "converted" : "unconverted" }));
	}

	/* ---- What it does ---- */

	begin(to, channel) {
		const v = { sid: sid("VE", this.verifications.size + 1), to, channel, status: "pending", created: this.now(),
			code: String(100000 + this.pick(900000)), sends: 0, checks: 0 };
		this.living.set(to, v);
		this.verifications.set(v.sid, v);
		return v;
	}

	send(to, channel) {
		const v = this.pendingOf(to) ?? this.begin(to, channel);
		if (v.checks >= CHECKS_MAX)
			return refusal(429, 60202);
		if (v.sends >= SENDS_MAX)
			return refusal(429, 60203);
		v.sends++;
		this.books.push({ what: "send", to, sid: v.sid, at: this.now() });
		return ok(201, this.show(v));
	}

	check(verificationSid, code) {
		const v = this.verifications.get(verificationSid);
		if (v === undefined || v !== this.pendingOf(v.to))
			return NOT_FOUND;
		if (v.checks >= CHECKS_MAX)
			return refusal(429, 60202);
		v.checks++;
		if (code === v.code)
			v.status = "approved";
		this.books.push({ what: "check", to: v.to, sid: v.sid, at: this.now(), right: v.status === "approved" });
		return ok(201, this.show(v));
	}

	cancel(verificationSid) {
		const v = this.verifications.get(verificationSid);
		if (v === undefined || v !== this.pendingOf(v.to))
			return NOT_FOUND;
		v.status = "canceled";
		this.books.push({ what: "cancel", to: v.to, sid: v.sid, at: this.now() });
		return ok(200, this.show(v));
	}

	fetch(verificationSid) {
		const v = this.verifications.get(verificationSid);
		return v === undefined || v.status === "approved" || this.now() - v.created >= CODE_LIFE_MS ?
			NOT_FOUND : ok(200, this.show(v));
	}

	validate(token) {
		const worker = this.workers.get(token);
		return worker === undefined ? NOT_FOUND : ok(200, { valid: true, code: 0, message: null, roles: ["agent"],
			expiration: new Date(this.now() + 3600e3).toISOString(), realm_user_id: "ana", identity: "ana",
			worker_sid: worker });
	}

	task(taskSid) {
		const task = this.tasks.get(taskSid);
		return task === undefined ? NOT_FOUND : ok(200, { sid: taskSid, account_sid: ACCOUNT, workspace_sid: WORKSPACE,
			assignment_status: "assigned", task_channel_unique_name: "voice",
			attributes: JSON.stringify({ direction: "inbound", from: task.to, call_sid: task.call }) });
	}

	reservations(taskSid) {
		return ok(200, { meta: { key: "reservations" }, reservations: [...this.workers].map(([token, worker], i) =>
			({ sid: sid("WR", i + 1), account_sid: ACCOUNT, workspace_sid: WORKSPACE, task_sid: taskSid,
				worker_sid: worker, worker_name: "Ana", reservation_status: "accepted" })) });
	}

	/* ---- Answering ---- */

	/* [is it one that acts?, the answer, given late so that a fault can keep it from acting] */
	read({ method, url }, body) {
		const { pathname, searchParams } = new URL(url, this.url);
		const fields = new URLSearchParams(body), last = pathname.split("/").at(-1);
		if (pathname === "/crm")
			return [false, () => ok(200, { name: "The customer", phone: searchParams.get("phone") })];
		if (last === "validate")
			return [false, () => this.validate(JSON.parse(body).token)];
		if (last === "Reservations")
			return [false, () => this.reservations(pathname.split("/").at(-2))];
		if (last.startsWith("WT"))
			return [false, () => this.task(last)];
		if (last === "Attempts")
			return [false, () => ok(200, { attempts: this.attemptsOf({ to: searchParams.get("ChannelData.To"),
				sid: searchParams.get("VerificationSid") ?? undefined }) })];
		if (last === "Verifications")
			return [true, () => this.send(fields.get("To"), fields.get("Channel"))];
		if (last === "VerificationCheck")
			return [true, () => this.check(fields.get("VerificationSid"), fields.get("Code"))];
		return method === "POST" ? [true, () => this.cancel(last)] : [false, () => this.fetch(last)];
	}

	serve(request, body, response) {
		const [acts, answer] = this.read(request, body);
		this.onRequest(request);
		const fault = acts ? this.next : undefined;
		const say = ({ status, body: said }) => {
			response.writeHead(status, { "Content-Type": "application/json" });
			response.end(JSON.stringify(said));
		};
		if (fault === undefined)
			return say(answer());
		this.next = undefined;
		if (fault === "busy")
			return say(refusal(429, 20429));
		if (fault !== "broken" && fault !== "held and broken")
			answer();
		if (fault.startsWith("held"))
			return this.onHeld(() => request.socket.destroy());
		request.socket.destroy();
	}
}
