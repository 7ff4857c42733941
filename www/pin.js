/*
 * pin: a PIN of the customer's account page, entered in the field of the code.
 * Loaded where the server says that there may be one; adds its scenes, its
 * button and its words to what is there.
 */
import { SPECIAL, row } from "./present.js";
import { BY_STATE, OWN_WORK, SCENES } from "./scenes.js";

/* Scenes in which a customer may have a PIN to read out instead of a code. */
const OFFERED = ("not_verified ran_out pending pending_again pending_other needs_own_code overridden expired canceled"
	+ " ended unclear").split(" ");

/* Those that the field for a PIN takes the place of: an approval, too, if a field demands more. */
const ENTERED = [...OFFERED, "approved", "approved_other", "expiring", "checking"];

/* The scenes with only a PIN to go on: nothing can be sent. */
const NO_CODES = ["not_verified", "ran_out", "expired", "canceled", "ended"];

function before(action, actions) {
	const place = actions.indexOf("stop");
	return [...actions.slice(0, place), action, ...actions.slice(place)];
}

/* Does a field want what only a PIN proves? */
function wantsPin({ contact, info }) {
	const wanted = (info?.withheld ?? []).flatMap(({ ways = [] }) => ways);
	return wanted.includes("pin") && !wanted.some((way) => contact.channels.includes(way));
}

function turned(scene, { pin, contact }) {
	if (pin !== undefined && ENTERED.includes(scene))
		return "enter_pin";
	return contact.channels.length === 0 && NO_CODES.includes(scene) ? "only_pin" : scene;
}

export function addPins(panel) {
	const { actions, strings } = panel;
	const { states, offer } = strings.pin;
	Object.assign(strings.states, states);
	strings.states.not_verified = { ...strings.states.not_verified,
		text: [...strings.states.not_verified.text, offer] };

	SCENES.enter_pin = { tone: "active", code: true, primary: "check", secondary: ["leave_pin", "stop"] };
	SCENES.only_pin = { primary: "enter_pin", secondary: ["stop"] };
	for (const name of OFFERED)
		SCENES[name] = { ...SCENES[name], secondary: before("enter_pin", SCENES[name].secondary) };

	const { step_up: stepUp } = SPECIAL;
	SPECIAL.step_up = (c) => (wantsPin(c.model) ? [row(c, "enter_pin")] : stepUp(c));

	for (const [state, sceneOf] of Object.entries(BY_STATE))
		BY_STATE[state] = (v, now, model) => turned(sceneOf(v, now, model), model);
	OWN_WORK.check = (v, model) => turned("checking", model);

	const turnTo = (pin) => () => {
		panel.field?.renew();
		panel.change({ pin });
		panel.focusNext();
	};
	actions.enter_pin = turnTo("pin");
	actions.leave_pin = turnTo(undefined);
}
