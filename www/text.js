/* text: fills {names} into sentences of strings/.  Pure. */

/* Unknown names become nothing rather than show their braces to an agent. */
export function fill(template, values = {}) {
	return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/* Chooses among { one, other, ... } by the rules of the language (CLDR). */
export function plural(forms, count, language) {
	const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
	return fill(form, { count });
}
