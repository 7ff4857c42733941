/*
 * panel: the agent's page.  Brings the parts together: the agent's actions and
 * the passing of time go in, requests go out, and after each step the page is
 * rendered from the model.
 */
import { createAnnouncer } from "./announcer.js";
import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { EMPTY_ENTRY, checksItself, codeIn, entryProblem, nextEntry } from "./code_input.js";
import { answered, begun, entryRefused, leavesDoubt, newModel } from "./model.js";
import { preference, prefer } from "./preferences.js";
import { present } from "./present.js";
import { isStale, sceneOf } from "./scenes.js";
import { openSession, taskOf } from "./session.js";
import strings from "./strings/en.js";
import { createView } from "./view.js";

const TICK_MS = 1000;

/* After this long the agent is told to wait instead of asking for another code. */
const SLOW_MS = 8000;

/* Between two silent requests, and after one that got no answer. */
const REFRESH_MS = 2000;
const REFRESH_AFTER_LOSS_MS = 10000;

const task = taskOf(location.search);
const session = openSession(task.sid);
const api = createApi(task.sid, session);
const clock = createClock();
const root = document.querySelector("[data-panel]");
const view = createView(root, strings);
const { form, input, primary, secondary, badge, say } = view.parts;
const autoCheck = root.querySelector("[data-auto-check]");
const announcer = createAnnouncer(root.querySelector("[data-progress]"),
	root.querySelector("[data-alert]"));

let model = newModel(task.problem);
let shown = null;          /* what present() returned last */
let turn = 0;              /* number of the latest request; answers to older ones are dropped */
let refreshAt = 0;         /* server time before which nothing is asked silently */
let entry = EMPTY_ENTRY;
let refusedEntry = null;   /* the entry as it was refused, untouched since */
let wantsInfo = false;     /* "Open customer info" was pressed before the data was here */
let rejected = new Set();  /* codes refused for this verification; in memory only */

function show() {
	const before = { active: document.activeElement, ...shown };
	const first = shown === null || shown.scene === "loading";
	shown = present(model, clock.now(), strings, { checksItself: autoCheck.checked });
	view.render(shown);
	if (shown.code === null)
		entry = EMPTY_ENTRY;
	if (wantsInfo && shown.info !== null)
		openInfo();
	announcer.announce(shown.speech, { quietly: first });
	keepFocus(before);
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
	const toBadge = shown.tone === "good" || shown.primary === null || shown.primary.disabled;
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
	refreshAt = clock.now() + (answer.body === null ? REFRESH_AFTER_LOSS_MS : REFRESH_MS);
	if (sceneOf(model, clock.now()) === "signed_out")
		session.forgetToken();
	if (model.verification?.reference !== reference)
		newEntry();
	if (leavesDoubt(model, action, answer))
		refresh({ silent: true });
}

function newEntry() {
	entry = EMPTY_ENTRY;
	rejected = new Set();
	input.value = "";
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
	const { digits } = entry;
	if (entry === refusedEntry) {
		focusNext(); /* Enter out of habit, after the code had checked itself */
		return;
	}
	const problem = entryProblem(digits, model.verification.code_length, rejected);
	if (problem !== null) {
		model = entryRefused(model, problem, digits.length);
		show();
		focusNext();
		return;
	}
	await act("check", async () => {
		const answer = await api.check(digits);
		if (answer.body?.code === "wrong_code") {
			rejected.add(digits);
			refusedEntry = entry;
		}
		return answer;
	});
}

const ACTIONS = {
	send: (channel) => act("start", () => api.start(channel)),
	send_new: (channel) => act("start", () => api.start(channel)),
	resend: (channel) => act("start", () => api.start(channel)),
	again: (channel) => act("start", () => api.start(channel)),
	cancel: () => act("cancel", api.cancel),
	check,
	retry: () => act("status", api.status),
	ask_again: () => act("status", api.status),
	open_info: openInfo,
	sign_in: () => act("status", () => session.signIn(api.status)),
	allow_sign_in: () => act("status", () => session.allowSignIn(api.status)),
	open_window: () => session.openWindow(),
};

function openInfo() {
	wantsInfo = shown.info === null;
	view.info.open();
}

function perform({ action, channel }) {
	if (!busyForAgent())
		ACTIONS[action](channel);
}

/* The second click of a double click would do what the button says by then. */
function isSecondClick(event) {
	return event.detail > 1;
}

function onInput() {
	const digits = codeIn(input.value, model.verification.code_length);
	if (input.value !== digits)
		input.value = digits;
	const grown = digits.length > entry.digits.length;
	entry = nextEntry(entry, digits);
	if (model.entryProblem !== null) {
		model = { ...model, entryProblem: null };
		show();
	}
	if (grown && checksItself(entry, model.verification.code_length, rejected, autoCheck.checked))
		check();
}

/* Escape clears; with nothing left to clear it goes to Cancel, where Enter confirms. */
function onEscape() {
	if (busyForAgent())
		return;
	if (input.value !== "") {
		input.value = "";
		entry = nextEntry(entry, "");
		return;
	}
	secondary.querySelector("[data-action=cancel]").focus();
	announcer.announce([{ key: `cancel ${Date.now()}`, text: strings.cancel_hint }]);
}

function onPageHide() {
	newEntry();
	model = { ...model, info: null };
	show();
}

form.addEventListener("submit", (event) => {
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
input.addEventListener("keydown", (event) => {
	if (event.key === "Escape")
		onEscape();
});
document.addEventListener("keydown", (event) => {
	const nowhere = event.target === document.body || event.target === badge;
	if (event.key === "Enter" && nowhere && shown.enter && shown.primary !== null)
		perform(shown.primary);
});

autoCheck.checked = preference("auto-check", "on") === "on";
autoCheck.addEventListener("change", () => {
	prefer("auto-check", autoCheck.checked ? "on" : "off");
	show();
});
say.open = preference("say", "open") === "open";
say.addEventListener("toggle", () => prefer("say", say.open ? "open" : "closed"));

/* A fresh token by the fragment alone does not load the page anew. */
addEventListener("hashchange", () => {
	if (session.takeToken())
		refresh();
});
session.onArrival = () => refresh();
addEventListener("online", () => refresh({ silent: true }));
addEventListener("pagehide", onPageHide);
addEventListener("pageshow", (event) => {
	if (event.persisted)
		refresh();
});
document.addEventListener("visibilitychange", () => {
	if (document.visibilityState === "visible" && model.busy === null && clock.now() >= refreshAt)
		refresh({ silent: true });
});

setInterval(() => {
	show();
	if (model.busy === null && isStale(model, clock.now()) && clock.now() >= refreshAt)
		refresh({ silent: true });
}, TICK_MS);

/* In a browser tab nobody but the agent can name the task. */
if (task.problem !== undefined && window.parent === window)
	import("./task_form.js").then(({ showTaskForm }) => showTaskForm(form, strings.language));

show();
refresh();
