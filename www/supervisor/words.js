/* words: those of the page's language, and where they stand in it. */
import { languageOf } from "../text.js";

export async function loadStrings() {
	return (await import(`./strings/${languageOf(location.search, navigator.languages)}.js`)).default;
}

/* "ask.reason" */
const wordsAt = (strings, path) => path.split(".").reduce((words, name) => words[name], strings);

export function fillPage(strings) {
	document.documentElement.lang = strings.language;
	document.title = strings.title;
	for (const node of document.querySelectorAll("[data-string]"))
		node.textContent = wordsAt(strings, node.dataset.string);
}
