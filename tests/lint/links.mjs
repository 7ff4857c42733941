/*
 * links.mjs [DIRECTORY]: what its documents link to is there, headings included.
 *
 * Prints FILE:LINE: the link that leads nowhere.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

process.chdir(process.argv[2] ?? '.');

const documents = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).split('\n').filter(Boolean);

/* Without blocks of code, but with as many lines. */
const textOf = (path) => readFileSync(path, 'utf8').replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));

/* As GitHub names headings. */
const anchorsOf = (path) => [...textOf(path).matchAll(/^#+ (.*)$/gm)]
	.map(([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'));

function leadsSomewhere(document, link) {
	const [path, anchor] = link.split('#');
	const target = path === '' ? document : normalize(join(dirname(document), path));
	return existsSync(target) && (anchor === undefined || anchorsOf(target).includes(anchor));
}

for (const document of documents) {
	const text = textOf(document);
	for (const { 1: link, index } of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g))
		if (!leadsSomewhere(document, link)) {
			console.log(`${document}:${text.slice(0, index).split('\n').length}: ${link} leads nowhere`);
			process.exitCode = 1;
		}
}
