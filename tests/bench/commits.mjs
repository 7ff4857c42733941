// commits.mjs: how many verifications a second the ledger alone takes, by how
// many threads have one at the same moment, in each kind of ledger.
//
// From the environment: VERIFICATIONS, for each figure, 4000 unless given.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '../api/postgres.js';
import { ROOT } from './rig.mjs';

const VERIFICATIONS = Number(process.env.VERIFICATIONS || 4000);
const THREADS = [1, 4, 16, 64];

const directory = mkdtempSync(join(ROOT, '.build/bench-commits-'));
const postgres = await startPostgres({ FSYNC: 'on' }, tmpdir());
let files = 0;

const newFile = () => `sqlite:${join(directory, `${files++}.db`)}`;

function newDatabase() {
	postgres.psql('SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
	return postgres.url;
}

const measure = (address, sync, threads) => Number(execFileSync(join(ROOT, '.build/plain/bench/commits'),
	[address, sync, String(threads), String(VERIFICATIONS)], { encoding: 'utf8' }));

const kinds = [
	['SQLite, LEDGER_SYNC=full', newFile, 'full'],
	['SQLite, LEDGER_SYNC=normal', newFile, 'normal'],
	['PostgreSQL on this host', newDatabase, 'full'],
];

try {
	console.log(`| verifications a second, of four commits each | ${THREADS.map((threads) => `${threads} at once`).join(' | ')} |`);
	console.log(`| --- | ${THREADS.map(() => '---:').join(' | ')} |`);
	for (const [name, place, sync] of kinds)
		console.log(`| ${name} | ${THREADS.map((threads) => measure(place(), sync, threads).toFixed(0)).join(' | ')} |`);
} finally {
	await postgres.stop();
	rmSync(directory, { recursive: true });
}
