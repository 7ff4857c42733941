/*
 * info: the INFO tab.
 *
 * It does not exist in the page, not even empty, unless there is something to
 * show: tabs and panel are made when the customer is verified and removed,
 * with all they hold, when the approval ends.
 */
import { fill } from "./text.js";

/* A record nested deeper than this is shown as its JSON text. */
const DEPTH_MAX = 3;
const COPIED_SHOWN_MS = 2000;

function element(tag, className, text = "") {
	const node = document.createElement(tag);
	node.className = className;
	node.textContent = text;
	return node;
}

/* [path, text] for every leaf of a record. */
export function leavesOf(record, words, path = []) {
	if (record === null || record === undefined || record === "")
		return [];
	if (typeof record === "boolean")
		return [[path, record ? words.yes : words.no]];
	if (typeof record !== "object")
		return [[path, String(record)]];
	if (path.length >= DEPTH_MAX)
		return [[path, JSON.stringify(record)]];
	return Object.entries(record).flatMap(([name, value]) => leavesOf(value, words, [...path, name]));
}

/* "account_number" is no word for an agent, but better than hiding a field. */
export function labelOf(path, labels) {
	return path.map((name) => (Object.hasOwn(labels, name) ? labels[name] : name.replace(/[_-]+/g, " ")
		.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(/^./, (c) => c.toUpperCase())))
		.join(" › ");
}

/* What was copied is said too: a reader does not notice that a button's words changed. */
async function copy(button, text, name, { words, say }) {
	let done = words.copied;
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		/* Not every iframe may write to the clipboard; the text can be selected. */
		getSelection().selectAllChildren(button.parentNode.querySelector(".field__text"));
		done = words.selected;
	}
	nameButton(button, done, done);
	say(done);
	setTimeout(() => nameButton(button, words.copy, name), COPIED_SHOWN_MS);
}

function nameButton(button, text, name) {
	button.textContent = text;
	button.setAttribute("aria-label", name);
}

function rowOf(label, text) {
	const row = element("div", "field");
	const value = element("dd", "field__value");
	value.append(element("span", "field__text", text));
	row.append(element("dt", "field__name", label), value);
	return row;
}

function fieldOf(label, text, tools) {
	const row = rowOf(label, text);
	const button = element("button", "field__copy");
	const name = fill(tools.words.copy_name, { label });
	button.type = "button";
	nameButton(button, tools.words.copy, name);
	button.addEventListener("click", () => copy(button, text, name, tools));
	row.lastChild.append(button);
	return row;
}

function sectionOf(title, rows, nothing) {
	const section = element("section", "record");
	const list = element("dl", "record__fields");
	list.append(...rows);
	section.append(element("h2", "record__title", title),
		rows.length === 0 ? element("p", "record__nothing", nothing) : list);
	return section;
}

const recordOf = (title, record, nothing, tools) => sectionOf(title,
	leavesOf(record, tools.words).map(([path, text]) => fieldOf(labelOf(path, tools.words.labels), text, tools)),
	nothing);

/* The fields that are kept back: what each demands, and one button for it. */
function withheldOf(withheld, { words, onStepUp, stepUp, listOfWays }) {
	const section = sectionOf(words.more, withheld.map(({ field, fresh_minutes: count, channels, ways }) =>
		rowOf(labelOf([field], words.labels), [count && fill(words.fresh, { count }), channels > 1 && words.channels,
			ways && fill(words.ways, { ways: listOfWays(ways) })].filter(Boolean).join(" "))));
	const button = element("button", "button", stepUp);
	button.type = "button";
	button.addEventListener("click", onStepUp);
	section.append(button, element("p", "hint"));
	return section;
}

/* Why no code can be sent just now stands beside the button, too. */
function holdStepUp(section, hold) {
	const hint = section.lastChild;
	hint.previousSibling.disabled = hold !== "";
	if (hint.textContent !== hold)
		hint.textContent = hold;
}

function tabOf(id, controls, label) {
	const tab = element("button", "tab", label);
	tab.type = "button";
	tab.id = id;
	tab.setAttribute("role", "tab");
	tab.setAttribute("aria-controls", controls);
	return tab;
}

/* verify is the part of the page that becomes the other tab's panel. */
export function createInfo(root, verify, strings, { say, onStepUp, stepUpLabel }) {
	const words = strings.info;
	const ways = new Intl.ListFormat(strings.language, { type: "disjunction" });
	const tools = { words, say, onStepUp, listOfWays: (names) => ways.format(names.map((name) => strings.by[name])) };
	let shown = null; /* { written, tabs, panel, list } while there is an INFO tab */

	function select(chosen) {
		for (const [tab, panel] of shown.tabs) {
			const active = tab === chosen;
			tab.setAttribute("aria-selected", String(active));
			tab.tabIndex = active ? 0 : -1;
			panel.hidden = !active;
		}
	}

	/* WAI-ARIA tabs: arrows move between the tabs and choose at once. */
	function onKey(event) {
		const order = shown.tabs.map(([tab]) => tab);
		const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
		const step = event.key === forward ? 1 : { ArrowRight: -1, ArrowLeft: -1 }[event.key];
		if (step === undefined)
			return;
		const next = order[(order.indexOf(event.target) + step + order.length) % order.length];
		event.preventDefault();
		select(next);
		next.focus();
	}

	function add() {
		const panel = element("section", "info");
		const tabs = [
			[tabOf("tab-verify", "verify", words.tab_verify), verify],
			[tabOf("tab-info", "info", words.tab_info), panel],
		];
		const list = element("div", "tabs");
		panel.id = "info";
		list.setAttribute("role", "tablist");
		list.setAttribute("aria-label", words.tabs);
		list.append(...tabs.map(([tab]) => tab));
		for (const [tab, own] of tabs) {
			own.setAttribute("role", "tabpanel");
			own.setAttribute("aria-labelledby", tab.id);
			tab.addEventListener("click", () => select(tab));
		}
		list.addEventListener("keydown", onKey);
		verify.before(list);
		verify.after(panel);
		shown = { written: "", tabs, panel, list };
		select(tabs[0][0]);
	}

	/* Anew only if it says something else: focus, selection and scrolling stay. */
	function write(info) {
		const wanted = JSON.stringify(info);
		if (shown.written === wanted)
			return;
		shown.written = wanted;
		shown.panel.replaceChildren(
			recordOf(words.customer, info.customer, words.no_customer, tools),
			recordOf(words.task, info.task, words.no_task, tools),
			...(info.withheld.length > 0 ? [withheldOf(info.withheld, { ...tools, stepUp: stepUpLabel() })] : []));
	}

	function remove() {
		const hadFocus = shown.panel.contains(document.activeElement)
			|| shown.list.contains(document.activeElement);
		shown.list.remove();
		shown.panel.remove();
		verify.hidden = false;
		verify.removeAttribute("role");
		verify.removeAttribute("aria-labelledby");
		shown = null;
		if (hadFocus)
			root.querySelector("h1").focus();
	}

	return {
		/* Which fields a new code would open. */
		needs: (withheld) => (withheld.length === 0 ? "" : fill(words.withheld, { fields:
			new Intl.ListFormat(strings.language).format(withheld.map(({ field }) => labelOf([field], words.labels))) })),

		/* info: { customer, task, withheld }, or null: nothing may be shown; hold: why no code can be sent, or "". */
		render(info, hold) {
			if (info === null) {
				if (shown !== null)
					remove();
				return;
			}
			if (shown === null)
				add();
			write(info);
			if (info.withheld.length > 0)
				holdStepUp(shown.panel.lastChild, hold);
		},
		open() {
			if (shown === null)
				return;
			const [tab] = shown.tabs[1];
			select(tab);
			tab.focus();
		},
	};
}
