/*
 * panel: brings the parts together.  The agent's actions and the passing of
 * time go in, requests go out, and after each step the page is rendered from
 * the model.  What only some states need is loaded with the first of them.
 */
import { createAnnouncer } from "./announcer.js";
import { LOST, createApi } from "./api.js";
import { createClock } from "./clock.js";
import { answered, begun, entryRefused, isOpen, isPlain, leavesDoubt, newModel } from "./model.js";
import { prefer, prefers } from "./preferences.js";
import { present } from "./present.js";
import { isStale, sceneOf } from "./scenes.js";
import { openSession, taskOf } from "./session.js";
import { loadMore, loadStrings } from "./text.js";
import { createView } from "./view.js";

const TICK_MS = 1000;

/* Then the agent is told to wait instead of asking for another code. */
const SLOW_MS = 8000;

/* Between two silent requests, and after one that got no answer. */
const REFRESH_MS = 2000;
const REFRESH_AFTER_LOSS_MS = 10000;

/* Others act, too.  A look costs two requests to Twilio; tabs of one browser tell each other. */
const LOOK_MS = 15000, LOOK_OPEN_MS = 30000;

/* Languages in which Twilio both writes and speaks codes. */
const LOCALES = "en es fr de it pt pt-BR nl ca da nb sv fi pl ru ja ko zh zh-HK".split(" ");

const task = taskOf(location.search);
const session = openSession(task.sid);
const api = createApi(task.sid, session);
const strings = await loadStrings();
if (task.problem !== undefined)
	await loadMore(strings);
const clock = createClock();
const root = document.querySelector("[data-panel]");
const part = (name) => root.querySelector(`[data-${name}]`);
const input = part("code-input"), primary = part("primary"), secondary = part("secondary");
const badge = part("badge"), locale = part("locale"), tell = part("tell"), help = part("help");
const announcer = createAnnouncer(part("progress"), part("alert"));
const say = (text) => announcer.announce([{ key: Date.now(), text }]);
const view = createView(root, strings);
const tabs = new BroadcastChannel(`flex-verify ${task.sid}`);

let model = newModel(task.problem);
let shown = null;          /* what present() returned last */
let turn = 0;              /* number of the latest request; answers to older ones are dropped */
let askedAt = 0;           /* server time of the last answer */
let refreshAt = 0;         /* server time before which nothing is asked silently */
let wantsInfo = false;     /* "Open customer info" was pressed before the data was here */

function show() {
	const before = { active: document.activeElement, ...shown };
	const first = shown === null || shown.scene === "loading";
	shown = present(model, clock.now(), strings,
		{ checksItself: panel.field?.checksItself() ?? prefers("auto_check"), needs: view.info?.needs });
	view.render(shown);
	if (shown.code === null)
		panel.field?.leave();
	if (shown.code !== null || model.busy === "start")
		loadPart("field");
	if (shown.info !== null)
		loadPart("info");
	for (const name of ["pin", "link", "call_back", "key_in"])
		if (model.contact?.[name])
			loadPart(name);
	if (wantsInfo && shown.info !== null)
		openInfo();
	announcer.announce(shown.speech, { quietly: first });
	keepFocus(before);
}

/* What parts.js makes more of. */
const panel = {
	root, part, input, help, strings, view, say, show, press, unfold, order, onEntry, focusNext, lookIfIdle,
	scene: () => shown.scene,
	field: null, /* the code field, once there was a code to enter */
	lengthOf: () => model.verification.code_length,
	send: (code, seen) => busyForAgent() || act("check", () => api.check(code, model.pin).then(seen)),
	change(changes) {
		model = { ...model, refusal: null, entryProblem: null, ...changes };
		show();
	},
};
const parts = new Set();
let loader = null; /* one, as imports keep no order */

async function loadPart(name) {
	if (parts.has(name))
		return;
	parts.add(name);
	loader ??= import("./parts.js");
	await loader.then((module) => module[name](panel)).catch(() => {
		parts.delete(name);
		loader = null;
	});
}

const isHidden = (node) => node.getClientRects().length === 0;

/* What had the focus may be gone, or do something else now. */
function keepFocus(before) {
	const now = () => document.activeElement;
	const otherAction = before.primary?.action !== shown.primary?.action;
	if (now() === primary && before.active === primary && otherAction)
		badge.focus();
	if (before.active !== document.body && (now() === document.body || isHidden(now())))
		focusNext();
	if (now() === badge && before.code === null && shown.code !== null)
		focusNext();
}

/* To where the agent goes on; not if he went on to type in Flex. */
function focusNext() {
	if (!document.hasFocus())
		return;
	if (shown.code !== null) {
		input.focus();
		if (shown.code.replace)
			input.select();
		return;
	}
	const toBadge = shown.enter || shown.primary === null || shown.primary.disabled;
	(toBadge ? badge : primary).focus();
}

const busyForAgent = () => model.busy !== null && model.busy !== "status";

/* A page that was just opened does without the words that all others need. */
async function answerOf(action, send) {
	const more = action === "status" ? null : loadMore(strings);
	more?.catch(() => {});
	try {
		const answer = await send();
		await (more ?? (isPlain(answer) ? null : loadMore(strings)));
		return answer;
	} catch {
		return LOST;
	}
}

/* True if the answer is the latest and was taken over. */
async function request(action, send, options = {}) {
	const mine = ++turn;
	model = begun(model, action, options);
	const slow = setTimeout(() => {
		if (mine === turn) {
			model = { ...model, slow: model.verification !== null && !options.silent };
			show();
		}
	}, SLOW_MS);
	show();
	const answer = await answerOf(action, send);
	clearTimeout(slow);
	if (action !== "status")
		tabs.postMessage("look");
	if (mine !== turn)
		return false;
	takeOver(action, answer);
	return true;
}

function takeOver(action, answer) {
	const reference = model.verification?.reference;
	clock.sync(answer.body?.now);
	model = answered(model, action, answer);
	session.tell(model.verification);
	askedAt = clock.now();
	refreshAt = askedAt + (answer.body === null ? REFRESH_AFTER_LOSS_MS : REFRESH_MS);
	if (sceneOf(model, askedAt) === "signed_out")
		session.forgetToken();
	if (model.verification?.reference !== reference)
		panel.field?.renew();
	if (leavesDoubt(model, action, answer))
		look();
}

async function refresh(options) {
	if (model.problem === null && !busyForAgent() && await request("status", api.status, options))
		show();
}

function look() {
	return refresh({ silent: true });
}

/* By clocks: a slow one would never be the latest. */
function lookIfIdle() {
	if (model.busy === null)
		look();
}

async function act(action, send) {
	if (!await request(action, send))
		return;
	show();
	focusNext();
}

function order(action, more) {
	return act(action, () => api.order(action, more));
}

/* The code field refuses what it knows to be wrong. */
function onEntry(kind, entered) {
	model = entryRefused(model, kind, entered);
	show();
	focusNext();
}

async function askToStop(stopping) {
	await loadMore(strings);
	model = { ...model, stopping };
	show();
	if (stopping)
		badge.focus();
	else
		focusNext();
}

function openInfo() {
	wantsInfo = view.info === null || shown.info === null;
	view.info?.open();
}

function unfold(details) {
	details.open = true;
	details.firstElementChild.focus();
}

const send = (channel) => act("start", () => api.start(channel, locale.value || undefined));
const status = () => act("status", api.status);
const signIn = (way) => way(api.status).then((answer) => act("status", () => answer));

const ACTIONS = panel.actions = {
	send, send_new: send, resend: send, again: send, step_up: send,
	check: () => panel.field?.check(),
	cancel: () => order("cancel"),
	stop: () => askToStop(true),
	stop_now: () => order("stop"),
	back: () => askToStop(false),
	end: () => order("end"),
	retry: status,
	ask_again: status,
	open_info: openInfo,
	tell: () => unfold(tell),
	sign_in: () => signIn(session.signIn),
	allow_sign_in: () => signIn(session.allowSignIn),
	open_window: session.openWindow,
};

function perform({ action, channel }) {
	if (!busyForAgent())
		ACTIONS[action](channel);
}

function press(...actions) {
	const button = [primary, ...secondary.children].find(({ hidden, dataset: { action, channel } }) =>
		!hidden && (actions.includes(action) || actions.includes(`${action} ${channel}`)));
	button?.focus();
	button?.click();
	return button;
}

/* Escape clears; with nothing left to clear it goes back, or to Cancel. */
function onEscape() {
	if (busyForAgent())
		return;
	if (input.value !== "")
		panel.field?.clear();
	else if (!press("back", "leave_pin", "leave_call_back") && document.activeElement === input)
		pressKey("x");
}

/* What the others do is not there before one is pressed. */
const pressKey = (key) => import("./keys.js").then(({ keys }) => keys[key]?.(panel)).catch(() => {});

/* Single keys: not where something is typed, nor with the modifiers of browsers and Flex. */
function onKey(event) {
	const { target } = event;
	const key = event.key.toLowerCase();
	if (key === "escape")
		onEscape();
	if (event.ctrlKey || event.altKey || event.metaKey || target.matches("input, select"))
		return;
	const nowhere = target === document.body || target === badge;
	if (key === "enter" && nowhere && shown.enter && shown.primary !== null)
		perform(shown.primary);
	else if (/^\d$/.test(key) && shown.code !== null)
		input.focus(); /* where the digit is typed then */
	else if (prefers("keys"))
		pressKey(key);
}

function onPageHide() {
	panel.field?.renew();
	model = { ...model, info: null };
	show();
}

function onTick() {
	const matters = shown.code !== null || isOpen(model.verification) || tell.open;
	const lookAt = matters && !document.hidden ? askedAt + (shown.info === null ? LOOK_MS : LOOK_OPEN_MS) : Infinity;
	const due = isStale(model, clock.now()) ? refreshAt : lookAt;
	show();
	if (clock.now() >= due)
		lookIfIdle();
}

/* The second click of a double click would do what the button says by then. */
root.addEventListener("click", (event) => {
	if (event.detail > 1 && event.target.matches(".button"))
		event.preventDefault();
	else if (event.target.parentNode === secondary)
		perform(event.target.dataset);
});
part("form").addEventListener("submit", (event) => {
	event.preventDefault();
	if (shown.primary !== null)
		perform(shown.primary);
});
document.addEventListener("keydown", onKey);

for (const details of root.querySelectorAll("[data-keep]")) {
	details.open = prefers(details.dataset.keep);
	details.addEventListener("toggle", () => prefer(details.dataset.keep, details.open));
}
help.addEventListener("toggle", () => loadPart("help"));
part("task").textContent = task.sid;
tell.hidden = task.sid === undefined;
const languages = new Intl.DisplayNames(strings.language, { type: "language" });
locale.append(...LOCALES.map((tag) => new Option(languages.of(tag), tag)));

addEventListener("hashchange", () => {
	if (session.takeToken())
		refresh();
});
session.onArrival = () => refresh();
tabs.addEventListener("message", look);
addEventListener("online", look);
addEventListener("pagehide", onPageHide);
addEventListener("pageshow", (event) => {
	if (event.persisted)
		refresh();
});
document.addEventListener("visibilitychange", () => {
	if (!document.hidden && clock.now() >= refreshAt)
		lookIfIdle();
});

/* In a browser tab nobody but the agent can name the task. */
if (task.problem !== undefined && window.parent === window)
	import("./task_form.js").then(({ showTaskForm }) => showTaskForm(part("form"), strings.language, session.token));

setInterval(onTick, TICK_MS);
show();
refresh();
