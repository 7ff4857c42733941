/* dom: making nodes, and changing only what is different, so that focus and selection stay. */

/* make("p", { class: "hint", hidden: true, text: "…", on: { click } }, children) */
export function make(name, { text, on = {}, ...attributes } = {}, children = []) {
	return dress(document.createElement(name), { text, on, ...attributes }, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function makeSvg(name, { text, ...attributes } = {}, children = []) {
	return dress(document.createElementNS(SVG, name), { text, ...attributes }, children);
}

function dress(node, { text, on = {}, ...attributes }, children) {
	for (const [key, value] of Object.entries(attributes))
		if (value !== null && value !== undefined && value !== false)
			node.setAttribute(key, value === true ? "" : value);
	for (const [type, listener] of Object.entries(on))
		node.addEventListener(type, listener);
	if (text !== undefined)
		node.textContent = text;
	node.append(...children);
	return node;
}

export const makeIcon = (name, className) =>
	makeSvg("svg", { class: className, "aria-hidden": "true", focusable: "false" },
		[makeSvg("use", { href: `#icon-${name}` })]);

export function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

export function setAttribute(node, name, value) {
	if (node.getAttribute(name) !== value)
		node.setAttribute(name, value);
}

/*
 * Makes the children of a node those of the list: [{ key, ... }].  create(item)
 * makes a node, update(node, item) brings one up to date.  A node stays the
 * same as long as its key is there, and moves only if the order is another.
 */
export function keyed(parent, list, create, update) {
	const active = document.activeElement;
	const before = new Map(Array.from(parent.children, (node) => [node.dataset.key, node]));
	let next = parent.firstElementChild;
	for (const item of list) {
		const node = before.get(item.key) ?? create(item);
		before.delete(item.key);
		node.dataset.key = item.key;
		update(node, item);
		/* Those that are gone do not push others around. */
		while (next !== null && next !== node && !list.some(({ key }) => key === next.dataset.key)) {
			const gone = next;
			next = next.nextElementSibling;
			gone.remove();
			before.delete(gone.dataset.key);
		}
		if (node === next)
			next = next.nextElementSibling;
		else
			parent.insertBefore(node, next);
	}
	before.forEach((node) => node.remove());
	/* To move a node takes the focus from it. */
	if (active !== document.activeElement && parent.contains(active))
		active.focus({ preventScroll: true });
}
