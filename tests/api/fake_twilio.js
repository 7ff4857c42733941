/*
 * fake_twilio: a Twilio that does as it is told, for tests of what happens when the real
 * one does not.  Use it with TWILIO_BASE_URL=<fake.url>.
 *
 * It knows contacts: each has an agent"s token, a worker, a task, a customer"s
 * number and a passcode of its own, so that tests do not meet each other.  It
 * answers each of the calls below like Twilio until it is told to spoil one:
 *
 *   validate      POST /v1/Accounts/AC/Tokens/validate
 *   task          GET  /v1/Workspaces/WS/Tasks/WT
 *   update        POST /v1/Workspaces/WS/Tasks/WT, with If-Match
 *   reservations  GET  /v1/Workspaces/WS/Tasks/WT/Reservations
 *   start         POST /v2/Services/VA/Verifications
 *   check         POST /v2/Services/VA/VerificationCheck
 *   fetch         GET  /v2/Services/VA/Verifications/VE
 *   cancel        POST /v2/Services/VA/Verifications/VE
 *   conferences   GET  /2010-04-01/Accounts/AC/Conferences.json, by FriendlyName
 *   participant   GET  /2010-04-01/Accounts/AC/Conferences/CF/Participants/CA.json
 *   end_with      POST the same, with EndConferenceOnExit
 *   leg           GET  /2010-04-01/Accounts/AC/Calls/CA.json
 *   redirect      POST the same, with Twiml
 *   recordings    GET  /2010-04-01/Accounts/AC/Calls/CA/Recordings.json
 *   pause         POST /2010-04-01/Accounts/AC/Calls/CA/Recordings/RE.json
 *   text          POST /2010-04-01/Accounts/AC/Messages.json
 *   customer      GET  /crm?phone=  (not Twilio's: CUSTOMER_LOOKUP_URL=<fake.customerUrl>)
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export const ACCOUNT = "AC00000000000000000000000000000001";
export const AUTH_TOKEN = "00000000000000000000000000000001";
export const SERVICE = "VA00000000000000000000000000000001";
export const WORKSPACE = "WS00000000000000000000000000000001";

export const ELSEWHERE = "/elsewhere"; /* where the redirects point; nobody may ever ask there */

export const sid = (prefix, number) => prefix + String(number).padStart(32, "0");

/* ---- Faults ----------------------------------------------------------------
 *
 * A fault gets the exchange and answers it, or does not.  The exchange has the
 * answer that would have been given and, unless the fault says `acts: false`,
 * Twilio has done by then what was asked.
 */

function head(status, headers) {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
}

const json = (status, body) => ({ status, headers: { "Content-Type": "application/json" }, body });

function sendText(exchange, { status, headers, body }) {
	exchange.response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
	exchange.response.end(body);
}

function send(exchange, { status, headers, body }) {
	sendText(exchange, { status, headers, body: JSON.stringify(body) });
}

function changed(change) {
	return (exchange) => send(exchange, { ...exchange.answer, body: change(structuredClone(exchange.answer.body)) });
}

function refusal(status, code, message = "Whatever") {
	const fault = (exchange) => send(exchange, json(status,
		{ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }));
	return Object.assign(fault, { acts: false });
}

/* The body's first half and no more of it, under headers that promise all, and `more` bytes behind it. */
function half(exchange, more = 0) {
	const body = JSON.stringify(exchange.answer.body);
	exchange.socket.write(head(exchange.answer.status,
		{ "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) + more }) +
		body.slice(0, body.length / 2));
}

/* So many bytes are promised that they would take minutes. */
function drips(exchange) {
	half(exchange, 10000);
	const timer = setInterval(() => exchange.socket.write(" "), 50);
	exchange.socket.on("close", () => clearInterval(timer));
}

export const notActing = (fault) => Object.assign(fault, { acts: false });

export const faults = {
	hangs: () => {},
	hangsInHeaders: (exchange) => exchange.socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/"),
	hangsInBody: (exchange) => half(exchange),
	drips,
	closes: (exchange) => exchange.socket.end(),
	resets: (exchange) => exchange.socket.resetAndDestroy(),
	closesInHeaders: (exchange) => exchange.socket.end("HTTP/1.1 200 OK\r\nContent-Type: application/"),
	closesInBody: (exchange) => {
		half(exchange);
		exchange.socket.end();
	},
	resetsInBody: (exchange) => {
		half(exchange);
		setTimeout(() => exchange.socket.resetAndDestroy(), 50);
	},
	hasEndlessHeaders: (exchange) =>
		exchange.socket.end(`HTTP/1.1 200 OK\r\nX-Padding: ${"x".repeat(200000)}\r\n\r\n{}`),
	isNotHttp: (exchange) => exchange.socket.end("220 mail.example.com ESMTP ready\r\n"),
	html: (exchange) => sendText(exchange, { status: 200, headers: { "Content-Type": "text/html" },
		body: '<!DOCTYPE html><title>Welcome</title><p>"status":"approved"' }),
	htmlNamedJson: (exchange) => sendText(exchange, { ...exchange.answer, body: "<!DOCTYPE html><p>Welcome" }),
	empty: (exchange) => sendText(exchange, { ...exchange.answer, body: "" }),
	noContent: (exchange) => exchange.response.writeHead(204).end(),
	isAnArray: changed((body) => [body]),
	isNull: changed(() => null),
	truncated: (exchange) => {
		const body = JSON.stringify(exchange.answer.body);
		sendText(exchange, { ...exchange.answer, body: body.slice(0, -1) });
	},
	doubled: (exchange) => {
		const body = JSON.stringify(exchange.answer.body);
		sendText(exchange, { ...exchange.answer, body: body + body });
	},
	megabyte: changed((body) => ({ ...body, padding: "x".repeat(1 << 20) })),
	redirects: notActing((exchange) => sendText(exchange, { status: 302, body: "",
		headers: { Location: exchange.fake.url + ELSEWHERE } })),
	redirectsKeepingMethod: notActing((exchange) => sendText(exchange, { status: 307, body: "",
		headers: { Location: exchange.fake.url + ELSEWHERE } })),
	fails: notActing((exchange) => sendText(exchange, { status: 500, headers: {}, body: "" })),
	failsWithHtml: notActing((exchange) => sendText(exchange, { status: 503,
		headers: { "Content-Type": "text/html" }, body: "<h1>503 Service Unavailable</h1>" })),
	failsWithJson: refusal(503, 20503),
	failsAtGateway: notActing((exchange) => sendText(exchange, { status: 504, headers: {}, body: "" })),
	unauthorized: refusal(401, 20003, "Authenticate"),
	busy: refusal(429, 20429, "Too many requests"),
	notFound: refusal(404, 20404, "The requested resource was not found"),

	/* Twilio's JSON error; a function gets the contact. */
	refuses: (status, code, message) => notActing((exchange) =>
		refusal(status, code, typeof message === "function" ? message(exchange.contact) : message)(exchange)),

	/* What would have been the answer, in a place where it is none. */
	answersIn404: (exchange) => send(exchange, { ...exchange.answer, status: 404 }),
	answersIn500: (exchange) => send(exchange, { ...exchange.answer, status: 500 }),
	answersIn302: (exchange) => send(exchange, { ...exchange.answer, status: 302 }),

	/* The answer with a member that is not as asked. */
	with: (members) => changed((body) => ({ ...body, ...members })),
	without: (member) => changed((body) => ({ ...body, [member]: undefined })),

	/* The answer with a member twice, the second time as given. */
	repeating: (member, value) => (exchange) => sendText(exchange, { ...exchange.answer,
		body: JSON.stringify(exchange.answer.body).replace(/}$/,
			`,${JSON.stringify(member)}:${JSON.stringify(value)}}`) }),

	/* An answer of the test's own; a function gets the contact. */
	saying: (status, body) => notActing((exchange) =>
		send(exchange, json(status, typeof body === "function" ? body(exchange.contact) : body))),

	/* The answer, but only after open() was called. */
	gate: () => {
		let open;
		const opened = new Promise((resolve) => { open = resolve; });
		const fault = async (exchange) => {
			await opened;
			send(exchange, exchange.answer);
		};
		return Object.assign(fault, { open });
	},

	/* No fault at all. */
	answers: (exchange) => send(exchange, exchange.answer),

	/* The answer, and then the connection is closed, in good order. */
	answersAndCloses: (exchange) => {
		exchange.response.setHeader("Connection", "close");
		send(exchange, exchange.answer);
	},
};

/* ---- Contacts -------------------------------------------------------------- */

/* A thousand numbers each, which Ofcom keeps free for fiction. */
const RANGES = ["+447700900", "+441134960", "+441144960", "+441154960", "+441164960", "+441174960", "+441184960"];

class Contact {
	constructor(fake, number) {
		this.fake = fake;
		this.number = number;
		this.to = `${RANGES[Math.floor(number / 1000)]}${String(number % 1000).padStart(3, "0")}`;
		this.token = `token-of-agent-${number}`;
		this.worker = sid("WK", number);
		this.task = sid("WT", number);
		this.call = sid("CA", number);
		this.attributes = JSON.stringify({ direction: "inbound", from: this.to, call_sid: this.call,
			name: "Customer of the task" });
		this.taskVersion = 1;
		this.code = String(100000 + (number * 7919) % 900000);
		this.wrongCode = String(100000 + (number * 7919 + 1) % 900000);
		this.generation = 0;
		this.sends = 0; /* of the code that is pending */
		this.status = "none"; /* what Twilio knows of the verification */
		this.forgotten = false; /* a fetch answers 404, as of one that is approved or expired */
		this.spoiled = {};
		/* The caller's leg of the call: how it is in the conference, or what it does instead. */
		this.leg = { conference: sid("CF", number), over: false, ends: true, hold: false, twiml: null };
		this.recording = { sid: sid("RE", number), status: "in-progress" };
	}

	/* As somebody else does, who has the task too. */
	changeTask(attributes) {
		this.attributes = attributes;
		this.taskVersion++;
	}

	get verification() {
		return sid("VE", this.number * 100 + this.generation);
	}
}

/* ---- Answers --------------------------------------------------------------- */

/* The verification as Twilio shows it. */
export function verification(contact) {
	return {
		sid: contact.verification,
		service_sid: SERVICE,
		account_sid: ACCOUNT,
		to: contact.to,
		channel: contact.channel,
		status: contact.status,
		valid: contact.status === "approved",
		date_created: "2026-11-22T09:00:00Z",
		date_updated: "2026-11-22T09:00:00Z",
		amount: null,
		payee: null,
		send_code_attempts: Array.from({ length: contact.sends }, (_, i) => ({ time: "2026-11-22T09:00:00Z", channel: "SMS",
			attempt_sid: sid("VL", i + 1) })),
	};
}

const notFound = (path) => json(404, { code: 20404, message: `The requested resource ${path} was not found`,
	more_info: "https://www.twilio.com/docs/errors/20404", status: 404 });

/* As the older API writes a time. */
export const rfc2822 = (ms) => new Date(ms).toUTCString().replace("GMT", "+0000");

const answers = {
	validate: (contact) => json(200, { valid: true, code: 0, message: null,
		expiration: new Date(Date.now() + 3600e3).toISOString(), realm_user_id: "agent@example.com",
		identity: "agent_40example_2Ecom", roles: ["agent"], worker_sid: contact.worker }),

	task: (contact) => {
		const answer = json(200, { sid: contact.task, account_sid: ACCOUNT, workspace_sid: WORKSPACE,
			assignment_status: "assigned", task_channel_unique_name: "voice", attributes: contact.attributes });
		answer.headers.ETag = `"${contact.taskVersion}"`;
		return answer;
	},

	update: (contact, fields, path, headers) => {
		if (headers["if-match"] !== String(contact.taskVersion))
			return json(412, { code: 20412, message: "Precondition Failed", status: 412 });
		contact.changeTask(fields.Attributes);
		return answers.task(contact);
	},

	reservations: (contact) => json(200, { meta: { key: "reservations" }, reservations: [{
		sid: sid("WR", contact.number), account_sid: ACCOUNT, workspace_sid: WORKSPACE, task_sid: contact.task,
		worker_sid: contact.worker, worker_name: "Ana", reservation_status: "accepted" }] }),

	start: (contact, fields) => {
		if (contact.status !== "pending") {
			contact.generation++;
			contact.sends = 0;
		}
		contact.sends++;
		contact.status = "pending";
		contact.channel = fields.Channel;
		return json(201, verification(contact));
	},

	check: (contact, fields, path) => {
		if (contact.status !== "pending")
			return notFound(path);
		if (fields.Code === contact.code)
			contact.status = "approved";
		return json(200, verification(contact));
	},

	fetch: (contact, fields, path) =>
		contact.forgotten || contact.status === "approved" ? notFound(path) : json(200, verification(contact)),

	cancel: (contact, fields) => {
		contact.status = fields.Status;
		return json(200, verification(contact));
	},

	/* For a contact of its own, which the same agent will have. */
	create: (contact, fields) => {
		const { to, token, worker, fake } = contact;
		const { task, attributes } = Object.assign(fake.contact(), { to, token, worker, attributes: fields.Attributes });
		return json(201, { sid: task, account_sid: ACCOUNT, workspace_sid: WORKSPACE, assignment_status: "pending", attributes });
	},

	/* The call to the customer that is under way. */
	calls: (contact) => json(200, { page: 0, calls: [{ sid: contact.call, account_sid: ACCOUNT, to: contact.to,
		direction: "outbound-api", status: "in-progress", start_time: rfc2822(Date.now() + 1000) }] }),

	conferences: (contact) => json(200, { page: 0, conferences: contact.leg.over ? [] : [{ sid: contact.leg.conference,
		account_sid: ACCOUNT, friendly_name: contact.task, status: "in-progress" }] }),

	participant: (contact, fields, path) => (contact.leg.twiml !== null ? notFound(path) : json(200, { account_sid: ACCOUNT,
		call_sid: contact.call, conference_sid: contact.leg.conference, end_conference_on_exit: contact.leg.ends,
		hold: contact.leg.hold, status: "connected" })),

	end_with: (contact, fields, path) => {
		contact.leg = { ...contact.leg, ends: fields.EndConferenceOnExit === "true" };
		return answers.participant(contact, fields, path);
	},

	leg: (contact) => json(200, { sid: contact.call, account_sid: ACCOUNT, from: contact.to, direction: "inbound",
		status: contact.leg.over ? "completed" : "in-progress" }),

	redirect: (contact, fields) => {
		contact.leg = { ...contact.leg, twiml: fields.Twiml };
		return answers.leg(contact);
	},

	recordings: (contact) => json(200, { page: 0, recordings: [{ account_sid: ACCOUNT, call_sid: contact.call,
		...contact.recording }] }),

	pause: (contact, fields) => {
		contact.recording = { ...contact.recording, status: fields.Status };
		return json(200, { account_sid: ACCOUNT, call_sid: contact.call, ...contact.recording });
	},

	text: (contact, fields) => {
		contact.text = fields.Body;
		return json(201, { sid: sid("SM", contact.number), account_sid: ACCOUNT, to: contact.to, status: "accepted" });
	},

	customer: (contact) => json(200, { id: `C-${contact.number}`, name: `Customer ${contact.number}`, email: "customer@example.com",
		phone: contact.to, account_number: `account-${contact.number}` }),
};

const routes = [
	["validate", "POST", /^\/v1\/Accounts\/AC\w{32}\/Tokens\/validate$/],
	["task", "GET", /^\/v1\/Workspaces\/WS\w{32}\/Tasks\/(?<task>WT\w{32})$/],
	["update", "POST", /^\/v1\/Workspaces\/WS\w{32}\/Tasks\/(?<task>WT\w{32})$/],
	["reservations", "GET", /^\/v1\/Workspaces\/WS\w{32}\/Tasks\/(?<task>WT\w{32})\/Reservations$/],
	["start", "POST", /^\/v2\/Services\/VA\w{32}\/Verifications$/],
	["check", "POST", /^\/v2\/Services\/VA\w{32}\/VerificationCheck$/],
	["fetch", "GET", /^\/v2\/Services\/VA\w{32}\/Verifications\/(?<verification>VE\w{32})$/],
	["cancel", "POST", /^\/v2\/Services\/VA\w{32}\/Verifications\/(?<verification>VE\w{32})$/],
	["create", "POST", /^\/v1\/Workspaces\/WS\w{32}\/Tasks$/],
	["calls", "GET", /^\/2010-04-01\/Accounts\/AC\w{32}\/Calls\.json$/],
	["conferences", "GET", /^\/2010-04-01\/Accounts\/AC\w{32}\/Conferences\.json$/],
	["participant", "GET", /^\/2010-04-01\/Accounts\/AC\w{32}\/Conferences\/CF\w{32}\/Participants\/(?<call>CA\w{32})\.json$/],
	["end_with", "POST", /^\/2010-04-01\/Accounts\/AC\w{32}\/Conferences\/CF\w{32}\/Participants\/(?<call>CA\w{32})\.json$/],
	["leg", "GET", /^\/2010-04-01\/Accounts\/AC\w{32}\/Calls\/(?<call>CA\w{32})\.json$/],
	["redirect", "POST", /^\/2010-04-01\/Accounts\/AC\w{32}\/Calls\/(?<call>CA\w{32})\.json$/],
	["recordings", "GET", /^\/2010-04-01\/Accounts\/AC\w{32}\/Calls\/(?<call>CA\w{32})\/Recordings\.json$/],
	["pause", "POST", /^\/2010-04-01\/Accounts\/AC\w{32}\/Calls\/(?<call>CA\w{32})\/Recordings\/RE\w{32}\.json$/],
	["text", "POST", /^\/2010-04-01\/Accounts\/AC\w{32}\/Messages\.json$/],
	["customer", "GET", /^\/crm$/],
];

async function readBody(request) {
	const chunks = [];
	for await (const chunk of request)
		chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
}

function readFields(request, body) {
	if ((request.headers["content-type"] ?? "").startsWith("application/json"))
		return JSON.parse(body);
	return Object.fromEntries(new URLSearchParams(body));
}

/* ---- The server ------------------------------------------------------------ */

class FakeTwilio {
	constructor() {
		this.contacts = [];
		this.requests = []; /* { call, contact, fields, headers, connection, nth }, in the order of arrival */
		this.connections = 0;
		this.sockets = new Set();
		this.waiting = [];
	}

	get url() {
		return `http://127.0.0.1:${this.port}`;
	}

	get customerUrl() {
		return `${this.url}/crm`;
	}

	/* Keys of the configuration that bring a stack here, for what an agent waits for and nothing behind it. */
	get config() {
		return { ACCOUNT_SID: ACCOUNT, AUTH_TOKEN, VERIFY_SERVICE_SID: SERVICE, WORKSPACE_SID: WORKSPACE,
			TWILIO_BASE_URL: this.url, CUSTOMER_LOOKUP_URL: this.customerUrl, TASK_WRITE_BACK: "off" };
	}

	/* A customer in the hands of an agent, of whom nobody else knows. */
	contact() {
		const contact = new Contact(this, this.contacts.length + 1);
		this.contacts.push(contact);
		return contact;
	}

	/* Every call of this kind about this contact goes wrong, until unspoil; `times` limits it. */
	spoil(contact, call, fault, times = Infinity) {
		contact.spoiled[call] = { fault, times };
	}

	unspoil(contact) {
		contact.spoiled = {};
	}

	/* How often was this asked about this contact? */
	count(contact, call) {
		return this.asked(contact, call).length;
	}

	asked(contact, call) {
		return this.requests.filter((request) => request.contact === contact && request.call === call);
	}

	/* Resolves as soon as this was asked about this contact, `times` times in all. */
	async arrival(contact, call, times = 1) {
		while (this.count(contact, call) < times)
			await new Promise((resolve) => { this.waiting.push(resolve); });
	}

	/* ---- Coming and going ---- */

	/* Also after refuseAfter, on the same port. */
	async listen() {
		this.onRequest = () => {};
		this.server = http.createServer({ keepAliveTimeout: 60000 }, (request, response) => {
			this.serve(request, response).catch((error) => response.destroy(error));
		});
		/* A test that was given up does not stop us; the process is to end all the same. */
		this.server.unref();
		this.server.on("connection", (socket) => {
			socket.unref();
			socket.number = ++this.connections;
			socket.requests = 0;
			this.sockets.add(socket);
			socket.on("close", () => this.sockets.delete(socket));
			socket.on("error", () => {}); /* the other side may reset as it likes */
		});
		this.server.listen(this.port ?? 0, "127.0.0.1");
		await once(this.server, "listening");
		this.port = this.server.address().port;
		return this;
	}

	/* Connections are refused until listen(). */
	async refuse() {
		this.server.close();
		this.server.closeIdleConnections();
	}

	/*
	 * Answers these calls about a contact and, before the last of them is
	 * answered, stops listening, so that the call behind them is refused.  What
	 * `meanwhile` returns is awaited before the answer.
	 */
	refuseAfter(contact, calls, meanwhile = () => {}) {
		const missing = new Set(calls);
		let proceed;
		const refusing = new Promise((resolve) => { proceed = resolve; });
		this.onRequest = async ({ contact: who, call, response }) => {
			if (who !== contact || !calls.includes(call))
				return;
			response.setHeader("Connection", "close");
			if (missing.delete(call) && missing.size === 0) {
				this.server.close();
				this.server.closeIdleConnections();
				proceed(meanwhile());
			}
			await refusing;
		};
	}

	async stop() {
		const closed = new Promise((resolve) => this.server.close(resolve)); /* also if it was closed before */
		for (const socket of this.sockets)
			socket.destroy();
		await closed;
	}

	/* ---- Answering ---- */

	find(call, groups, fields, url) {
		if (call === "validate")
			return this.contacts.find((contact) => contact.token === fields.token);
		if (call === "start" || call === "text")
			return this.contacts.find((contact) => contact.to === fields.To);
		if (call === "create")
			return this.contacts.find((contact) => contact.to === JSON.parse(fields.Attributes).from);
		if (call === "calls")
			return this.contacts.find((contact) => contact.to === url.searchParams.get("To"));
		if (call === "conferences")
			return this.contacts.find((contact) => contact.task === url.searchParams.get("FriendlyName"));
		if (groups.call !== undefined)
			return this.contacts.find((contact) => contact.call === groups.call);
		if (call === "check")
			return this.contacts.find((contact) => contact.verification === fields.VerificationSid);
		if (call === "customer")
			return this.contacts.find((contact) => contact.to === url.searchParams.get("phone"));
		return this.contacts.find((contact) =>
			contact.task === groups.task || contact.verification === groups.verification);
	}

	note(request, response, call, contact, fields) {
		const { socket } = request;
		this.requests.push({ call, contact, fields, headers: request.headers, connection: socket.number,
			nth: ++socket.requests, url: request.url });
		for (const resolve of this.waiting.splice(0))
			resolve();
		return { fake: this, call, contact, fields, request, response, socket };
	}

	async serve(request, response) {
		const url = new URL(request.url, this.url);
		const [call, , pattern] = routes.find(([, method, path]) =>
			method === request.method && path.test(url.pathname)) ?? ["unknown"];
		const fields = readFields(request, await readBody(request));
		const groups = pattern?.exec(url.pathname).groups ?? {};
		const contact = call === "unknown" ? undefined : this.find(call, groups, fields, url);
		const exchange = this.note(request, response, call, contact, fields);
		if (contact === undefined) {
			send(exchange, notFound(url.pathname));
			return;
		}
		await this.onRequest(exchange);
		await this.answer(exchange, url);
	}

	async answer(exchange, url) {
		const { contact, call, fields } = exchange;
		const spoiled = contact.spoiled[call];
		const fault = spoiled !== undefined && spoiled.times-- > 0 ? spoiled.fault : send;
		/* A fault that does not act changes nothing, but knows what the answer would have been. */
		const about = fault.acts === false ? Object.assign(Object.create(Contact.prototype), contact) : contact;
		exchange.answer = answers[call](about, fields, url.pathname, exchange.request.headers);
		if (fault === send)
			send(exchange, exchange.answer);
		else
			await fault(exchange);
	}
}

export async function startFakeTwilio() {
	return new FakeTwilio().listen();
}

/* ---- A server that never accepts --------------------------------------------
 *
 * Listens in a process of its own, which is stopped (SIGSTOP), with its queue
 * of connections full: who connects then gets no answer at all.
 */
export async function startUnaccepting(port) {
	const script = `require("node:net").createServer().listen({ port: ${port}, host: "127.0.0.1", backlog: 1 },
		() => process.send("listening"))`;
	const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	await once(child, "message");
	child.kill("SIGSTOP");
	const filling = [];
	for (let i = 0; i < 8; i++)
		filling.push(net.connect({ port, host: "127.0.0.1" }).on("error", () => {}));
	await sleep(100);
	const exited = once(child, "exit");
	return {
		async stop() {
			for (const socket of filling)
				socket.destroy();
			child.kill("SIGKILL");
			await exited;
		},
	};
}

