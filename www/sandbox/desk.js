/*
 * desk: a small agent desktop for the sandbox.  It stands for Flex on the left
 * and for the customer's phone on the right; between them is the real panel,
 * in a frame as Flex's CRM container makes it.
 *
 * All people, numbers and tokens are the sandbox's own inventions.
 */
const POLL_MS = 1000;

const worker = (number) => `WK${String(number).padStart(32, "0")}`;

const AGENTS = [
	{ id: "ana", name: "Ana", role: "Agent", worker: worker(1), token: "sandbox-ana" },
	{ id: "ben", name: "Ben", role: "Agent", worker: worker(2), token: "sandbox-ben" },
	{ id: "sam", name: "Sam", role: "Supervisor", worker: worker(3), token: "sandbox-sam" },
];

const CHANNELS = {
	voice: { icon: "voice", label: "Call", state: "On a call" },
	sms: { icon: "chat", label: "Text messages", state: "In a chat" },
	chat: { icon: "chat", label: "Chat", state: "In a chat" },
	default: { icon: "chat", label: "Contact", state: "In a contact" },
};

/* How the phone tells what came by which channel. */
const ARRIVALS = {
	sms: { label: "Text message" },
	call: { label: "Automated call", spoken: true },
	whatsapp: { label: "WhatsApp" },
	email: { label: "E-mail" },
};

const part = (name) => document.querySelector(`[data-${name}]`);
const parts = {
	agents: part("agents"), reset: part("reset"), all: part("all"),
	tasks: part("tasks"), tasksTitle: part("tasks-title"), noTasks: part("no-tasks"),
	contact: part("contact"), initials: part("initials"), name: part("name"),
	from: part("from"), state: part("state"), frame: part("frame"),
	phoneTime: part("phone-time"), phoneCall: part("phone-call"), phoneName: part("phone-name"),
	messages: part("messages"), alert: part("alert"),
};

let agent = AGENTS[0];
let tasks = [];
let task = null;
let arrived = ""; /* the messages on the phone, as a text to compare with */

function element(tag, className, text = "") {
	const node = document.createElement(tag);
	node.className = className;
	node.textContent = text;
	return node;
}

function icon(name) {
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
	svg.setAttribute("aria-hidden", "true");
	use.setAttribute("href", `#icon-${name}`);
	svg.append(use);
	return svg;
}

async function ask(path, options) {
	try {
		const response = await fetch(path, { cache: "no-store", ...options });
		if (!response.ok)
			throw new Error(`status ${response.status}`);
		parts.alert.textContent = "";
		return await response.json();
	} catch (error) {
		parts.alert.textContent = `The sandbox does not answer (${error.message}).`;
		return null;
	}
}

const channelOf = ({ channel }) => CHANNELS[channel] ?? CHANNELS.default;
const nameOf = ({ name, from, sid }) => name ?? from ?? `Task ${Number(sid.slice(-8))}`;
const clock = (time) => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" })
	.format(time);

/* ---- Agents ---------------------------------------------------------------- */

function agentChoice(one) {
	const label = element("label", "agents__one");
	const radio = element("input", "unseen");
	radio.type = "radio";
	radio.name = "agent";
	radio.checked = one === agent;
	radio.addEventListener("change", () => work(one));
	label.append(radio, element("span", "agents__name", one.name),
		element("span", "agents__role", one.role));
	return label;
}

async function work(one, sid = null) {
	agent = one;
	parts.tasksTitle.textContent = `${agent.name}’s tasks`;
	await readTasks();
	choose(tasks.find((each) => each.sid === sid) ?? tasks[0] ?? null);
}

/* ---- Tasks ----------------------------------------------------------------- */

async function readTasks() {
	const query = new URLSearchParams({ worker: agent.worker });
	if (parts.all.checked)
		query.set("all", "1");
	const answer = await ask(`tasks?${query}`);
	tasks = answer?.tasks ?? [];
	parts.tasks.replaceChildren(...tasks.map(taskRow));
	parts.noTasks.hidden = tasks.length > 0;
}

function taskRow(one) {
	const row = element("li", "");
	const button = element("button", "task");
	const words = element("span", "task__words");
	button.type = "button";
	button.dataset.sid = one.sid;
	const about = parts.all.checked ? one.note : `${channelOf(one).label} · ${one.from}`;
	words.append(element("span", "task__name", nameOf(one)), element("span", "task__from", about));
	button.append(icon(channelOf(one).icon), words);
	button.addEventListener("click", () => choose(one));
	row.append(button);
	return row;
}

function choose(one) {
	task = one;
	arrived = "";
	history.replaceState(null, "", `#agent=${agent.id}${task === null ? "" : `&task=${task.sid}`}`);
	for (const button of parts.tasks.querySelectorAll("button"))
		button.setAttribute("aria-current", String(button.dataset.sid === task?.sid));
	renderContact();
	parts.frame.replaceChildren(...(task === null ? [] : [crmContainer()]));
	renderPhone([]);
	readMessages();
}

function renderContact() {
	parts.contact.hidden = task === null;
	if (task === null)
		return;
	const name = nameOf(task);
	parts.initials.textContent = name.split(/\s+/).slice(0, 2)
		.map((word) => Array.from(word)[0] ?? "").join("");
	parts.name.textContent = name;
	parts.from.textContent = task.from ?? "";
	parts.state.textContent = task.status === "assigned" ? channelOf(task).state : task.status;
}

/* As Flex UI 2 does it: by address, with these attributes, without "sandbox". */
function crmContainer() {
	const frame = document.createElement("iframe");
	frame.title = "CRMContainer";
	frame.allow = "clipboard-read; clipboard-write";
	frame.src = `../?task=${task.sid}#token=${agent.token}`;
	return frame;
}

/* ---- The customer's phone -------------------------------------------------- */

async function readMessages() {
	const of = task;
	if (of?.from === null || of === null)
		return;
	const to = of.from.replace(/^[a-z]+:/, "");
	const answer = await ask(`messages?${new URLSearchParams({ to })}`);
	if (answer === null || of !== task)
		return;
	const now = JSON.stringify(answer.messages);
	if (now !== arrived)
		renderPhone(answer.messages);
	arrived = now;
}

function bubble(message) {
	const kind = ARRIVALS[message.channel] ?? { label: message.channel };
	const item = element("article", `message${kind.spoken ? " message--call" : ""}`);
	const time = clock(Date.parse(message.date_created));
	item.append(element("p", "message__head", `${kind.label} · ${time}`),
		element("p", "message__body", kind.spoken ? `“${message.body}”` : message.body));
	return item;
}

/* A first name; a caller may also have none, or show a number for it. */
const ownerOf = ({ name }) => /^\p{L}+/u.exec(name ?? "")?.[0] ?? "The customer";

function renderPhone(messages) {
	const items = messages.map(bubble).reverse();
	parts.phoneTime.textContent = clock(Date.now());
	parts.phoneCall.hidden = task?.channel !== "voice";
	parts.phoneName.textContent = task === null ? "" : `${ownerOf(task)}’s phone`;
	if (items.length === 0)
		items.push(element("p", "phone__quiet", "No messages yet"));
	else
		items.at(-1).classList.add("message--new");
	parts.messages.replaceChildren(...items);
	parts.messages.scrollTop = parts.messages.scrollHeight;
}

/* ---- Start ------------------------------------------------------------------ */

parts.reset.addEventListener("click", async () => {
	await ask("reset", { method: "POST" });
	await work(agent, task?.sid);
});
parts.all.addEventListener("change", () => work(agent, task?.sid));

setInterval(() => {
	if (document.visibilityState === "visible")
		readMessages();
}, POLL_MS);

const asked = new URLSearchParams(location.hash.slice(1));
agent = AGENTS.find(({ id }) => id === asked.get("agent")) ?? agent;
parts.agents.append(...AGENTS.map(agentChoice));
work(agent, asked.get("task"));
