// For node --test-reporter: one line of JSON behind a record separator
// (RFC 7464) for each test, so that run.mjs can tell it from what tests print.

// A suite whose tests failed has nothing to add to what they said.
const isEcho = ({ details }) => details.error?.failureType === 'subtestsFailed';

const isSuite = ({ details }) => details.type === 'suite';

function reasonOf({ details: { error } }) {
	const cause = error?.cause ?? error;
	return String(cause?.stack ?? cause?.message ?? cause);
}

export default async function* reporter(events) {
	for await (const { type, data } of events) {
		if (type === 'test:fail' && !isEcho(data)) {
			yield `\x1e${JSON.stringify({ name: data.name, outcome: 'failed', reason: reasonOf(data) })}\n`;
		} else if (type === 'test:pass' && !isSuite(data)) {
			const outcome = data.skip === undefined ? 'passed' : 'skipped';
			yield `\x1e${JSON.stringify({ name: data.name, outcome })}\n`;
		} else if (type === 'test:diagnostic' && data.message.includes('asynchronous activity')) {
			yield `${data.message}\n`; /* node ends with status 1 for it, and names no test */
		}
	}
}
