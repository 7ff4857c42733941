/*
 * view: puts what present.js says into the page.
 * Its parts are changed in place, so that focus, selection and what is being
 * typed stay.  Text goes in as text only.
 */
/* Touches the page only where something changed: screen readers notice writes. */
function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
	/* Where words of its own stand around it, they go with it. */
	(node.closest("[data-around]") ?? node).hidden = text === "";
}

function setAttribute(node, name, value) {
	if (value === null)
		node.removeAttribute(name);
	else if (node.getAttribute(name) !== value)
		node.setAttribute(name, value);
}

/* Busy and blocked buttons keep the focus: aria-disabled, not disabled. */
function setButton(button, { action, channel, label, disabled, blocked }) {
	button.dataset.action = action;
	button.dataset.channel = channel ?? "";
	if (button.textContent !== label)
		button.textContent = label;
	button.disabled = disabled;
	setAttribute(button, "aria-disabled", blocked ? "true" : null);
}

export function createView(root, strings) {
	const part = (name) => root.querySelector(`[data-${name}]`);
	const [status, icon, code, input, primary, secondary, locale] =
		["status", "icon", "code", "code-input", "primary", "secondary", "locale"].map(part);
	writeStrings(root, strings);

	function renderCode(shown) {
		code.hidden = shown === null;
		input.readOnly = shown?.readOnly === true;
		setAttribute(input, "aria-invalid", shown?.error ? "true" : null);
		/* A code is not left lying in a field that nobody sees. */
		if (shown === null)
			input.value = "";
	}

	return {
		info: null, /* the INFO tab, once there is something for it */
		render(view) {
			setAttribute(status, "data-tone", view.tone);
			setAttribute(icon, "href", `#icon-${view.icon}`);
			for (const [name, text] of Object.entries(view.texts))
				setText(part(name), text);
			renderCode(view.code);
			primary.hidden = view.primary === null;
			if (view.primary !== null)
				setButton(primary, view.primary);
			renderSecondary(secondary, view.secondary);
			locale.parentNode.hidden = !view.sends;
			this.info?.render(view.info, view.texts.reason);
		},
	};
}

/* The words that never change: <span data-string="help.title">. */
function writeStrings(root, strings) {
	document.title = strings.title;
	document.documentElement.lang = strings.language;
	document.documentElement.dir = strings.direction;
	for (const node of root.querySelectorAll("[data-string]"))
		node.textContent = node.dataset.string.split(".").reduce((words, key) => words[key], strings);
}

/* Buttons are kept by what they do, so that one that has the focus keeps it. */
function renderSecondary(container, rows) {
	const key = ({ action, channel }) => (action === "send" ? `${action} ${channel}` : action);
	const kept = new Map(Array.from(container.children, (button) => [key(button.dataset), button]));
	const wanted = rows.map((row) => {
		const button = kept.get(key(row)) ?? newButton();
		setButton(button, row);
		return button;
	});
	if (wanted.length !== kept.size || wanted.some((button, index) => button !== container.children[index]))
		container.replaceChildren(...wanted);
	container.hidden = rows.length === 0;
}

function newButton() {
	const button = document.createElement("button");
	button.type = "button";
	button.className = "button button--quiet";
	return button;
}
