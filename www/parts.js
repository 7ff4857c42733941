/*
 * parts: what only some states of the panel need, each loaded with the first of
 * them.  Each takes the panel, as panel.js makes it.
 */
import { loadMore } from "./text.js";

export async function field(panel) {
	const { createCodeField } = await import("./code_field.js");
	panel.field = createCodeField(panel.input, panel);
}

export async function info(panel) {
	const { root, strings, view, say, press, show } = panel;
	const [{ createInfo }] = await Promise.all([import("./info.js"), loadMore(strings)]);
	view.info = createInfo(root, panel.part("verify"), strings,
		{ say, onStepUp: () => press("step_up", "enter_pin"),
			stepUpLabel: () => strings.actions[root.querySelector("[data-action=enter_pin]") !== null ? "enter_pin" : "send_new"] });
	show();
}

/* They build on each other's scenes: added in the order they are asked for, not that in which they arrive. */
let before = Promise.resolve();

async function inTurn(panel, load, add) {
	const loaded = Promise.all([load, loadMore(panel.strings)]);
	const mine = Promise.all([loaded, before]).then(([[module]]) => add(module));
	before = mine.catch(() => {});
	await mine;
	panel.show();
}

export const pin = (panel) => inTurn(panel, import("./pin.js"), ({ addPins }) => addPins(panel));
export const link = (panel) => inTurn(panel, import("./tap.js"), ({ addTaps }) => addTaps(panel));
export const call_back = (panel) => inTurn(panel, import("./call_back.js"), ({ addCallBacks }) => addCallBacks(panel));
export const key_in = (panel) => inTurn(panel, import("./key_in.js"), ({ addKeyIn }) => addKeyIn(panel));

export async function help({ help: details, strings, show }) {
	const [{ fillHelp }] = await Promise.all([import("./help.js"), loadMore(strings)]);
	fillHelp(details, strings.help, show);
}
