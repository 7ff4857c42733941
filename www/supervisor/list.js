/* list: the table of contacts, and beside it those that are locked or stopped. */
import { closedBecause } from "./contacts.js";
import { keyed, make, makeIcon, setAttribute, setText } from "./dom.js";
import { fill } from "../text.js";

const COLUMNS = ["begun", "state", "number", "agent", "tries", "until", "reference", "actions"];

export function fillHead(head, { list }) {
	head.replaceChildren(...COLUMNS.map((name) => make("th", { role: "columnheader", scope: "col" },
		[make("span", { class: name === "actions" ? "unseen" : null, text: list.columns[name] })])));
}

/* Text in parts, by name: <span data-part="until">. */
const part = (name, className) => make("span", { class: className, "data-part": name });

function cell(name, label, children) {
	return make("td", { role: "cell", class: `rows__${name}` },
		[make("span", { class: "rows__label", "aria-hidden": "true", text: label }), make("div", {}, children)]);
}

const badge = () => make("span", { class: "badge", "data-part": "badge" },
	[makeIcon("shield", "badge__icon"), part("words")]);

const button = (action, ask) => make("button", { class: `button button--small button--${action}`, type: "button",
	"data-part": action, on: { click: () => ask(action) } });

/* ask(action, contact): a button was pressed. */
export function createList(body, strings, ask) {
	const current = new WeakMap(); /* the contact that a row shows */
	const columns = strings.list.columns;

	function create() {
		const row = make("tr", { role: "row" });
		const asked = (action) => ask(action, current.get(row));
		row.append(
			cell("begun", columns.begun, [part("begun")]),
			cell("state", columns.state, [badge(), part("flag", "rows__note")]),
			cell("number", columns.number, [part("number", "digits"), part("channel", "rows__note")]),
			cell("agent", columns.agent, [part("agent"), part("notes", "rows__note")]),
			cell("tries", columns.tries, [part("tries")]),
			cell("until", columns.until, [part("until")]),
			cell("reference", columns.reference, [part("reference", "rows__id"), part("task", "rows__id rows__task")]),
			cell("actions", columns.actions, [button("unlock", asked), button("allow", asked)]),
		);
		return row;
	}

	function update(row, contact, mayOverride) {
		const node = (name) => row.querySelector(`[data-part=${name}]`);
		current.set(row, contact);
		for (const name of ["begun", "number", "channel", "agent", "flag", "tries", "until", "reference", "task", "words"])
			setText(node(name), contact[name]);
		setText(node("notes"), contact.notes.join(" · "));
		setAttribute(node("badge"), "data-tone", contact.tone);
		setAttribute(node("badge").querySelector("use"), "href", `#icon-${contact.icon}`);
		setButton(node("unlock"), "unlock", contact.reference, contact.mayUnlock);
		setButton(node("allow"), "allow", contact.reference, contact.mayAllow && mayOverride);
	}

	function setButton(node, action, id, shown) {
		setText(node, strings.actions[action]);
		setAttribute(node, "aria-label", fill(strings.actions[`${action}_of`], { id }));
		/* What has the focus stays, so that the supervisor keeps his place; the server would refuse. */
		node.hidden = !shown && node !== document.activeElement;
	}

	return {
		render: (contacts, mayOverride) =>
			keyed(body, contacts, create, (row, contact) => update(row, contact, mayOverride)),
	};
}

/* What is locked or stopped, as cards. */
export function createClosed(list, strings, ask) {
	const current = new WeakMap();

	function create() {
		const item = make("li", { class: "closed__item" });
		item.append(
			make("p", { class: "closed__who" }, [badge(), part("number", "digits")]),
			make("p", { class: "closed__why", "data-part": "why" }),
			make("p", { class: "rows__note" }, [part("reference", "rows__id"), part("agent")]),
			button("unlock", (action) => ask(action, current.get(item))),
		);
		return item;
	}

	function update(item, contact, now) {
		const node = (name) => item.querySelector(`[data-part=${name}]`);
		current.set(item, contact);
		setText(node("words"), contact.flag === "" ? contact.words : contact.flag);
		setAttribute(node("badge"), "data-tone", "bad");
		setAttribute(node("badge").querySelector("use"), "href",
			`#icon-${contact.kind === "stopped" ? "stop" : "lock"}`);
		setText(node("number"), contact.number);
		setText(node("why"), closedBecause(contact.row, strings, now));
		setText(node("reference"), contact.reference);
		setText(node("agent"), contact.agent === "" ? "" : ` · ${contact.agent}`);
		setText(node("unlock"), strings.actions.unlock);
		setAttribute(node("unlock"), "aria-label", fill(strings.actions.unlock_of, { id: contact.reference }));
	}

	return {
		render: (contacts, now) => keyed(list, contacts, create, (item, contact) => update(item, contact, now)),
	};
}
