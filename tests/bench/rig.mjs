// rig: starts what is measured, and what it needs, in one directory; ends all
// of it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = resolve(HERE, '../..');
export const CORES = availableParallelism();

const SYSTEM_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const START_MS = 15_000;

// Debian keeps nginx where only root looks.
process.env.PATH += ':/usr/sbin:/sbin';

export function freePort() {
	return new Promise((done, fail) => {
		const server = createServer();
		server.on('error', fail);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

function answers(address) {
	return new Promise((done) => {
		const socket = connect(address);
		socket.on('connect', () => { socket.destroy(); done(true); });
		socket.on('error', () => done(false));
	});
}

const filled = (text, values) => Object.entries(values).reduce((all, [key, value]) => all.replaceAll(`@${key}@`, value), text);

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export class Rig {
	constructor(directory) {
		this.directory = directory;
		this.children = new Map();
		rmSync(directory, { recursive: true, force: true });
		mkdirSync(directory, { recursive: true });
		process.on('exit', () => this.children.forEach((child) => child.kill('SIGTERM')));
		this.makeCertificate();
	}

	path(name) {
		return join(this.directory, name);
	}

	// Its own authority.  The programs trust it beside the system's, whose many they would have to load as well.
	makeCertificate() {
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
			'-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
			'-keyout', this.path('upstream.key'), '-out', this.path('upstream.pem')], { stdio: 'ignore' });
		const system = existsSync(SYSTEM_CERTIFICATES) ? readFileSync(SYSTEM_CERTIFICATES, 'utf8') : '';
		writeFileSync(this.path('all.pem'), system + readFileSync(this.path('upstream.pem'), 'utf8'));
	}

	launch(name, [command, ...words], env = {}) {
		const log = openSync(this.path(`${name}.log`), 'a');
		const child = spawn(command, words, { cwd: ROOT, env: { ...process.env, TZ: 'UTC', ...env }, stdio: ['ignore', log, log] });
		closeSync(log);
		this.children.set(name, child);
		child.on('exit', () => this.children.delete(name));
		return child;
	}

	// Starts a command, and waits until it listens at that address.
	async start(name, command, address, env) {
		const { pid } = this.launch(name, command, env);
		for (const deadline = Date.now() + START_MS; !await answers(address); await sleep(5)) {
			assert.ok(this.children.has(name) && Date.now() < deadline,
				`${name} does not start:\n${readFileSync(this.path(`${name}.log`), 'utf8')}`);
		}
		return pid;
	}

	// An nginx with this text as its configuration; its workers are root's if we are, as the sockets are then.
	async startNginx(name, text, values) {
		const port = await freePort();
		mkdirSync(this.path(name), { recursive: true });
		writeFileSync(this.path(`${name}/nginx.conf`), filled(text, { PORT: port, RUN_DIR: this.directory, ...values }));
		const asRoot = process.getuid() === 0 ? ['-g', 'user root;'] : [];
		const pid = await this.start(name, ['nginx', '-p', `${this.path(name)}/`, '-c', this.path(`${name}/nginx.conf`), '-e', 'stderr',
			...asRoot], { port, host: '127.0.0.1' });
		return { pid, port };
	}

	// The nginx of `make run`, with a door as wide as the load needs, before the socket in that directory.
	startFront(name, sockets) {
		let text = readFileSync(join(ROOT, 'nginx.conf'), 'utf8');
		for (const part of ['deploy/nginx/flex-verify-http.conf', 'deploy/nginx/flex-verify.conf'])
			text = text.replace(`include ${part};`, () => readFileSync(join(ROOT, part), 'utf8'));
		text = text.replaceAll('@RUN_DIR@/nginx', `@RUN_DIR@/${name}`).replaceAll('rate=100r/s', 'rate=1000000r/s')
			.replaceAll('burst=200', 'burst=10000').replaceAll('worker_connections 1024', 'worker_connections 16384');
		return this.startNginx(name, text, { WWW_DIR: join(ROOT, 'www'), SOCKETS: sockets, AT: '', FRAME_ANCESTORS: "'self'" });
	}

	async stop(name) {
		const child = this.children.get(name);
		if (!child) return;
		child.kill('SIGTERM');
		while (this.children.has(name)) await sleep(5);
	}

	async stopAll() {
		await Promise.all([...this.children.keys()].map((name) => this.stop(name)));
	}
}
