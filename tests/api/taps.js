/*
 * taps: links by text, from the agent who has one texted to the customer who
 * answers.
 */
import assert from "node:assert/strict";

import { AGENT_PROGRAMS, ANA, agent, call } from "./helpers.js";

/* stack.sh fills in @PORT@. */
export const TAP_KEYS = {
	APPROVAL_URL: "http://127.0.0.1:@PORT@/approve/",
	COMPANY_NAME: "Example Energy",
	MESSAGING_SERVICE_SID: "MG00000000000000000000000000000001",
	STRENGTHS: "sms:1 call:1 tap:2",
	INFO_FIELDS: "name account_number:2s",
};

export const TAP_PROGRAMS = [...AGENT_PROGRAMS, "approve-verify", "supervisor-info"];

export const MARIA = "+12025550101";

const LINK = /https?:\/\/\S+#([0-9a-f]{48})$/;

/* The newest link on a phone: { url, token, body }. */
export async function lastLink(stack, to = MARIA) {
	for (const { body } of await stack.messages(to)) {
		const [url, token] = LINK.exec(body) ?? [];
		if (token !== undefined)
			return { url, token, body };
	}
	return assert.fail(`no link came to ${to}`);
}

/* Ana has a link texted; its token. */
export async function textLink(stack, task, to = MARIA) {
	const sent = await agent(stack, ANA).textLink(task);
	assert.equal(sent.status, 200, sent.text);
	return (await lastLink(stack, to)).token;
}

/* What the page asks: without an action, who is asking. */
export const tap = (stack, token, action, options = {}) =>
	call(stack, "approve-verify", { token, ...(action && { action }) }, options);
