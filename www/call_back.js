/*
 * call_back: the customer is called back at the number on file, and this
 * contact may be such a call.  Loaded where the server says that it can be;
 * adds its scenes and buttons to what is there.
 */
import { isPast } from "./clock.js";
import { BY_STATE, SCENES } from "./scenes.js";

/* Scenes in which a contact can be given up for a call-back. */
const OFFERED = ("not_verified ran_out pending pending_again pending_other approved approved_other expiring no_data"
	+ " needs_own_code overridden expired canceled ended unclear only_pin").split(" ");

/* Those with nothing under way, where a contact that is a call-back says so. */
const IDLE = ["not_verified", "expired", "canceled", "only_pin"];

function turned(name, { verification: v, contact, calling }, now) {
	const { called_back: due } = contact ?? {};
	if (v.state === "canceled" && v.channel === "callback" && v.expires_at && !isPast(v.expires_at, now))
		return "call_back_asked";
	if (calling && OFFERED.includes(name))
		return "confirm_call_back";
	if (due === undefined || !IDLE.includes(name))
		return name;
	if (due.at)
		return name === "not_verified" ? "called_back" : name;
	return isPast(due.expires_at, now) ? name : "call_back_due";
}

export function addCallBacks(panel) {
	const { actions, strings, order } = panel;
	Object.assign(strings.states, strings.call_back.states);

	const { not_verified: idle } = SCENES;
	for (const name of OFFERED.filter((each) => SCENES[each] !== undefined)) {
		const { secondary } = SCENES[name];
		SCENES[name] = { ...SCENES[name], secondary: [...secondary.slice(0, -1), "call_back", ...secondary.slice(-1)] };
	}
	SCENES.confirm_call_back = { tone: "warn", primary: "call_back_now", secondary: ["leave_call_back"] };
	SCENES.call_back_asked = { tone: "active", secondary: ["send_new", "stop"] };
	SCENES.call_back_due = { tone: "active", primary: "called_back", secondary: ["send", ...idle.secondary] };
	SCENES.called_back = { ...idle, icon: "verified" };

	for (const [state, sceneOf] of Object.entries(BY_STATE))
		BY_STATE[state] = (v, now, model) => turned(sceneOf(v, now, model), model, now);

	const turnTo = (calling) => () => {
		panel.change({ calling });
		panel.focusNext();
	};
	actions.call_back = turnTo(true);
	actions.leave_call_back = turnTo(false);
	actions.call_back_now = () => {
		panel.change({ calling: false });
		return order("call_back");
	};
	actions.called_back = () => order("called_back");
}
