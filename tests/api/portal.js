/*
 * portal: what a company's website does to show a customer a PIN.
 */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";

import { JSON_TYPE, request } from "./helpers.js";

export const PORTAL_KEY = "portal-key-of-the-tests-not-a-secret";

/* Keys with which a stack takes PINs. */
export const PIN_KEYS = {
	CONTACT_SOURCE: "customer",
	CUSTOMER_ID_ATTRIBUTE: "customers.external_id",
	PORTAL_KEY,
	INFO_FIELDS: "name phone",
};

export const sign = (body, key = PORTAL_KEY) => createHmac("sha256", key).update(body).digest("hex");

/* A request that is signed as it should be; each part can be another one. */
export function portalRequest(customer, { fields, body, key, signature, headers = {} } = {}) {
	const text = body ?? JSON.stringify({ customer, time: new Date().toISOString(),
		nonce: randomBytes(16).toString("hex"), ...fields });
	return { path: "/portal-pin", body: text, headers: { "Content-Type": JSON_TYPE,
		"X-Flex-Verify-Signature": signature ?? sign(text, key), ...headers } };
}

export const askForPin = (stack, customer, options) => request(stack, portalRequest(customer, options));

export async function pinOf(stack, customer, options) {
	const answer = await askForPin(stack, customer, options);
	assert.equal(answer.status, 200, answer.text);
	return answer.json.pin;
}
