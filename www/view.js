/*
 * view: puts what present.js says into the page.
 *
 * The page's parts are all in index.html and are found by data-* hooks; they
 * are changed in place, so that focus, selection and what is being typed stay.
 * Text goes in as text only.
 */
import { createInfo } from "./info.js";

/* Touches the page only where something changed: screen readers notice writes. */
function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
	node.hidden = text === "";
}

function setAttribute(node, name, value) {
	if (value === null)
		node.removeAttribute(name);
	else if (node.getAttribute(name) !== value)
		node.setAttribute(name, value);
}

/* Busy and blocked buttons keep the focus: aria-disabled, not disabled. */
function setButton(button, { action, channel, label, disabled = false, blocked = false }) {
	button.dataset.action = action;
	button.dataset.channel = channel ?? "";
	if (button.textContent !== label)
		button.textContent = label;
	button.disabled = disabled;
	setAttribute(button, "aria-disabled", blocked ? "true" : null);
}

export function createView(root, strings) {
	const part = (name) => root.querySelector(`[data-${name}]`);
	const parts = {
		status: part("status"), icon: part("icon"), badge: part("badge"),
		contact: part("contact"), match: part("match"), masked: part("masked"), spoken: part("spoken"),
		text: part("text"), left: part("left"),
		notice: part("notice"), noticeText: part("notice-text"), noticeId: part("notice-id"),
		form: part("form"), code: part("code"), input: part("code-input"),
		hint: part("code-hint"), error: part("code-error"),
		primary: part("primary"), secondary: part("secondary"), reason: part("reason"),
		say: part("say"), sayText: part("say-text"),
		referenceLine: part("reference-line"), reference: part("reference"),
	};
	const info = createInfo(root, part("verify"), strings);
	writeStrings(root, strings);

	return {
		parts,
		info,
		render(view) {
			renderStatus(parts, view);
			renderNotice(parts, view.notice);
			renderCode(parts, view.code);
			renderActions(parts, view);
			setText(parts.sayText, view.say);
			parts.say.hidden = view.say === "";
			setText(parts.reference, view.reference);
			parts.referenceLine.hidden = view.reference === "";
			info.render(view.info);
		},
	};
}

/* The words that never change: <span data-string="help.title">. */
function writeStrings(root, strings) {
	document.title = strings.title;
	document.documentElement.lang = strings.language;
	for (const node of root.querySelectorAll("[data-string]"))
		node.textContent = node.dataset.string.split(".").reduce((words, key) => words[key], strings);
	root.querySelector("[data-help-list]").replaceChildren(...strings.help.list.map((line) => {
		const item = document.createElement("li");
		item.textContent = line;
		return item;
	}));
}

function renderStatus(parts, view) {
	setAttribute(parts.status, "data-tone", view.tone);
	setAttribute(parts.icon, "href", `#icon-${view.icon}`);
	setText(parts.badge, view.badge);
	setText(parts.text, view.text);
	setText(parts.left, view.left);
	parts.contact.hidden = view.number === null;
	setText(parts.masked, view.number?.masked ?? "");
	setText(parts.spoken, view.number?.spoken ?? "");
	setText(parts.match, view.number?.match ?? "");
}

function renderNotice(parts, notice) {
	parts.notice.hidden = notice === null;
	setText(parts.noticeText, notice?.text ?? "");
	setText(parts.noticeId, notice?.id ?? "");
}

function renderCode(parts, code) {
	parts.code.hidden = code === null;
	if (code === null) {
		/* A code is not left lying in a field that nobody sees. */
		parts.input.value = "";
		return;
	}
	parts.input.readOnly = code.readOnly;
	setAttribute(parts.input, "aria-invalid", code.error === "" ? null : "true");
	setText(parts.hint, code.hint);
	setText(parts.error, code.error);
}

function renderActions(parts, view) {
	parts.primary.hidden = view.primary === null;
	if (view.primary !== null)
		setButton(parts.primary, view.primary);
	renderSecondary(parts.secondary, view.secondary);
	setText(parts.reason, view.reason);
}

/* Buttons are kept by what they do, so that one that has the focus keeps it. */
function renderSecondary(container, rows) {
	const key = ({ action, channel }) => (action === "send" ? `${action} ${channel}` : action);
	const kept = new Map(Array.from(container.children, (button) => [button.dataset.key, button]));
	const wanted = rows.map((row) => {
		const button = kept.get(key(row)) ?? newButton(key(row));
		setButton(button, row);
		return button;
	});
	const same = wanted.length === container.children.length
		&& wanted.every((button, index) => button === container.children[index]);
	if (!same)
		container.replaceChildren(...wanted);
	container.hidden = rows.length === 0;
}

function newButton(key) {
	const button = document.createElement("button");
	button.type = "button";
	button.className = "button button--quiet";
	button.dataset.key = key;
	return button;
}
