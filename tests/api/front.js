/*
 * front: a second nginx before the programs of a stack, which signs agents in.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export async function freePort() {
	const server = net.createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address();
	server.close();
	return port;
}

/* Does anybody answer there, within five seconds? */
export async function answers(port) {
	for (let i = 0; i < 200; i++) {
		const socket = net.connect(port, "127.0.0.1");
		const connected = await once(socket, "connect").then(() => true, () => false);
		socket.destroy();
		if (connected)
			return true;
		await sleep(25);
	}
	return false;
}

/*
 * Starts it on a port of its own, with the stack's configuration but for the
 * one line that signs nobody in.  listen goes into the line of that name, http
 * stands outside of the server; more are further [text, its replacement].
 */
export async function startFront(stack, signIn, { listen = "", http = "", port: wanted, more = [] } = {}) {
	const port = wanted ?? await freePort();
	const directory = join(stack.runDir, "front");
	const path = join(directory, "nginx.conf");
	mkdirSync(directory);
	writeFileSync(path, [
		[`${stack.runDir}/nginx/`, `${directory}/`],
		[`listen 127.0.0.1:${stack.sandboxPort};`, `listen 127.0.0.1:${port} ${listen};`],
		['set $signed_in_user "";', signIn],
		["\tserver {\n", `${http}\tserver {\n`],
		...more,
	].reduce(replaced, readFileSync(join(stack.runDir, "nginx/nginx.conf"), "utf8")));

	/* As in stack.sh: the sockets are root's, if this is. */
	const asOwner = process.getuid() === 0 ? ["-g", "user root;"] : [];
	const nginx = spawn("nginx", ["-p", directory, "-c", path, "-e", join(directory, "error.log"), ...asOwner],
		{ env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, stdio: "ignore" });
	const abandon = () => nginx.kill("SIGTERM");
	process.on("exit", abandon);
	assert.ok(await answers(port), "the front does not start");
	return {
		port,
		url: `http://127.0.0.1:${port}`,
		async stop() {
			process.off("exit", abandon);
			nginx.kill("SIGQUIT");
			await once(nginx, "exit");
			rmSync(directory, { recursive: true });
		},
	};
}

function replaced(text, [from, to]) {
	assert.ok(text.includes(from), `${from} is not in nginx.conf`);
	return text.replaceAll(from, () => to);
}
