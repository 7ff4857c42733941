/*
 * long_ledger: more events than a test has the time to ask for, written into a
 * ledger of SQLite with the links and the seal that the programs would have
 * made (src/ledger/chain.c), so that the record is whole.
 */
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";

const sized = (text) => `${text.length}:${text},`;
const quoted = (value) => (typeof value === "number" ? value : `'${value}'`);

/* What a program refused, of callers that nobody else is; at is in ms. */
const refused = (position, at) => ({ position, at, verification: "", interaction: `CA${String(position).padStart(32, "0")}`,
	task_sid: "", action: "start", outcome: "not_your_task", agent_id: "WK00000000000000000000000000000001", channel: "",
	to_id: "", to_mask: "", request_id: String(position).padStart(32, "0"), twilio_code: 0, sends: 0, failures: 0 });

const textOf = (event, link) => [sized("event"), sized(link), ...Object.values(event)
	.map((value) => (typeof value === "number" ? `${value},` : sized(value)))].join("");

/* The ledger has its tables, and nothing is in them.  change(position): what is another than of what is refused. */
export function writeEvents(path, key, count, at, change = () => ({})) {
	const mac = (text) => createHmac("sha256", key).update(text).digest("hex");
	const rows = [];
	let link = "";
	for (let position = 1; position <= count; position++) {
		const event = { ...refused(position, at + position), ...change(position) };
		link = mac(textOf(event, link));
		rows.push(`(${[...Object.values(event), link].map(quoted).join(", ")})`);
	}
	const columns = [...Object.keys(refused(1, at)), "link"].join(", ");
	const seal = mac([sized("seal"), `${count},`, sized(link)].join(""));
	execFileSync("sqlite3", ["-bail", path], { input: `BEGIN IMMEDIATE; INSERT INTO events (${columns}) VALUES ${rows.join(",\n")};
		INSERT INTO seal VALUES (1, ${count}, '${link}', '${seal}'); COMMIT;` });
}
