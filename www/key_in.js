/*
 * key_in: the caller keys the code in, while the agent stays on.  Loaded where
 * the server says that he can be asked; adds its scenes and buttons to what is
 * there, and looks by itself for the answer while he is asked.
 */
import { isPast } from "./clock.js";
import { BY_STATE, OWN_WORK, SCENES } from "./scenes.js";

/* Each look costs three requests to Twilio; the caller is pressing keys now. */
const LOOK_MS = 3000;

const OFFERED = ["pending", "pending_again", "pending_other"];
const VERIFIED = ["approved", "approved_other"];

function turned(name, { verification: v }, now) {
	if (VERIFIED.includes(name))
		return v.keyed_in === "during" ? "approved_key_in" : name;
	if (!OFFERED.includes(name))
		return name;
	if (v.asked_until && !isPast(v.asked_until, now))
		return "keying_in";
	return v.back_at ? "not_keyed_in" : name;
}

export function addKeyIn(panel) {
	const { actions, strings, order } = panel;
	Object.assign(strings.states, strings.key_in.states);

	for (const name of OFFERED)
		SCENES[name] = { ...SCENES[name], secondary: ["key_in", ...SCENES[name].secondary] };
	SCENES.keying_in = { tone: "active", icon: "wait", left: "asked_until", news: "asked_at",
		secondary: ["bring_back", "cancel", "stop"] };
	SCENES.not_keyed_in = { ...SCENES.pending, news: "back_at", urgent: true };
	SCENES.approved_key_in = SCENES.approved;
	SCENES.asking = { tone: "active", icon: "wait" };

	for (const [state, sceneOf] of Object.entries(BY_STATE))
		BY_STATE[state] = (v, now, model) => turned(sceneOf(v, now, model), model, now);
	OWN_WORK.key_in = () => "asking";
	OWN_WORK.bring_back = () => "asking";

	actions.key_in = () => order("key_in");
	actions.bring_back = () => order("bring_back");

	setInterval(() => {
		if (panel.scene() === "keying_in" && !document.hidden)
			panel.lookIfIdle();
	}, LOOK_MS);
}
