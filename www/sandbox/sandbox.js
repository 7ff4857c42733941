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

/* An agent dials and the customer answers; or, with over, that call is over. */
export const dial = (to, over) => ask("dialled", { to, ...(over && { over: "yes" }) });

/* What Twilio would ask about a call, and the task that it makes of it. */
export const signCall = (fields) => ask("calls", fields);
export const enqueueCall = (sid, fields) => ask(`calls/${sid}`, fields);

/* The browser's own parser of XML is by XMLHttpRequest; a document that is not well-formed is none. */
export const askTwiml = (path, { body, signature }) => new Promise((resolve, reject) => {
	const call = new XMLHttpRequest();
	const fail = () => reject(new Error(`verify-call, status ${call.status}`));
	call.open("POST", path);
	call.responseType = "document";
	call.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
	call.setRequestHeader("X-Twilio-Signature", signature);
	call.onload = () => (call.status === 200 && call.responseXML?.documentElement.tagName === "Response"
		? resolve(call.responseXML) : fail());
	call.onerror = fail;
	call.send(body);
});

/* The sandbox's time, in milliseconds since 1970. */
export const time = async () => Date.parse((await ask("clock")).now);
export const advance = (seconds) => ask("clock", { advance_seconds: seconds });

export const reset = () => ask("reset", {});
