/*
 * history: verifications as they would stand after hours and days, for what is
 * about time.  Made by real requests, and then moved back in the ledger; or, in
 * numbers that no test has the time to ask for, written into it.
 */
import { execFileSync } from "node:child_process";

function change(stack, sql) {
	execFileSync("sqlite3", ["-cmd", ".timeout 5000", stack.ledger,
		`BEGIN IMMEDIATE; DROP TRIGGER IF EXISTS events_stay; ${sql} COMMIT;`]);
}

const TIMES = ["created_at", "sent_at", "expires_at", "approved_at", "approved_until", "decided_at", "decided_until"];

/* All of the contact whose answer this is happened so long ago.  The links of these events no longer fit. */
export function moveBack(stack, answer, ms) {
	const { reference } = answer.json.verification;
	const contact = `(SELECT interaction FROM verifications WHERE id LIKE '${reference}%')`;
	const moved = TIMES.map((name) => `${name} = CASE ${name} WHEN 0 THEN 0 ELSE ${name} - ${ms} END`);
	change(stack, `UPDATE events SET at = at - ${ms} WHERE interaction = ${contact};
		UPDATE verifications SET ${moved.join(", ")} WHERE interaction = ${contact};`);
}

/* The code was sent so long before it was approved. */
export function letTake(stack, answer, ms) {
	const { reference } = answer.json.verification;
	change(stack, `UPDATE events SET at = at - ${ms} WHERE verification LIKE '${reference}%'
		AND action = 'start' AND outcome IN ('begun', 'code_sent');`);
}

/*
 * So many more contacts like the last one, numbered from first on, behind the
 * seal: nothing can be appended afterwards.
 */
export function addContacts(stack, count, first = 1) {
	const id = `printf('%08x00000000', i + ${first})`;
	const interaction = `printf('CA%032x', i + ${first})`;
	const copy = (table, columns, changed) => {
		const names = columns.split(" ");
		return `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
			INSERT INTO ${table} (${names.join(", ")})
			SELECT ${names.map((name) => changed[name] ?? `t.${name}`).join(", ")}
			FROM n, (SELECT * FROM ${table} ORDER BY position DESC LIMIT 1) t;`;
	};
	const columns = (table) => execFileSync("sqlite3", ["-readonly", stack.ledger,
		`SELECT group_concat(name, ' ') FROM pragma_table_info('${table}')`], { encoding: "utf8" }).trim();
	change(stack, copy("verifications", columns("verifications"),
		{ id, interaction, created_at: "t.created_at + i" })
		+ copy("events", columns("events"), { position: "t.position + i", at: "t.at + i", verification: id, interaction }));
}
