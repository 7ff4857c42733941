/*
 * desk: a small agent desktop for the sandbox, to practise on.  It stands for
 * Flex on the left and for the customer on the right; between them is the real
 * panel, in a frame as Flex's CRM container makes it.
 *
 * All people, numbers and tokens are the sandbox's own inventions.
 */
import { closeStates, onCoachClosed, renderCoach, writeStates } from "./coach.js";
import { CUSTOMERS, customerAt, customerOf, speechOf } from "./customers.js";
import { obey, ring } from "./keypad.js";
import { button, element, icon, part, setText } from "./page.js";
import { renderPhone } from "./phone.js";
import * as sandbox from "./sandbox.js";
import { SEATS, seatOf } from "./seats.js";
import { stateOf } from "./states.js";

const POLL_MS = 1000;
const LATER_S = 600;

const CHANNELS = {
	voice: { icon: "voice", label: "Call", state: "On a call", end: "End call" },
	sms: { icon: "chat", label: "Texts", state: "In a chat", end: "End chat" },
	chat: { icon: "chat", label: "Chat", state: "In a chat", end: "End chat" },
	default: { icon: "chat", label: "Contact", state: "In a contact", end: "End contact" },
};

const STATUSES = { pending: "Ringing", wrapping: "Wrapping up" };

/* Those that the agent still has to do with. */
const OPEN = new Set(["pending", "accepted", "wrapping"]);

const parts = {
	seats: part("seats"), reset: part("reset"), all: part("all"), tasks: part("tasks"),
	tasksTitle: part("tasks-title"), noTasks: part("no-tasks"), customers: part("customers"),
	contact: part("contact"), initials: part("initials"), name: part("name"), from: part("from"),
	state: part("state"), acts: part("acts"), frame: part("frame"), later: part("later"),
	alert: part("alert"), first: part("keypad-first"),
};

let seat = SEATS[0];
let state = null;      /* the one of states.js that is practised */
let tasks = [];
let task = null;
let calling = null;    /* the customer who is on the phone before there is a task */
let messages = [];     /* to the customer of the task, or who is calling */
let now = Date.now();  /* the sandbox's time */
let framed = "";       /* what the frame shows */
let listed = "";       /* what the list of tasks shows */
let turn = 0;          /* counts the moves; what was asked for before the last one is dropped */
const obeyed = new Map(); /* by call, the document that its leg does, or did */
const dialled = new Set(); /* callback tasks whose customer is on the line */
const lastOf = new Map(); /* by the seat, the task that was chosen when it was left */
const handed = new Map(); /* tasks handed over: to whom, and which task it became */

/* One thing the desk does; what fails is said, and done again with the next second. */
async function attempt(work) {
	try {
		await work();
		setText(parts.alert, "");
	} catch (error) {
		setText(parts.alert, `The sandbox does not answer (${error.message}).`);
	}
}

const channelOf = ({ channel }) => CHANNELS[channel] ?? CHANNELS.default;

/* An outbound call has the number for a name. */
function nameOf({ name, from, sid }) {
	const given = name === from ? customerAt(from).name ?? name : name;
	return given ?? from ?? `Task ${Number(sid.slice(-8))}`;
}

const isWritten = () => task !== null && task.channel !== "voice";
const isFirstCall = () => task?.sid === tasks[0]?.sid && customerAt(task?.from).id === "maria";

/* ---- Where we are ------------------------------------------------------------ */

/* Takes a seat and one of its tasks: the one asked for, wherever it is, or the first. */
async function go(toSeat, sid = null, toState = null) {
	const mine = ++turn;
	const found = await findTasks(toSeat, sid);
	if (mine !== turn)
		return;
	turn++; /* what was asked for on the way was asked for the old place */
	seat = toSeat;
	state = toState;
	tasks = found;
	const none = state !== null && state.address !== undefined;
	task = none ? null : tasks.find((each) => each.sid === sid) ?? tasks[0] ?? null;
	messages = [];
	const place = new URLSearchParams({ agent: seat.id, ...(task && { task: task.sid }),
		...(state && { state: state.id }) });
	history.replaceState(null, "", `#${place}`);
	render();
	attempt(readPhone);
}

/* Back to where one was; a hint goes along, unless the panel has an address or a token of its own for it. */
function changeSeat(to) {
	lastOf.set(seat.id, task?.sid);
	const own = state?.address !== undefined || state?.token !== undefined;
	return go(to, lastOf.get(to.id), own ? null : state);
}

/* The seat's, and the one asked for, also if it is over or somebody else's. */
async function findTasks({ worker }, sid) {
	const all = parts.all.checked;
	const found = (await sandbox.tasksOf(worker, { all })).filter((one) => all || OPEN.has(one.reservation_status));
	if (!sid || found.some((one) => one.sid === sid))
		return found;
	const elsewhere = [...await sandbox.tasksOf(worker, { all: true }), ...await sandbox.tasksOf("", { all: true })];
	return [...found, ...elsewhere.filter((one) => one.sid === sid).slice(0, 1)];
}

const since = ({ messages_before: before }) => messages.filter(({ number }) => number > before);

async function readPhone() {
	const mine = turn;
	const to = (calling ?? task)?.from?.replace(/^[a-z]+:/, "");
	const [read, time] = await Promise.all([to ? sandbox.messagesTo(to) : [], sandbox.time()]);
	if (mine !== turn)
		return;
	messages = read;
	now = time;
	renderCustomer();
}

/* Another page, or an agent in another window, may have changed what is ours. */
async function refresh() {
	const mine = turn;
	const found = await findTasks(seat, task?.sid);
	if (mine !== turn)
		return;
	tasks = found;
	task = tasks.find((one) => one.sid === task?.sid) ?? null;
	render();
	await readPhone();
	await readLeg();
}

/* The caller of the call before the agent may be asked something meanwhile. */
async function readLeg() {
	if (task?.channel !== "voice" || !task.call || calling !== null)
		return;
	const { call, from, worker } = task;
	const leg = await sandbox.legOf(call);
	if (leg.twiml === null || obeyed.get(call) === leg.documents)
		return;
	obeyed.set(call, leg.documents);
	attempt(() => obey({ call, from }, { name: nameOf({ ...task, from }), worker }));
}

/* ---- What the agent does ------------------------------------------------------- */

/* To what is to be done with the contact, or else to its name. */
function focusNext() {
	(parts.acts.querySelector(".act--main") ?? parts.name).focus();
}

const open = ({ name, from, channel, direction = "inbound" }, { worker }) =>
	sandbox.openTask({ worker, from, channel, direction, ...(name && { name }) });

/* By way of the keypad, which ends at an agent, or by hanging up. */
async function callFirst(customer) {
	calling = customer;
	try {
		return await ring({ ...customer, worker: seat.worker });
	} finally {
		calling = null;
	}
}

const keysFirst = ({ channel, direction }) => parts.first.checked && channel === "voice" && direction !== "outbound";

const callIn = (customer) => attempt(async () => {
	if (calling !== null)
		return;
	const one = await (keysFirst(customer) ? callFirst(customer) : open(customer, seat));
	await go(seat, one?.sid ?? task?.sid);
	focusNext();
});

const change = (action) => attempt(async () => {
	const done = await sandbox.changeTask(task.sid, { worker: seat.worker, action });
	await go(seat, action === "complete" ? null : done.sid, action === "complete" ? null : state);
	focusNext();
});

/* As the project template's page of a callback task does it, with a call of its own. */
const dial = (over) => attempt(async () => {
	await sandbox.dial(task.call_back, over);
	dialled[over ? "delete" : "add"](task.sid);
	renderContact();
});

const handOver = () => attempt(async () => {
	const to = seatOf(seat.hands);
	const next = await sandbox.changeTask(task.sid, { worker: seat.worker, action: "transfer", to: to.worker });
	handed.set(task.sid, { to, sid: next.sid });
	await go(seat, task.sid, state);
	focusNext();
});

const acceptAs = ({ to, sid }) => attempt(async () => {
	handed.delete(task.sid);
	await sandbox.changeTask(sid, { worker: to.worker, action: "accept" });
	await go(to, sid, state);
	focusNext();
});

/* Sets the stage for a state; the rest is the agent's. */
const practise = (wanted) => attempt(async () => {
	const at = seatOf(wanted.seat ?? "ana");
	let sid = wanted.task === undefined ? null : `WT${String(wanted.task).padStart(32, "0")}`;
	closeStates();
	if (wanted.contact !== undefined) {
		const customer = customerOf(wanted.contact) ?? { from: wanted.contact, channel: "voice" };
		({ sid } = await open(customer, at));
		if (!wanted.rings && customer.direction !== "outbound")
			await sandbox.changeTask(sid, { worker: at.worker, action: "accept" });
	}
	await go(at, sid, wanted);
	focusNext();
});

/* ---- What is shown ------------------------------------------------------------- */

function render() {
	setText(parts.tasksTitle, `${seat.name}’s tasks`);
	for (const radio of parts.seats.querySelectorAll("input"))
		radio.checked = radio.value === seat.id;
	renderTasks();
	renderContact();
	renderFrame();
	renderCustomer();
}

function seatChoice(one) {
	const label = element("label", "seats__one");
	const radio = element("input", "unseen");
	radio.type = "radio";
	radio.name = "seat";
	radio.value = one.id;
	radio.addEventListener("change", () => attempt(() => changeSeat(one)));
	label.append(radio, element("span", "seats__name", one.name), element("span", "seats__role", one.role));
	return label;
}

function taskRow(one) {
	const row = element("li", "");
	const words = element("span", "row__words");
	const status = STATUSES[one.reservation_status] ?? one.from ?? "";
	words.append(element("span", "row__name", nameOf(one)),
		element("span", "row__about", parts.all.checked ? one.note : `${channelOf(one).label} · ${status}`));
	const choose = button("row", "", () => attempt(() => go(seat, one.sid)));
	choose.dataset.sid = one.sid;
	choose.setAttribute("aria-current", String(one.sid === task?.sid));
	choose.append(icon(channelOf(one).icon), words);
	row.append(choose);
	return row;
}

/* Anew only when something changed, and then with the focus where it was. */
function renderTasks() {
	const wanted = JSON.stringify([tasks, task?.sid, parts.all.checked]);
	if (wanted === listed)
		return;
	listed = wanted;
	const focused = document.activeElement?.dataset.sid;
	parts.tasks.replaceChildren(...tasks.map(taskRow));
	parts.noTasks.hidden = tasks.length > 0;
	if (focused)
		parts.tasks.querySelector(`[data-sid="${focused}"]`)?.focus();
}

/* What can be done with the task: label and deed. */
function actsOf({ sid, reservation_status: status, worker, call_back: toCall }) {
	const gone = handed.get(sid);
	if (worker !== seat.worker)
		return [];
	if (status === "pending")
		return [["Accept", () => change("accept"), "act--main"]];
	if (status === "accepted" && toCall && !dialled.has(sid))
		return [["Call the customer", () => dial(false), "act--main"], ["End task", () => change("wrap")]];
	if (status === "accepted" && toCall)
		return [["Hang up", () => dial(true)]];
	if (status === "accepted")
		return [[`Hand over to ${seatOf(seat.hands).name}`, handOver], [channelOf(task).end, () => change("wrap")]];
	if (status === "wrapping")
		return [...(gone ? [[`Accept as ${gone.to.name}`, () => acceptAs(gone), "act--main"]] : []),
			["Complete", () => change("complete")]];
	return [];
}

function renderContact() {
	parts.contact.hidden = task === null;
	if (task === null)
		return;
	const name = nameOf(task);
	const { reservation_status: status } = task;
	setText(parts.initials, name.split(/\s+/).slice(0, 2).map((word) => Array.from(word)[0] ?? "").join(""));
	setText(parts.name, name);
	setText(parts.from, task.from ?? "");
	setText(parts.state, STATUSES[status] ?? (task.status === "assigned" ? channelOf(task).state : task.status));
	parts.state.dataset.status = status ?? "";
	const acts = actsOf(task);
	const wanted = [task.sid, ...acts.map(([label]) => label)].join();
	if (parts.acts.dataset.shown === wanted)
		return;
	parts.acts.dataset.shown = wanted;
	parts.acts.replaceChildren(...acts.map(([label, deed, kind = ""]) => button(`act ${kind}`.trim(), label, deed)));
}

/* Of what is in the frame. */
function frameAddress() {
	const page = state?.address ?? seat.page;
	if (task === null)
		return page === undefined ? "" : `../${page}#token=${seat.token}`;
	return `../?task=${task.sid}#token=${state?.token ?? seat.token}`;
}

/* As Flex UI 2 does it: by address, with these attributes, without "sandbox", and anew when a call is accepted. */
function renderFrame() {
	const address = frameAddress();
	const wanted = `${address} ${task?.reservation_status === "pending"}`;
	if (wanted === framed)
		return;
	framed = wanted;
	const frame = document.createElement("iframe");
	frame.title = "CRMContainer";
	frame.allow = "clipboard-read; clipboard-write";
	frame.src = address;
	parts.frame.replaceChildren(...(address === "" ? [] : [frame]));
}

function renderCustomer() {
	const customer = customerAt(task?.from);
	const contact = task === null ? null
		: { status: task.reservation_status, held: handed.has(task.sid), written: isWritten(),
			messages: since(task), now };
	renderPhone({
		owner: calling?.name ?? (task === null ? "" : nameOf(task)),
		onCall: task?.channel === "voice" && task.reservation_status === "accepted",
		written: isWritten(),
		messages,
		speech: contact === null || calling !== null ? "" : speechOf(customer, contact),
		now,
	});
	renderCoach({ state, firstCall: isFirstCall(), sent: contact?.messages ?? [] });
}

function customerRow(customer) {
	const item = element("li", "");
	const words = element("span", "row__words");
	const bring = button("row row--small", "", () => callIn(customer));
	words.append(element("span", "row__name", customer.name), element("span", "row__about", customer.about));
	bring.append(icon(customer.channel === "voice" ? "voice" : "chat"), words);
	bring.dataset.customer = customer.id;
	item.append(bring);
	return item;
}

/* ---- Start ------------------------------------------------------------------------ */

parts.seats.append(...SEATS.map(seatChoice));
parts.customers.append(...CUSTOMERS.map(customerRow));
writeStates(practise);
parts.reset.addEventListener("click", () => attempt(async () => {
	await sandbox.reset();
	framed = "";
	await go(seat, task?.sid);
}));
parts.all.addEventListener("change", () => attempt(() => go(seat, task?.sid, state)));
parts.later.addEventListener("click", () => attempt(async () => {
	await sandbox.advance(LATER_S);
	await readPhone();
}));
onCoachClosed(() => attempt(async () => {
	await go(seat, task?.sid);
	focusNext();
}));

setInterval(() => {
	if (document.visibilityState === "visible")
		attempt(refresh);
}, POLL_MS);

const asked = new URLSearchParams(location.hash.slice(1));
const start = { seat: seatOf(asked.get("agent")) ?? seat, state: stateOf(asked.get("state")) ?? null };
attempt(() => go(start.seat, asked.get("task"), start.state));
