/*
 * host: a page of somebody else around the panel, on a server of its own, and
 * the snippets that deploy/panel.md and the operator's guide give to such pages.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";

/*
 * Serves HTML.  The server is http://127.0.0.1:PORT (url) and
 * http://localhost:PORT (alias), which is another origin and another site.
 */
export async function startHost() {
	const pages = new Map();
	const server = http.createServer(({ url }, reply) => {
		const html = pages.get(url);
		reply.writeHead(html === undefined ? 404 : 200, { "Content-Type": "text/html; charset=utf-8" });
		reply.end(html && `<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">${html}`);
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address();
	return {
		url: `http://127.0.0.1:${port}`,
		alias: `http://localhost:${port}`,
		/* What there is at a path from now on. */
		show(path, html) {
			pages.set(path, html);
		},
		stop: () => server.close(),
	};
}

/* The code of a text's only block of this language that has certain words in it, for a panel at url. */
export function snippet(language, words, url, file = "deploy/panel.md") {
	const blocks = Array.from(readFileSync(file, "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms))
		.filter(([, itsLanguage, code]) => itsLanguage === language && code.includes(words));
	assert.equal(blocks.length, 1, `one block of ${language} with ${words} in ${file}`);
	return blocks[0][2].replaceAll("https://verify.example.com", url);
}
