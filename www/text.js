/* text: which language, and how its words become sentences. */

/* Each has its strings/LANGUAGE.js; the first is for whoever speaks none of them. */
const LANGUAGES = ["en", "es"];

/* By ?lang=, else the browser's first language that is there. */
export function languageOf(search, preferred) {
	const wanted = [new URLSearchParams(search).get("lang"), ...preferred];
	const known = wanted.map((tag) => String(tag).toLowerCase().split("-")[0]);
	return known.find((language) => LANGUAGES.includes(language)) ?? LANGUAGES[0];
}

export async function loadStrings() {
	const language = languageOf(location.search, navigator.languages);
	return { ...(await import(`./strings/${language}.js`)).default };
}

/* Adds what a page does without when it is opened: words, and how they look.  Fetched once. */
export async function loadMore(strings) {
	const [more] = await Promise.all([import(`./strings/${strings.language}_more.js`), loadStyle()]);
	for (const [name, words] of Object.entries(more.default))
		strings[name] = typeof words === "object" ? { ...strings[name], ...words } : words;
}

let style = null;

function loadStyle() {
	if (style === null) {
		const link = document.createElement("link");
		style = new Promise((done) => {
			link.onload = done;
			link.onerror = () => done(style = null);
		});
		link.rel = "stylesheet";
		link.href = "more.css";
		document.head.append(link);
	}
	return style;
}

/* Unknown names become nothing rather than show their braces to an agent. */
export function fill(template, values = {}) {
	return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/* Chooses among { one, other, ... } by the rules of the language (CLDR). */
export function plural(forms, count, language, values = {}) {
	const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
	return fill(form, { count, ...values });
}
