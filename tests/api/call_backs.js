/*
 * call_backs: a callback task from the agent who asks for it to the customer
 * who answers.
 */
import assert from "node:assert/strict";

import { ANA, assertSuccess, agent, ledgerRows } from "./helpers.js";

export const CALLBACK_KEYS = {
	CONTACT_SOURCE: "customer",
	CUSTOMER_ID_ATTRIBUTE: "customers.external_id",
	CALLBACK_WORKFLOW_SID: "WW00000000000000000000000000000001",
	CALLBACK_FROM: "+12025550100",
	INFO_FIELDS: "name account_number:2s",
};

const ANAS_WORKER = "WK00000000000000000000000000000001";

/* The task of the last call-back that was asked for, as the record has it. */
export const lastCallBack = (stack) => ledgerRows(stack, `SELECT task_sid FROM verifications
	WHERE channel = 'callback' AND state = 'new' ORDER BY rowid DESC LIMIT 1`)[0].task_sid;

export async function accept(stack, task) {
	const answer = await stack.post(`/sandbox/tasks/${task}`, { worker: ANAS_WORKER, action: "accept" });
	assert.equal(answer.status, 200, answer.text);
}

/* Ana asks for one and accepts its task. */
export async function askFor(stack, task) {
	assertSuccess(await agent(stack, ANA).callBack(task), "canceled");
	const made = lastCallBack(stack);
	await accept(stack, made);
	return made;
}

/* An agent dials a number, and whoever is there answers; or that call is over. */
export async function dial(stack, to, more = {}) {
	const answer = await stack.post("/sandbox/dialled", { to, ...more });
	assert.ok(answer.status < 300, answer.text);
}
