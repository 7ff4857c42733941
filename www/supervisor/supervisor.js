/*
 * supervisor: brings the parts together.  The server is asked every few seconds
 * while somebody looks; what is shown is changed, never made anew, so that
 * focus, selection and an open dialog stay.
 */
import { post } from "../api.js";
import { createAnnouncer } from "../announcer.js";
import { clockTime, createClock } from "../clock.js";
import { openSession } from "../session.js";
import { fill, plural } from "../text.js";
import { createAsk } from "./ask.js";
import { createChart, fillLegend } from "./chart.js";
import { contactsOf, matches, namedBy } from "./contacts.js";
import { save } from "./csv.js";
import { dateOf, rangeOf, shifted } from "./days.js";
import { make, setAttribute, setText } from "./dom.js";
import { busyHours, createHours, createTiles } from "./figures.js";
import { createClosed, createList, fillHead } from "./list.js";
import { fillPage, loadStrings } from "./words.js";

const POLL_MS = 5000;
const POLL_AFTER_LOSS_MS = 10000;

/* Somebody who types a day has not typed all of it yet. */
const TYPED_MS = 400;

/* The server counts a whole day for them. */
const FIGURES_MS = 60000;

/* All that is kept is the token, under this name. */
const session = openSession("supervisor");
const strings = await loadStrings();
const clock = createClock();
const part = (name) => document.querySelector(`[data-${name}]`);
const day = part("day"), find = part("find"), show = part("show"), news = part("news");
const announcer = createAnnouncer(part("progress"), part("alert"));

let view = null;        /* what the server said last; its figures may be older */
let chosen = null;      /* a day, YYYY-MM-DD, that is not today; null: today, live */
let viewed = "";        /* the day of the view */
let contacts = [];
let figuresAt = -Infinity;
let lookedAt = null;    /* the server's time of the view */
let lost = false;
let turn = 0;           /* number of the latest question; answers to older ones are dropped */
let timer = 0;

const dialog = createAsk(part("ask"), strings, act);
const list = createList(part("rows"), strings, openDialog);
const closedList = createClosed(part("closed"), strings, openDialog);
const tiles = createTiles(part("tiles"), strings);
const hours = createHours(part("figures-head"), part("figures"), strings);
const chart = createChart(part("chart"), strings);

/* ---- Showing ------------------------------------------------------------------ */

const today = () => dateOf(clock.now());
const shownDay = () => chosen ?? today();

function say(text, { urgent = false, tone = "good" } = {}) {
	setText(part("news-text"), text);
	news.dataset.tone = tone;
	news.hidden = false;
	announcer.announce([{ key: performance.now(), text, urgent }]);
}

function showLive() {
	const time = lookedAt === null ? "" : clockTime(lookedAt, clock.now(), strings.language);
	const words = lost ? strings.live.lost : chosen === null ? strings.live.live : strings.live.past;
	setText(part("live"), lookedAt === null ? strings.live.asking : fill(words, { time, name: view?.you ?? "" }));
	part("live").dataset.tone = lost ? "warn" : chosen === null ? "good" : "neutral";
}

/* Somebody who may not see it sees nothing, also of what was there before. */
function shut(name, actions = []) {
	const words = strings.shut[name];
	view = lookedAt = null;
	contacts = [];
	dialog.close();
	news.hidden = true;
	part("rows").replaceChildren();
	part("closed").replaceChildren();
	part("figures").replaceChildren();
	part("tiles").hidden = part("board").hidden = true;
	part("day-form").hidden = true;
	setText(part("live"), "");
	setText(part("shut-title"), words.title);
	setText(part("shut-text"), words.text);
	part("shut-actions").replaceChildren(...actions.map(([label, does]) =>
		make("button", { class: "button button--strong", type: "button", text: strings.shut_actions[label], on: { click: does } })));
	if (part("shut").hidden) {
		part("shut").hidden = false;
		announcer.announce([{ key: performance.now(), text: words.text }]);
	}
}

const groupCount = (group) => contacts.filter((contact) => contact.group === group).length;

function showList() {
	const wanted = { find: find.value, show: show.value };
	const shown = contacts.filter((contact) => matches(contact, wanted));
	const named = namedBy(find.value);
	const direct = named !== null && shown.length === 0;
	list.render(shown, view.override_max_minutes !== undefined);
	part("rows-table").hidden = shown.length === 0;
	part("none").hidden = shown.length > 0 || direct;
	setText(part("none"), contacts.length === 0 ? strings.list.none : strings.list.none_found);
	part("more").hidden = !view.more;
	part("direct").hidden = !direct;
	if (!direct)
		return;
	setText(part("direct-text"), fill(strings.list.direct, { id: named.reference ?? named.task }));
	part("direct-allow").hidden = named.task === undefined || view.override_max_minutes === undefined;
}

function showAll() {
	const now = clock.now();
	const closed = contactsOf(view.closed, strings, now);
	contacts = contactsOf(view.verifications, strings, now);
	part("shut").hidden = true;
	part("tiles").hidden = part("board").hidden = part("day-form").hidden = false;
	tiles.render({ total: view.total, open: chosen === null ? groupCount("open") : null, closed: closed.length });
	closedList.render(closed, now);
	part("closed-none").hidden = closed.length > 0;
	showList();
	showLive();
	if (day !== document.activeElement)
		day.value = shownDay();
	day.max = today();
	setAttribute(part("later"), "aria-disabled", String(chosen === null));
}

function showFigures() {
	const busy = busyHours(view.hours, chosen === null ? clock.now() : NaN);
	chart.render(busy, view.total);
	hours.render(busy, view.total);
}

/* ---- Asking ------------------------------------------------------------------- */

const ask = (path, fields) => session.ask((token) => post(`../${path}`, fields, token));

function question() {
	const figures = view === null || clock.now() - figuresAt >= FIGURES_MS;
	return { ...rangeOf(shownDay()), ...(figures ? {} : { figures: "no" }) };
}

const SIGN_IN = () => session.signIn((token) => post("../supervisor-info", question(), token));
const ALLOW = () => session.allowSignIn((token) => post("../supervisor-info", question(), token));

/* By the answer's code: what is shown in place of the view, and the buttons that lead on. */
const SHUT = {
	agent_not_signed_in: ["signed_out"],
	agent_session_expired: ["signed_out"],
	agent_not_allowed: ["not_allowed"],
	sign_in_needed: ["sign_in", [["sign_in", () => goOn(SIGN_IN)]]],
	sign_in_window_blocked: ["window_blocked", [["sign_in", () => goOn(SIGN_IN)]]],
	sign_in_blocked: ["blocked", [["allow", () => goOn(ALLOW)], ["open", () => session.openWindow()]]],
};

const newsOf = (before, after) => after.filter(({ reference }) => !before.some((each) => each.reference === reference)).length;

function takeOver(answered, asked) {
	const before = view;
	view = { ...before, ...answered };
	if (asked.figures === undefined) {
		figuresAt = clock.now();
		showFigures();
	}
	const more = before === null ? 0 : newsOf(before.closed, view.closed);
	if (more > 0)
		announcer.announce([{ key: performance.now(), text: plural(strings.closed.news, more, strings.language) }]);
}

function onAnswer({ status, body }, asked, date) {
	clock.sync(body?.now);
	lost = false;
	if (status === 200 && body?.view !== undefined) {
		lookedAt = body.now;
		viewed = date;
		takeOver(body.view, asked);
		return showAll();
	}
	const code = body?.code ?? (status === 401 ? "agent_not_signed_in" : "");
	if (Object.hasOwn(SHUT, code)) {
		if (status === 401)
			session.forgetToken();
		return shut(...SHUT[code]);
	}
	lost = true;
	lookedAt ??= new Date(clock.now()).toISOString();
	showLive();
}

async function look(send = null) {
	const mine = ++turn;
	const asked = question(), date = shownDay();
	clearTimeout(timer);
	const answer = await (send === null ? ask("supervisor-info", asked) : send());
	if (mine !== turn)
		return;
	onAnswer(answer, asked, date);
	timer = setTimeout(onTimer, lost ? POLL_AFTER_LOSS_MS : POLL_MS);
}

/* Nobody looks, nobody is signed in, or the day is over: then nothing is asked. */
function onTimer() {
	if (document.visibilityState === "visible" && part("shut").hidden && (chosen === null || lost))
		look();
}

const goOn = (send) => look(send);

function lookAnew() {
	figuresAt = -Infinity;
	return look();
}

/* ---- Acting ------------------------------------------------------------------- */

function openDialog(kind, contact) {
	dialog.open(kind, contact, view.override_max_minutes ?? 0);
}

const sentenceOf = ({ body }) =>
	strings.refusals[body === null ? "lost" : body.code] ?? body?.message ?? strings.refusals.agent_not_signed_in;

/* Resolves to null if it was done, else to the sentence why not. */
async function act(kind, contact, { reason, minutes }) {
	const named = contact.reference ? { reference: contact.reference } : { task: contact.task };
	const answer = kind === "unlock"
		? await ask("unlock-verify", { ...named, reason })
		: await ask("override-verify", { task: contact.task, reason, minutes });
	lookAnew();
	if (answer.status !== 200)
		return sentenceOf(answer);
	say(fill(strings.ask[kind].done, { id: contact.reference || contact.task }));
	return null;
}

/* What was entered as a reference or task, without a row of its own. */
function askDirectly(kind) {
	const named = namedBy(find.value);
	if (named !== null)
		openDialog(kind, { number: "", reference: "", task: "", words: "", ...named });
}

function exportRows() {
	const shown = contacts.filter((contact) => matches(contact, { find: find.value, show: show.value }));
	if (shown.length === 0)
		return say(strings.csv.nothing, { tone: "warn" });
	save(fill(strings.csv.file, { day: viewed }), shown);
	say(plural(strings.csv.done, shown.length, strings.language));
}

function choose(date) {
	const wanted = date >= today() ? null : date;
	if (wanted === chosen && view !== null)
		return;
	chosen = wanted;
	if (day !== document.activeElement)
		day.value = shownDay();
	lookedAt = null;
	showLive();
	lookAnew();
}

/* Each figure that is typed is a change; what the year 2 was like nobody asks. */
let typing = 0;

function onDay() {
	clearTimeout(typing);
	typing = setTimeout(() => day.value !== "" && day.validity.valid && choose(day.value), TYPED_MS);
}

/* ---- The beginning -------------------------------------------------------------- */

fillPage(strings);
fillHead(part("rows-head"), strings);
fillLegend(part("legend"), strings);
show.replaceChildren(...Object.entries(strings.list.shows).map(([value, text]) => make("option", { value, text })));
for (const [name, words, sign] of [["earlier", strings.day.earlier, "‹"], ["later", strings.day.later, "›"]]) {
	setText(part(name), sign);
	setAttribute(part(name), "aria-label", words);
}

find.addEventListener("input", showList);
show.addEventListener("change", showList);
day.addEventListener("change", onDay);
part("day-form").addEventListener("submit", (event) => event.preventDefault());
part("earlier").addEventListener("click", () => choose(shifted(shownDay(), -1)));
part("later").addEventListener("click", () => chosen !== null && choose(shifted(shownDay(), 1)));
part("csv").addEventListener("click", exportRows);
part("news-close").addEventListener("click", () => {
	news.hidden = true;
	find.focus();
});
part("direct-unlock").addEventListener("click", () => askDirectly("unlock"));
part("direct-allow").addEventListener("click", () => askDirectly("allow"));
document.addEventListener("visibilitychange", onTimer);
addEventListener("hashchange", () => session.takeToken() && look());
session.onArrival = () => look();
showLive();
look();
