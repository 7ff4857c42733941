/* page: the parts of the desk's page, found by data-* hooks, and small pieces of it.  Text goes in as text. */
export const part = (name) => document.querySelector(`[data-${name}]`);

export function element(tag, className, text = "") {
	const node = document.createElement(tag);
	node.className = className;
	node.textContent = text;
	return node;
}

export function icon(name) {
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
	svg.setAttribute("aria-hidden", "true");
	use.setAttribute("href", `#icon-${name}`);
	svg.append(use);
	return svg;
}

export function button(className, text, onClick) {
	const node = element("button", className, text);
	node.type = "button";
	node.addEventListener("click", onClick);
	return node;
}

/* Only where it changed: screen readers notice writes. */
export function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

export const clock = (time) => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" })
	.format(time);
