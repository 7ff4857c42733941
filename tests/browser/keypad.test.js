/*
 * A phone with a keypad on the desk: the caller proves who he is before an
 * agent has the call.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import twilio from "twilio";

import { AGENT_PROGRAMS, logOf, notThe } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import { AUTH_TOKEN } from "../api/voice.js";
import { axe, useBrowser } from "./browser.js";

const MARIA = "+12025550101";

describe("a phone with a keypad", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ TRANSFER: "fresh" }, [...AGENT_PROGRAMS, "verify-call"]);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	/* Maria calls, and hears that a code is on its way. */
	async function calls() {
		const page = await chrome.newPage(stack, { viewport: { width: 1500, height: 980 } });
		await page.goto(`${stack.url}/sandbox/`);
		await page.getByLabel("Keypad before the agent").check();
		await page.locator("[data-customer=maria]").click();
		const phone = page.getByRole("region", { name: "Keypad" });
		const says = (words) => phone.getByRole("status").filter({ hasText: words }).waitFor();
		const keys = async (digits) => {
			for (const digit of digits)
				await phone.getByRole("button", { name: digit, exact: true }).click();
		};
		const panel = page.frameLocator("iframe[title=CRMContainer]");
		await says(/sent you a code/);
		return { page, phone, says, keys, panel };
	}

	test("verifies the caller, and Ana sees it and his data when she takes the call", async () => {
		const { page, phone, keys, panel } = await calls();
		await page.getByRole("log", { name: "Messages" }).getByText(/verification code is/).waitFor();
		await keys(await stack.lastCode(MARIA));

		await phone.waitFor({ state: "hidden" });
		await page.locator("[data-acts]").getByRole("button", { name: "Accept" }).click();
		await panel.getByText("Verified before the call, by keypad").waitFor();
		await panel.locator("[data-primary]").click();
		await panel.getByText("Maria Santos").first().waitFor();
	});

	test("asks again after a wrong code, three times, and then Ana has the call and the code is still out", async () => {
		const { page, phone, says, keys, panel } = await calls();
		const wrong = notThe(await stack.lastCode(MARIA));
		await keys(wrong);
		await says(/does not match/);
		await page.keyboard.type("12#");
		await says(/not the whole code/);
		await keys(wrong);
		await phone.waitFor({ state: "hidden" });
		await page.locator("[data-acts]").getByRole("button", { name: "Accept" }).click();
		await panel.getByText("Waiting for code").first().waitFor();
	});

	test("that hangs up makes no task, and can call again", async () => {
		const { page, phone, says } = await calls();
		const before = await page.locator("[data-tasks] li").count();
		await phone.getByRole("button", { name: "Hang up" }).click();
		await phone.waitFor({ state: "hidden" });
		assert.equal(await page.locator("[data-tasks] li").count(), before);
		await page.locator("[data-customer=lena]").click();
		await says(/sent you a code/);
	});

	test("is accessible, and its keys have names", async () => {
		const { page } = await calls();
		assert.deepEqual(await axe(page), []);
	});

	test("asks with signatures that Twilio's own library accepts, and refuses when anything was altered", async () => {
		const url = `${stack.url}/verify-call`;
		for (const fields of [{ from: MARIA }, { from: MARIA, query: "?step=code&try=2&language=es", digits: "123456" },
			{ from: "anonymous", query: "?step=code&try=1", digits: "" }]) {
			const { query, body, signature } = (await stack.post("/sandbox/calls", fields)).json;
			const parameters = Object.fromEntries(new URLSearchParams(body));
			assert.ok(twilio.validateRequest(AUTH_TOKEN, signature, `${url}${query}`, parameters));
			assert.ok(!twilio.validateRequest(AUTH_TOKEN, signature, `${url}${query}x`, parameters));
			assert.ok(!twilio.validateRequest(AUTH_TOKEN, signature, `${url}${query}`, { ...parameters, Digits: "654321" }));
			assert.ok(!twilio.validateRequest("0".repeat(32), signature, `${url}${query}`, parameters));
		}
	});

	test("leaves no code in a log", async () => {
		const { phone, keys } = await calls();
		const code = await stack.lastCode(MARIA);
		await keys(code);
		await phone.waitFor({ state: "hidden" });
		assert.ok(!JSON.stringify(logOf(stack, "verify-call")).includes(code));
	});
});
