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

export async function pin(panel) {
	const [{ addPins }] = await Promise.all([import("./pin.js"), loadMore(panel.strings)]);
	addPins(panel);
	panel.show();
}

export async function call_back(panel) {
	const [{ addCallBacks }] = await Promise.all([import("./call_back.js"), loadMore(panel.strings)]);
	addCallBacks(panel);
	panel.show();
}

export async function tap(panel) {
	const [{ addTaps }] = await Promise.all([import("./tap.js"), loadMore(panel.strings)]);
	addTaps(panel);
	panel.show();
}

export async function key_in(panel) {
	const [{ addKeyIn }] = await Promise.all([import("./key_in.js"), loadMore(panel.strings)]);
	addKeyIn(panel);
	panel.show();
}

export async function help({ help: details, strings, show }) {
	const [{ fillHelp }] = await Promise.all([import("./help.js"), loadMore(strings)]);
	fillHelp(details, strings.help, show);
}
