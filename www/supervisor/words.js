/* words: which language, and where its words stand in the page. */

/* Each has its strings/LANGUAGE.js; the first is for whoever speaks none of them. */
const LANGUAGES = ["en", "es"];

/* By ?lang=, else the browser's first language that is there. */
export async function loadStrings() {
	const wanted = [new URLSearchParams(location.search).get("lang"), ...navigator.languages]
		.map((tag) => String(tag).toLowerCase().split("-")[0]);
	const language = wanted.find((each) => LANGUAGES.includes(each)) ?? LANGUAGES[0];
	return (await import(`./strings/${language}.js`)).default;
}

/* "ask.reason" */
const wordsAt = (strings, path) => path.split(".").reduce((words, name) => words[name], strings);

export function fillPage(strings) {
	document.documentElement.lang = strings.language;
	document.title = strings.title;
	for (const node of document.querySelectorAll("[data-string]"))
		node.textContent = wordsAt(strings, node.dataset.string);
}
