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

/* Adds the words that not every page needs: refusals, info, help. */
export async function loadMore(strings) {
	Object.assign(strings, (await import(`./strings/${strings.language}_more.js`)).default);
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

/* "account_number" is no word for an agent, but better than hiding a field. */
export function labelOf(path, labels) {
	return path.map((name) => (Object.hasOwn(labels, name) ? labels[name] : name.replace(/[_-]+/g, " ")
		.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(/^./, (c) => c.toUpperCase())))
		.join(" › ");
}
