/*
 * What people decide, as the agent's panel has it: a contact is stopped, a
 * verification ended, a supervisor lets the agent go on, a field wants more.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { ANAS_CALL, PROGRAMS, agent, newCall, taskSid, verify } from "../api/helpers.js";
import { startStack } from "../api/stack.js";
import {
	MARIA, eventually, focuses, nothingIsAsked, openAndSend, openAndVerify, openPanel, requestsTo, useBrowser,
} from "./browser.js";

const REASON = "Phone lost, known to the branch";
const FIELDS = "name account_number phone:2c tariff:5m";

describe("a panel where people decide", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ OVERRIDE: "on", TRANSFER: "fresh", INFO_FIELDS: FIELDS }, PROGRAMS);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	const asSam = async (path, fields) => {
		const { status, text } = await stack.post(path, { task: ANAS_CALL, reason: REASON, ...fields },
			{ token: "sandbox-sam" });
		assert.equal(status, 200, text);
	};

	test("stops a contact when the agent has confirmed it, until a supervisor opens it again", async () => {
		const panel = await openAndSend(chrome, stack);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.button("Customer did not contact us").click();
		await panel.shows("The customer did not contact us?");
		await nothingIsAsked(panel, starts);
		await panel.button("Go back").click();
		await panel.shows("Waiting for code");
		await panel.button("Customer did not contact us").click();
		await panel.primary.click();
		await panel.shows("Stopped");
		await panel.says(/^The customer did not contact us, as Ana noted at .* The code is canceled and the contact is flagged/);
		await focuses(panel.page, "button Tell your supervisor");
		await panel.page.reload();
		await panel.shows("Stopped");
		assert.equal(await panel.page.locator("[data-action^=send], [data-action=resend], [data-code]:visible").count(), 0);
		await panel.primary.click();
		await panel.says(/^Reference [0-9a-f]{8}$/);
		await asSam("/unlock-verify", {});
		await panel.button("Check status").click();
		await panel.shows("Not verified");
		await panel.button("Send a new code").waitFor();
	});

	test("stops a contact that was never sent a code", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await panel.button("Customer did not contact us").click();
		await panel.button("Stop and flag the contact").click();
		await panel.shows("Stopped");
	});

	test("ends a verification, hides the customer's data, and says that it was ended", async () => {
		const panel = await openAndVerify(chrome, stack);
		await panel.button("End verification").click();
		await panel.says("The verification was ended. Customer info is closed.");
		await eventually(() => panel.infoTab.count(), 0);
		assert.ok(!(await panel.page.content()).includes("EX-100101"));
		await focuses(panel.page, "button Send a new code");
		await panel.page.reload();
		await panel.says("The verification was ended. Customer info is closed.");
	});

	test("glares when a supervisor lets the agent go on, says why, and can end it", async () => {
		const panel = await openPanel(chrome, stack, "Not verified");
		await asSam("/override-verify", { minutes: "10" });
		await panel.page.reload();
		await panel.shows(/^Not verified\. Allowed by sam@example\.com until \d+:\d\d\s[AP]M$/);
		await panel.says(`Reason: ${REASON}`);
		await eventually(() => panel.status.getAttribute("data-tone"), "alarm");
		await panel.primary.click();
		await panel.info.waitFor();
		await panel.says("EX-100101");
		await panel.says("More proof needed");
		await panel.page.getByRole("tab", { name: "Verification" }).click();
		await panel.button("End permission").click();
		await panel.shows("Not verified");
		await eventually(() => panel.infoTab.count(), 0);
	});

	test("names the fields that want a second way, and offers the code for them by that way", async () => {
		const panel = await openAndVerify(chrome, stack);
		await panel.says(/A new code opens: Phone\.$/);
		const starts = requestsTo(panel.page, "start-verify");
		await panel.primary.click();
		await panel.says("Shown after codes by two ways, such as text and call.");
		await panel.info.getByRole("button", { name: "Send a new code" }).click();
		await panel.shows("Waiting for code");
		assert.equal(JSON.parse(starts[0]).channel, "call");
		await focuses(panel.page, "input code");
		await panel.page.keyboard.type(await stack.lastCode(MARIA));
		await panel.shows("Customer verified");
		await panel.infoTab.click();
		await panel.info.getByText(MARIA, { exact: true }).waitFor();
		await eventually(() => panel.page.getByText("More proof needed").count(), 0);
	});

	test("wants a code of his own from who took a verified call over", async () => {
		const task = taskSid(1024); /* Ana and Ben hold it both */
		await verify(stack, agent(stack, "sandbox-ana"), task, "+12025550110");
		const ben = await openPanel(chrome, stack, "Verified by Ana", { task, token: "sandbox-ben" });
		await ben.says(/^Customer info needs a code of your own\. The customer was verified by Ana at/);
		assert.equal(await ben.infoTab.count(), 0);
		await ben.primary.click();
		await ben.shows("Waiting for code");
		await ben.page.keyboard.type(await stack.lastCode("+12025550110"));
		await ben.shows("Customer verified");
		await ben.infoTab.waitFor();
	});

	test("tells one agent of the code that another sent", async () => {
		const task = taskSid(1024);
		await agent(stack, "sandbox-ana").start(task);
		const ben = await openPanel(chrome, stack, "Waiting for code", { task, token: "sandbox-ben" });
		await ben.says(/^Text sent by Ana at/);
		await eventually(() => ben.button("Send again").isVisible(), true);
	});

	/* Waits for the looks that a panel takes by itself. */
	const looks = async ({ page }, times = 1) => {
		for (let i = 0; i < times; i++) {
			const answered = page.waitForResponse("**/customer-info");
			await page.clock.runFor(16000);
			await answered;
		}
	};

	test("sees by itself that a supervisor lets the agent go on, once the agent looks for what to tell him", async () => {
		const panel = await openPanel(chrome, stack, "Not verified", { clock: true });
		await panel.page.keyboard.press("t");
		await asSam("/override-verify", { minutes: "10" });
		await looks(panel);
		await panel.shows(/^Not verified\. Allowed by/);
	});

	test("closes the customer's data when the contact ends, and says so", async () => {
		const panel = await openAndVerify(chrome, stack, { clock: true });
		await panel.infoTab.click();
		for (const action of ["wrap", "complete"])
			await stack.post(`/sandbox/tasks/${ANAS_CALL}`, { worker: "WK00000000000000000000000000000001", action });
		await looks(panel);
		await panel.shows("Contact ended");
		assert.ok(!(await panel.page.content()).includes("EX-100101"));
	});

	test("keeps focus and place in the customer's data when it looks again", async () => {
		const panel = await openAndVerify(chrome, stack, { clock: true, viewport: { width: 400, height: 300 } });
		await panel.infoTab.click();
		await panel.info.getByRole("button", { name: /^Copy/ }).last().focus();
		const place = () => panel.page.evaluate(() => [document.activeElement.getAttribute("aria-label"), scrollY]);
		const before = await place();
		await looks(panel, 2);
		await panel.page.clock.runFor(1000);
		assert.deepEqual(await place(), before);
	});
});

describe("a panel where codes wait", () => {
	const chrome = useBrowser();
	let stack;

	before(async () => {
		stack = await startStack({ RESEND_AFTER_SECONDS: 4, INFO_FIELDS: FIELDS }, PROGRAMS);
	});
	after(() => stack?.stop());

	test("says beside the data, too, why the code for a field cannot go yet, and then sends it", async () => {
		await newCall(stack);
		const panel = await openAndVerify(chrome, stack);
		await panel.infoTab.click();
		const button = panel.info.getByRole("button", { name: "Send a new code" });
		await eventually(() => button.isDisabled(), true);
		await panel.info.getByText(/^The next code can be sent in \d+ s\.$/).waitFor();
		await eventually(() => button.isDisabled(), false);
		assert.equal(await panel.info.getByText(/^The next code/).count(), 0);
	});
});
