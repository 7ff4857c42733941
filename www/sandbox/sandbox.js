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

/* The customer's leg of a call; what it was given to do, if it is not in the conference; and what it does. */
export const legOf = (call) => ask(`legs/${call}`);
export const documentOf = (call) => askDocument("GET", `legs/${call}/twiml`);
export const actOnLeg = (call, fields) => ask(`legs/${call}`, fields);

/* What Twilio asks of verify-call, signed. */
export const askTwiml = (path, { body, signature }) => askDocument("POST", path, body, {
	"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature });

/* The browser's own parser of XML is by XMLHttpRequest; a document that is not well-formed is none. */
const askDocument = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
	const call = new XMLHttpRequest();
	const fail = () => reject(new Error(`no TwiML, status ${call.status}`));
	call.open(method, path);
	call.responseType = "document";
	for (const [name, value] of Object.entries(headers))
		call.setRequestHeader(name, value);
	call.onload = () => (call.status === 200 && call.responseXML?.documentElement.tagName === "Response"
		? resolve(call.responseXML) : fail());
	call.onerror = fail;
	call.send(body);
});

/* The sandbox's time, in milliseconds since 1970. */
export const time = async () => Date.parse((await ask("clock")).now);
export const advance = (seconds) => ask("clock", { advance_seconds: seconds });

export const reset = () => ask("reset", {});
