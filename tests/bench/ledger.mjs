// ledger.mjs: what a request costs with 0, 10,000 ... EVENTS events in the
// ledger, which is filled behind the program's back, as a year would have.
//
// From the environment: EVENTS, a million unless given; REQUESTS for each size, 400 unless given.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { sendRecords, wholeRequest } from '../api/fastcgi.js';
import { configure } from './contenders.mjs';
import { cpuSeconds, median } from './measure.mjs';
import { HERE, ROOT, Rig } from './rig.mjs';

const EVENTS = Number(process.env.EVENTS || 1_000_000);
const REQUESTS = Number(process.env.REQUESTS || 400);
const SIZES = [0, 10_000, 100_000, 1_000_000, 10_000_000].filter((size) => size <= EVENTS);

const KEY = 'bench-log-key-not-a-secret-0000000000';
const YEAR_MS = 365 * 24 * 3600 * 1000;

const rig = new Rig(join(ROOT, '.build/bench/run-ledger'));
const { port } = await rig.startNginx('upstream', readFileSync(join(HERE, 'upstream.nginx.conf'), 'utf8'), {});
const directory = rig.path('program');
mkdirSync(directory);
// With the limit over all, whose sum goes through the last hour.
const config = configure(rig, directory, { url: `https://localhost:${port}` },
	{ AGENT_AUTH: 'none', CONTACT_SOURCE: 'request', SENDS_PER_HOUR: 1_000_000, THREADS: 1 });
const ledger = join(directory, 'ledger.db');

const sql = (text) => execFileSync('sqlite3', [ledger], { input: text, encoding: 'utf8' });

// The seal over the last event, as src/ledger/chain.c makes it: whatever else the events say is not looked at when one is added.
function seal(position, link) {
	const text = `4:seal,${position},${link.length}:${link},`;
	return createHmac('sha256', KEY).update(text).digest('hex').slice(0, link.length);
}

function fill(size) {
	const [position, link] = sql('SELECT position, link FROM seal').trim().split('|');
	const missing = size - Number(position);
	if (missing <= 0) return;
	const indexes = sql("SELECT sql || ';' FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events' AND sql IS NOT NULL");
	const names = [...indexes.matchAll(/CREATE INDEX (\w+)/g)].map(([, name]) => name);
	sql(`PRAGMA synchronous = OFF; BEGIN;
		${names.map((name) => `DROP INDEX ${name};`).join('\n')}
		INSERT INTO events (position, at, verification, interaction, task_sid, action, outcome, agent_id, channel, to_id, to_mask,
			request_id, twilio_code, sends, failures, note, link)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${missing})
		SELECT ${position} + i, ${Date.now() - YEAR_MS} + i * ${YEAR_MS} / ${missing}, hex(randomblob(8)), hex(randomblob(8)), '', 'start', 'begun',
			'', 'sms', hex(randomblob(8)), '+99***********00', hex(randomblob(16)), 0, 1, 0, '', '${link}' FROM n;
		UPDATE seal SET position = ${Number(position) + missing}, seal = '${seal(Number(position) + missing, link)}';
		${indexes}
		COMMIT; PRAGMA wal_checkpoint(TRUNCATE);`);
}

let number = 0;

async function ask() {
	const body = new URLSearchParams({ to: `+9990${String(number++).padStart(11, '0')}`, channel: 'sms' }).toString();
	const { status, text } = await sendRecords({ runDir: directory }, 'start-verify', wholeRequest({ REQUEST_METHOD: 'POST',
		DOCUMENT_URI: '/start-verify', QUERY_STRING: '', CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: body.length,
		REMOTE_ADDR: '127.0.0.1' }, body));
	assert.equal(status, 200, text);
}

async function askOften(times) {
	for (let i = 0; i < times; i++) await ask();
}

async function measureWith(size) {
	const socket = join(directory, 'start-verify.sock');
	const command = [join(ROOT, 'cgi-bin/start-verify'), '-c', config, '-s', socket];
	if (size > 0) fill(size);
	const pid = await rig.start('start-verify', command, { path: socket });
	await askOften(20);
	const rounds = [];
	for (let i = 0; i < 4; i++) {
		const before = cpuSeconds([pid]);
		await askOften(REQUESTS / 4);
		rounds.push((cpuSeconds([pid]) - before) / (REQUESTS / 4) * 1e6);
	}
	await rig.stop('start-verify');
	return median(rounds);
}

console.log('| events | CPU of a request, µs | file, MiB |\n| -----: | -------------------: | --------: |');
for (const size of SIZES) {
	const cost = await measureWith(size);
	console.log(`| ${size} | ${cost.toFixed(0)} | ${(statSync(ledger).size / 1048576).toFixed(0)} |`);
}
await rig.stopAll();
