/*
 * task_form: names the task by hand, where no Flex does: in a browser tab.  The
 * SID is found in whatever is pasted, so that a whole line will do.
 */
const TASK = /WT[0-9a-fA-F]{32}(?![0-9a-fA-F])/;

function element(tag, attributes, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		node.setAttribute(name, value);
	node.append(...children);
	return node;
}

/* Puts the form after a part of the page; the token, or null, goes along as it came. */
export async function showTaskForm(part, language, token) {
	const { default: { task_form: words } } = await import(`./strings/${language}_around.js`);
	const input = element("input", { class: "code__input", id: "task", name: "task", type: "text",
		autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": "task-error" });
	const error = element("p", { class: "code__error", id: "task-error", role: "alert" });
	const form = element("form", { class: "step task-form", novalidate: "" },
		element("div", { class: "code" }, element("label", { class: "code__label", for: "task" }, words.label), input, error),
		element("button", { class: "button button--primary", type: "submit" }, words.open));
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const [sid] = TASK.exec(input.value) ?? [];
		if (sid === undefined) {
			input.setAttribute("aria-invalid", "true");
			error.textContent = words.none;
			input.focus();
			return;
		}
		const there = new URL(location.href);
		there.searchParams.set("task", sid);
		if (token !== null)
			there.hash = `token=${encodeURIComponent(token)}`;
		location.assign(there);
	});
	part.after(form);
}
