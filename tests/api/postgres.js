/*
 * postgres: a PostgreSQL of a test's own, see tests/postgres.sh.
 *
 *   const postgres = await startPostgres();
 *   ... LEDGER: postgres.url ...
 *   await postgres.tell("stop"); await postgres.tell("start");
 *   await postgres.stop();
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmdirSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../postgres.sh", import.meta.url));
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const urlOf = (directory) => `postgresql://tests@/tests?host=${directory}`;

class Postgres {
	async start(env, place) {
		this.directory = mkdtempSync(join(place, "flex-verify-pg-"));
		this.url = urlOf(this.directory);
		this.child = spawn(SCRIPT, [this.directory], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
		this.answers = createInterface(this.child.stdout)[Symbol.asyncIterator]();
		await this.ready();
		return this;
	}

	async ready() {
		const { value } = await this.answers.next();
		if (value !== "ready")
			throw new Error("PostgreSQL does not start");
	}

	/* stop, start or kill. */
	async tell(word) {
		this.child.stdin.write(`${word}\n`);
		await this.ready();
	}

	psql(sql, url = this.url) {
		return execFileSync("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql], { encoding: "utf8" }).trim();
	}

	async stop() {
		const ended = once(this.child, "exit");
		this.child.stdin.end();
		await ended;
		rmdirSync(this.directory);
	}
}

export const startPostgres = (env = {}, place = PLACE) => new Postgres().start(env, place);

/*
 * A way to a PostgreSQL that can be cut: { url, cut(), losing, lost,
 * swallowing, swallowed, stop() }.  With losing, one session is cut as soon as
 * its program has sent COMMIT, by itself, and the server has done it: the
 * program does not hear of that.  With swallowing, the server does not hear of
 * the COMMIT, nor of anything behind it, until the program hangs up.  lost and
 * swallowed count such sessions; each of the two ends with the first.
 */
export async function startWay(postgres) {
	const directory = mkdtempSync(join(PLACE, "flex-verify-way-"));
	const sockets = new Set(), way = { url: urlOf(directory), losing: false, lost: 0, swallowing: false, swallowed: 0 };
	const server = net.createServer((near) => {
		const far = net.connect(join(postgres.directory, ".s.PGSQL.5432"));
		let committing = false, silent = false;
		sockets.add(near).add(far);
		near.on("data", (bytes) => {
			const commits = bytes.includes("COMMIT\0");
			committing = way.losing && commits;
			if (way.swallowing && commits) {
				way.swallowing = false;
				way.swallowed++;
				silent = true;
			}
			if (!silent)
				far.write(bytes);
		});
		far.on("data", (bytes) => {
			if (!committing)
				return near.write(bytes);
			way.losing = false;
			way.lost++;
			near.destroy();
			return far.destroy();
		});
		for (const [one, other] of [[near, far], [far, near]]) {
			one.on("error", () => {});
			one.on("close", () => { sockets.delete(one); other.destroy(); });
		}
	});
	chmodSync(directory, 0o755); /* for a web server's programs, which are not ours */
	server.listen({ path: join(directory, ".s.PGSQL.5432"), writableAll: true });
	await once(server, "listening");
	way.cut = () => sockets.forEach((socket) => socket.destroy());
	way.stop = async () => {
		way.cut();
		server.close();
		await once(server, "close");
		rmdirSync(directory);
	};
	return way;
}
