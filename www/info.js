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
	return path.map((name) => labels[name] ?? name.replace(/[_-]+/g, " ")
		.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(/^./, (c) => c.toUpperCase()))
		.join(" › ");
}

async function copy(button, text, words, name) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		/* Not every iframe may write to the clipboard; the text can be selected. */
		getSelection().selectAllChildren(button.parentNode.querySelector(".field__text"));
		return;
	}
	nameButton(button, words.copied, words.copied);
	setTimeout(() => nameButton(button, words.copy, name), COPIED_SHOWN_MS);
}

function nameButton(button, text, name) {
	button.textContent = text;
	button.setAttribute("aria-label", name);
}

function fieldOf(label, text, words) {
	const row = element("div", "field");
	const value = element("dd", "field__value");
	const button = element("button", "field__copy");
	const name = fill(words.copy_name, { label });
	button.type = "button";
	nameButton(button, words.copy, name);
	button.addEventListener("click", () => copy(button, text, words, name));
	value.append(element("span", "field__text", text), button);
	row.append(element("dt", "field__name", label), value);
	return row;
}

function sectionOf(title, record, nothing, words) {
	const section = element("section", "record");
	const leaves = leavesOf(record, words);
	section.append(element("h2", "record__title", title));
	if (leaves.length === 0) {
		section.append(element("p", "record__nothing", nothing));
		return section;
	}
	const list = element("dl", "record__fields");
	list.append(...leaves.map(([path, text]) => fieldOf(labelOf(path, words.labels), text, words)));
	section.append(list);
	return section;
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
export function createInfo(root, verify, strings) {
	const words = strings.info;
	let shown = null; /* { info, tabs, panel, list } while there is an INFO tab */

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
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
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
		shown = { info: null, tabs, panel, list };
		select(tabs[0][0]);
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
		/* info: { customer, task }, or null: nothing may be shown. */
		render(info) {
			if (info === null) {
				if (shown !== null)
					remove();
				return;
			}
			if (shown === null)
				add();
			if (shown.info === info)
				return;
			shown.info = info;
			shown.panel.replaceChildren(
				sectionOf(words.customer, info.customer, words.no_customer, words),
				sectionOf(words.task, info.task, words.no_task, words));
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
