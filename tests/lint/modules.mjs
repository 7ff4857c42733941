// modules.mjs DIRECTORY...: does every JavaScript module parse, and is
// everything there that it imports from beside it?
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';

function filesIn(directory) {
	return readdirSync(directory).flatMap((name) => {
		const path = join(directory, name);
		if (name === 'node_modules') return [];
		if (statSync(path).isDirectory()) return filesIn(path);
		return /\.m?js$/.test(name) ? [path] : [];
	});
}

function* faultsOf(path) {
	let module;
	try {
		module = new vm.SourceTextModule(readFileSync(path, 'utf8'), { identifier: path });
	} catch (error) {
		yield String(error.stack).split('\n').slice(0, 5).join('\n');
		return;
	}
	for (const specifier of module.dependencySpecifiers) {
		const target = resolve(dirname(path), specifier);
		if (specifier.startsWith('.') && !existsSync(target)) yield `${path}: imports ${specifier}, which is not there`;
	}
}

for (const fault of process.argv.slice(2).flatMap(filesIn).flatMap((path) => [...faultsOf(path)])) {
	console.log(fault);
	process.exitCode = 1;
}
