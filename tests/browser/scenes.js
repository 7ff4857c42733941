/*
 * scenes: ways to bring a panel into each of its states, for those who look at
 * them all.  Each takes a new call of Maria's and resolves to the open panel.
 */
import { notThe, taskSid } from "../api/helpers.js";
import { MARIA, enter, openAndSend, openAndVerify, openPanel } from "./browser.js";

const WRONG = ["111111", "222222", "333333", "444444", "555555", "666666"];

export const SCENES = {
	"not verified": (chrome, stack, options) => openPanel(chrome, stack, "Not verified", options),

	"code sent": openAndSend,

	"sent again": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		await panel.button("Send again").click();
		await panel.says(/^Sent again at/);
		return panel;
	},

	"all sent": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		while (!await panel.button("Send again").isDisabled()) {
			await panel.button("Send again").click();
			await panel.shows("Waiting for code");
			await panel.says(/^Sent again at/);
		}
		return panel;
	},

	"incomplete code": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		await enter(panel, "12345");
		await panel.says("The code is 6 numbers. 5 entered.");
		return panel;
	},

	"wrong code": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		await enter(panel, notThe(await stack.lastCode(MARIA)));
		await panel.says(/^That code does not match/);
		return panel;
	},

	"locked": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		const code = await stack.lastCode(MARIA);
		const tries = [/4 tries left/, /3 tries left/, /2 tries left/, /1 try left/, /^Too many codes/];
		for (const digits of WRONG.filter((each) => each !== code).slice(0, tries.length)) {
			await enter(panel, digits);
			await panel.says(tries.shift());
		}
		return panel;
	},

	"canceled": async (chrome, stack, options) => {
		const panel = await openAndSend(chrome, stack, options);
		await panel.button("Cancel code").click();
		await panel.says(/^Code canceled/);
		return panel;
	},

	"verified": openAndVerify,

	"customer info": async (chrome, stack, options) => {
		const panel = await openAndVerify(chrome, stack, options);
		await panel.primary.click();
		await panel.info.waitFor();
		return panel;
	},

	"signed out": (chrome, stack, options) =>
		openPanel(chrome, stack, "Signed out", { ...options, token: null }),

	"not your contact": (chrome, stack, options) =>
		openPanel(chrome, stack, "Not your contact", { ...options, task: taskSid(3) }),

	"no number": (chrome, stack, options) =>
		openPanel(chrome, stack, "Not verified", { ...options, task: taskSid(1003) }),

	"landline": async (chrome, stack, options) => {
		const panel = await openPanel(chrome, stack, "Not verified", { ...options, task: taskSid(140) });
		await panel.primary.click();
		await panel.says(/^This line cannot get texts/);
		return panel;
	},

	"sign-in down": (chrome, stack, options) =>
		openPanel(chrome, stack, "Needs attention", { ...options, token: "sandbox-503" }),

	"no task": (chrome, stack, options) =>
		openPanel(chrome, stack, "No contact chosen", { ...options, task: "" }),
};
