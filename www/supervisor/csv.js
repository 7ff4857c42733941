/*
 * csv: the rows that are shown, as a file (RFC 4180).  It is made here, of what
 * the page has: numbers are masked, and nothing of any customer is in it.
 */
const COLUMNS = [
	["reference", ({ reference }) => reference],
	["task", ({ task }) => task],
	["number", ({ row }) => row.to],
	["channel", ({ row }) => row.channel],
	["state", ({ row }) => row.state],
	["number_locked", ({ row }) => (row.number_locked ? "yes" : "no")],
	["begun_at", ({ row }) => row.begun_at],
	["sent_at", ({ row }) => row.sent_at],
	["sent_by", ({ row }) => row.sent_by],
	["codes_sent", ({ row }) => row.sends],
	["codes_tried", ({ row }) => row.checks],
	["approved_at", ({ row }) => row.approved_at],
	["approved_by", ({ row }) => row.approved_by],
	["stopped_at", ({ row }) => row.stopped_at],
	["stopped_by", ({ row }) => row.stopped_by],
	["overridden_at", ({ row }) => row.overridden_at],
	["overridden_until", ({ row }) => row.overridden_until],
	["overridden_by", ({ row }) => row.overridden_by],
	["override_reason", ({ row }) => row.override_reason],
];

/* A spreadsheet takes text that begins so for a formula: an apostrophe makes it text (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

export function cellOf(value) {
	const text = String(value ?? "");
	const safe = FORMULA.test(text) ? `'${text}` : text;
	return /[,"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(contacts) {
	const rows = [COLUMNS.map(([name]) => name), ...contacts.map((contact) => COLUMNS.map(([, of]) => of(contact)))];
	return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}

/* The mark at the beginning tells spreadsheets that it is UTF-8. */
export function save(name, contacts) {
	const url = URL.createObjectURL(new Blob(["\ufeff", csvOf(contacts)], { type: "text/csv;charset=utf-8" }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
