/*
 * tap: a link by text, which the customer answers on a page of ours.  Loaded
 * where the server says that one can be texted; adds its scenes and buttons to
 * what is there, and looks by itself for the answer while a link is out.
 */
import { isPast } from "./clock.js";
import { REQUEST_OF } from "./present.js";
import { BY_STATE, OWN_WORK, SCENES } from "./scenes.js";

/* Each look costs two requests to Twilio; the customer is pressing a button now. */
const LOOK_MS = 4000;

/* Scenes in which a link can be texted. */
const OFFERED = ("not_verified ran_out pending pending_again pending_other approved approved_other expiring"
	+ " needs_own_code overridden expired canceled ended unclear").split(" ");

function turned(name, { verification: v }, now) {
	if (v.state === "stopped")
		return v.stopped_from === "link" ? "denied" : name;
	if (v.state !== "not_verified" || v.channel !== "tap" || !v.expires_at)
		return name;
	return isPast(v.expires_at, now) ? "link_over" : "link_out";
}

export function addTaps(panel) {
	const { actions, strings, order } = panel;
	Object.assign(strings.states, strings.tap.states);

	for (const name of OFFERED) {
		const { secondary } = SCENES[name];
		SCENES[name] = { ...SCENES[name], secondary: [...secondary.slice(0, -1), "text_link", ...secondary.slice(-1)] };
	}
	SCENES.link_out = { tone: "active", left: "expires_at", news: "sent_at", primary: "text_again",
		secondary: ["send", "cancel_link", "stop"] };
	SCENES.link_over = { tone: "warn", news: "expires_at", urgent: true, primary: "text_again", secondary: ["send", "stop"] };
	SCENES.denied = { ...SCENES.stopped, tone: "alarm", icon: "warning", urgent: true };

	for (const [state, sceneOf] of Object.entries(BY_STATE))
		BY_STATE[state] = (v, now, model) => turned(sceneOf(v, now, model), model, now);
	Object.assign(REQUEST_OF, { text_link: "start", text_again: "start" }); /* waits as codes do */
	OWN_WORK.text_link = () => "sending";

	const text = () => order("text_link", { locale: panel.part("locale").value || undefined });
	actions.text_link = text;
	actions.text_again = text;
	actions.cancel_link = () => order("cancel_link");

	setInterval(() => {
		if (panel.scene() === "link_out" && !document.hidden)
			panel.lookIfIdle();
	}, LOOK_MS);
}
