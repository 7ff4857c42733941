/*
 * api: the requests of the panel.  Each ends in { status, body }: body null if
 * it was not ours to read, status 0 if nothing came back.
 */

/* Longer than any answer takes; the server gives up on Twilio before this. */
const ANSWER_TIMEOUT_MS = 30000;

export const LOST = Object.freeze({ status: 0, body: null });

export async function post(path, fields, token) {
	const headers = { "Content-Type": "application/json", Accept: "application/json" };
	if (token !== null)
		headers.Authorization = `Bearer ${token}`;
	try {
		const response = await fetch(path, {
			method: "POST",
			headers,
			body: JSON.stringify(fields),
			cache: "no-store",
			redirect: "error",
			referrerPolicy: "no-referrer",
			signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
		});
		return { status: response.status, body: objectOf(await response.text()) };
	} catch {
		return LOST;
	}
}

/* A web server's own error page is not JSON. */
function objectOf(text) {
	try {
		const value = JSON.parse(text);
		return typeof value?.success === "boolean" ? value : null;
	} catch {
		return null;
	}
}

export function createApi(task, session) {
	const ask = (path, fields) => session.ask((token) => post(path, { task, ...fields }, token));
	return {
		status: () => ask("customer-info", {}),
		start: (channel, locale) => ask("start-verify", { channel, locale }),
		order: (action, more) => ask("start-verify", { action, ...more }),
		check: (code, channel) => ask("check-verify", { verification_code: code, channel }),
	};
}
