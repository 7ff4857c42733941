/*
 * sandbox: the requests of the desk, all of them to the sandbox's own API.  The
 * product is asked by the panel alone.
 */
async function ask(path, fields) {
	const options = fields === undefined ? {} : { method: "POST", body: new URLSearchParams(fields) };
	const response = await fetch(path, { cache: "no-store", ...options });
	if (!response.ok)
		throw new Error(`status ${response.status}`);
	return response.json();
}

export async function tasksOf(worker, { all = false } = {}) {
	const query = new URLSearchParams({ ...(worker && { worker }), ...(all && { all: "1" }) });
	return (await ask(`tasks?${query}`)).tasks;
}

/* What was sent to a customer, the newest first, also what never arrived. */
export const messagesTo = async (to) =>
	(await ask(`messages?${new URLSearchParams({ to, lost: "1" })}`)).messages;

export const openTask = (fields) => ask("tasks", fields);
export const changeTask = (sid, fields) => ask(`tasks/${sid}`, fields);

/* The sandbox's time, in milliseconds since 1970. */
export const time = async () => Date.parse((await ask("clock")).now);
export const advance = (seconds) => ask("clock", { advance_seconds: seconds });

export const reset = () => ask("reset", {});
