/*
 * panel: the agent's page.  Brings the parts together: the agent's actions and
 * the passing of time go in, requests go out, and after each step the page is
 * rendered from the model.
 */
import { createAnnouncer } from "./announcer.js";
import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { answered, begun, entryRefused, leavesDoubt, newModel } from "./model.js";
import { prefer, prefers } from "./preferences.js";
import { present } from "./present.js";
import { isStale, sceneOf } from "./scenes.js";
import { openSession, taskOf } from "./session.js";
import { loadMore, loadStrings } from "./text.js";
import { createView } from "./view.js";

const TICK_MS = 1000;

/* After this long the agent is told to wait instead of asking for another code. */
const SLOW_MS = 8000;

/* Between two silent requests, and after one that got no answer. */
const REFRESH_MS = 2000;
const REFRESH_AFTER_LOSS_MS = 10000;

/*
 * While a code is out, another agent may check or cancel it.  Each look costs
 * two requests to Twilio, so it is taken seldom, and only by a panel in sight;
 * tabs of one browser tell each other at once.
 */
const LOOK_MS = 15000;

/* Languages in which Twilio both writes and speaks codes. */
const LOCALES = "en es fr de it pt pt-BR nl ca da nb sv fi pl ru ja ko zh zh-HK".split(" ");

const task = taskOf(location.search);
const session = openSession(task.sid);
const api = createApi(task.sid, session);
const strings = await loadStrings();
const clock = createClock();
const root = document.querySelector("[data-panel]");
const part = (name) => root.querySelector(`[data-${name}]`);
const input = part("code-input"), primary = part("primary"), secondary = part("secondary");
const badge = part("badge"), locale = part("locale"), help = part("help");
const announcer = createAnnouncer(part("progress"), part("alert"));
const say = (text) => announcer.announce([{ key: `${text} ${Date.now()}`, text }]);
const view = createView(root, strings);
const tabs = new BroadcastChannel(`flex-verify ${task.sid}`);

let model = newModel(task.problem);
let shown = null;          /* what present() returned last */
let turn = 0;              /* number of the latest request; answers to older ones are dropped */
let askedAt = 0;           /* server time of the last answer */
let refreshAt = 0;         /* server time before which nothing is asked silently */
let field = null;          /* the code field, once there was a code to enter */
let wantsInfo = false;     /* "Open customer info" was pressed before the data was here */

function show() {
	const before = { active: document.activeElement, ...shown };
	const first = shown === null || shown.scene === "loading";
	shown = present(model, clock.now(), strings, { checksItself: prefers("auto_check") });
	view.render(shown);
	if (shown.code === null)
		field?.leave();
	loadParts();
	if (wantsInfo && shown.info !== null)
		openInfo();
	announcer.announce(shown.speech, { quietly: first });
	keepFocus(before);
}

/* What only some states need comes with the first of them. */
const load = {
	field: async () => {
		const { createCodeField } = await import("./code_field.js");
		field = createCodeField(input, { lengthOf: () => model.verification.code_length, onInput, onComplete: check });
	},
	info: async () => {
		const [{ createInfo }] = await Promise.all([import("./info.js"), loadMore(strings)]);
		view.info = createInfo(root, part("verify"), strings, { say, onStepUp: () => press("step_up") });
		show();
	},
};

function loadPart(name) {
	const loading = load[name];
	delete load[name];
	loading?.().catch(() => {
		load[name] = loading; /* for the next try */
	});
}

function loadParts() {
	if (shown.code !== null || model.busy === "start")
		loadPart("field");
	if (shown.info !== null)
		loadPart("info");
}

const isHidden = (node) => node.getClientRects().length === 0;

/* What had the focus may be gone, or may be a button that now does something else. */
function keepFocus(before) {
	const now = () => document.activeElement;
	const otherAction = before.primary?.action !== shown.primary?.action;
	if (now() === primary && before.active === primary && otherAction)
		badge.focus();
	if (before.active !== document.body && (now() === document.body || isHidden(now())))
		focusNext();
	/* Where an answer had to be waited for, the agent goes on with the code. */
	if (now() === badge && before.code === null && shown.code !== null)
		focusNext();
}

/*
 * To where the agent goes on.  Only while this page has the focus: an agent who
 * went on to type in Flex is not pulled back.
 */
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

function busyForAgent() {
	return model.busy !== null && model.busy !== "status";
}

/* Makes one request and shows it; true if its answer is the latest and was taken over. */
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
	const answer = await send();
	clearTimeout(slow);
	if (answer.body?.success === false)
		await loadMore(strings).catch(() => {}); /* without it, the server's own sentences stand */
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
		field?.renew();
	if (leavesDoubt(model, action, answer))
		refresh({ silent: true });
}

async function refresh(options) {
	if (model.problem !== null || busyForAgent())
		return;
	if (await request("status", api.status, options))
		show();
}

/* What the agent asked for; afterwards the focus goes to where he goes on. */
async function act(action, send) {
	if (!await request(action, send))
		return;
	show();
	focusNext();
}

async function check() {
	const problem = field === null ? "refused" : field.problem();
	if (problem === "refused") {
		focusNext(); /* Enter out of habit, after the code had checked itself */
		return;
	}
	const { digits } = field;
	if (problem !== null) {
		model = entryRefused(model, problem, digits.length);
		show();
		focusNext();
		return;
	}
	await act("check", async () => {
		const answer = await api.check(digits);
		if (answer.body?.code === "wrong_code")
			field.refuse(digits);
		return answer;
	});
}

function onInput() {
	if (model.entryProblem === null)
		return;
	model = { ...model, entryProblem: null };
	show();
}

/* The agent is asked whether he means it, and may go back. */
function askToStop(stopping) {
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

/* What a supervisor has to be told, in words that can be selected. */
function openTell() {
	const tell = part("tell");
	tell.open = true;
	tell.firstElementChild.focus();
}

const send = (channel) => act("start", () => api.start(channel, locale.value || undefined));

const ACTIONS = {
	send, send_new: send, resend: send, again: send, step_up: send,
	cancel: () => act("cancel", api.cancel),
	check,
	stop: () => askToStop(true),
	stop_now: () => act("stop", api.stop),
	back: () => askToStop(false),
	end: () => act("end", api.end),
	retry: () => act("status", api.status),
	ask_again: () => act("status", api.status),
	open_info: openInfo,
	tell: openTell,
	sign_in: () => act("status", () => session.signIn(api.status)),
	allow_sign_in: () => act("status", () => session.allowSignIn(api.status)),
	open_window: session.openWindow,
};

function perform({ action, channel }) {
	if (!busyForAgent())
		ACTIONS[action](channel);
}

/* As if the button of an action was pressed, if it is there. */
function press(...actions) {
	const buttons = [primary, ...secondary.children].filter((button) => !button.hidden && !button.disabled);
	const button = buttons.find(({ dataset: { action, channel } }) =>
		actions.includes(action) || actions.includes(`${action} ${channel}`));
	button?.focus();
	button?.click();
}

/* The second click of a double click would do what the button says by then. */
function isSecondClick(event) {
	return event.detail > 1;
}

/* ---- Keys -------------------------------------------------------------------- */

/* To Cancel code, where Enter confirms. */
function goToCancel() {
	const cancel = secondary.querySelector("[data-action=cancel]");
	if (cancel === null)
		return;
	cancel.focus();
	say(strings.cancel_hint);
}

/* Escape clears; with nothing left to clear it goes to Cancel. */
function onEscape() {
	if (busyForAgent())
		return;
	if (model.stopping)
		askToStop(false);
	else if (input.value !== "")
		field?.clear();
	else if (document.activeElement === input)
		goToCancel();
}

const SINGLE_KEYS = {
	s: () => press("send", "send_new", "resend", "again"),
	c: () => press("send call"),
	i: () => press("open_info"),
	x: goToCancel,
	n: () => press("stop"),
	t: openTell,
	"?": () => {
		help.open = true;
		help.firstElementChild.focus();
	},
};

/* A single key counts only where nothing is typed, and not with a browser's or Flex's own modifiers. */
function onKey(event) {
	const { key, target } = event;
	if (key === "Escape")
		onEscape();
	if (event.ctrlKey || event.altKey || event.metaKey || target.matches("input, select"))
		return;
	const nowhere = target === document.body || target === badge;
	if (key === "Enter" && nowhere && shown.enter && shown.primary !== null)
		perform(shown.primary);
	else if (/^\d$/.test(key) && shown.code !== null)
		input.focus(); /* where the digit is typed then */
	else if (prefers("keys") && Object.hasOwn(SINGLE_KEYS, key.toLowerCase())) {
		event.preventDefault();
		SINGLE_KEYS[key.toLowerCase()]();
	}
}

/* ---- Wiring ------------------------------------------------------------------ */

function onPageHide() {
	field?.renew();
	model = { ...model, info: null };
	show();
}

function onTick() {
	const lookAt = shown.code !== null && !document.hidden ? askedAt + LOOK_MS : Infinity;
	const due = isStale(model, clock.now()) ? refreshAt : lookAt;
	show();
	if (model.busy === null && clock.now() >= due)
		refresh({ silent: true });
}

part("form").addEventListener("submit", (event) => {
	event.preventDefault();
	if (shown.primary !== null)
		perform(shown.primary);
});
primary.addEventListener("click", (event) => {
	if (isSecondClick(event))
		event.preventDefault();
});
secondary.addEventListener("click", (event) => {
	const button = event.target.closest("button");
	if (button !== null && !isSecondClick(event))
		perform(button.dataset);
});
input.addEventListener("input", onInput);
document.addEventListener("keydown", onKey);

for (const details of root.querySelectorAll("[data-keep]")) {
	details.open = prefers(details.dataset.keep);
	details.addEventListener("toggle", () => prefer(details.dataset.keep, details.open));
}
help.addEventListener("toggle", async () => {
	const [{ fillHelp }] = await Promise.all([import("./help.js"), loadMore(strings)]);
	fillHelp(help, strings.help, show);
}, { once: true });
part("task").textContent = task.sid ?? "";
const languages = new Intl.DisplayNames(strings.language, { type: "language" });
locale.append(...LOCALES.map((tag) => new Option(languages.of(tag), tag)));

/* A fresh token by the fragment alone does not load the page anew. */
addEventListener("hashchange", () => {
	if (session.takeToken())
		refresh();
});
session.onArrival = () => refresh();
tabs.addEventListener("message", () => refresh({ silent: true }));
addEventListener("online", () => refresh({ silent: true }));
addEventListener("pagehide", onPageHide);
addEventListener("pageshow", (event) => {
	if (event.persisted)
		refresh();
});
document.addEventListener("visibilitychange", () => {
	if (!document.hidden && model.busy === null && clock.now() >= refreshAt)
		refresh({ silent: true });
});

/* In a browser tab nobody but the agent can name the task. */
if (task.problem !== undefined && window.parent === window)
	import("./task_form.js").then(({ showTaskForm }) => showTaskForm(part("form"), strings.language));

setInterval(onTick, TICK_MS);
show();
refresh();
