/* help: the keys, the settings, and what else an agent should know; made when it is first opened. */
import { prefer, prefers } from "./preferences.js";

function element(tag, text, ...children) {
	const node = document.createElement(tag);
	node.append(text, ...children);
	return node;
}

function settingOf([name, text], onChange) {
	const label = element("label", "", element("span", text));
	const box = document.createElement("input");
	label.className = "setting";
	box.type = "checkbox";
	box.checked = prefers(name);
	box.addEventListener("change", () => {
		prefer(name, box.checked);
		onChange();
	});
	label.prepend(box);
	return label;
}

export function fillHelp(details, { settings, keys, notes }, onChange) {
	const list = element("dl", "");
	list.className = "keys";
	for (const [key, text] of Object.entries(keys)) {
		const row = element("div", "", element("dt", "", element("kbd", key)), element("dd", text));
		list.append(row);
	}
	details.append(...Object.entries(settings).map((each) => settingOf(each, onChange)), list,
		...notes.map((note) => element("p", note)));
}
