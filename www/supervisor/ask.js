/*
 * ask: the dialog before an unlock or an override: what it does, why, and for
 * how long.  A refusal is shown in it, so that nothing entered is lost.
 */
import { setText } from "./dom.js";
import { fill } from "../text.js";

const REASON_MIN = 10;
const REASON_MAX = 200;
const MINUTES = 5;

/* As the server counts: characters, and no blanks around; a line's end is none that a record shows. */
const reasonOf = (text) => text.replace(/\s+/g, " ").trim();
const lengthOf = (text) => Array.from(reasonOf(text)).length;

/* send(kind, contact, { reason, minutes }) resolves to null if it was done, else to the sentence why not. */
export function createAsk(dialog, strings, send) {
	const words = strings.ask;
	const part = (name) => dialog.querySelector(`[data-${name}]`);
	const reason = part("reason"), minutes = part("minutes"), does = part("ask-do");
	let asked = null; /* { kind, contact, max } */
	let busy = false;

	function reasonFault() {
		const count = lengthOf(reason.value);
		if (count < REASON_MIN)
			return fill(words.reason_short, { count });
		return count > REASON_MAX ? fill(words.reason_long, { count }) : "";
	}

	function minutesFault() {
		const count = Number(minutes.value);
		const wrong = asked.kind === "allow" && !(Number.isInteger(count) && count >= 1 && count <= asked.max);
		return wrong ? fill(words.minutes_wrong, { max: asked.max }) : "";
	}

	function mark(field, name, fault) {
		setText(part(`${name}-error`), fault);
		if (fault === "")
			field.removeAttribute("aria-invalid");
		else
			field.setAttribute("aria-invalid", "true");
		return fault === "";
	}

	function judge() {
		const good = [[reason, mark(reason, "reason", reasonFault())], [minutes, mark(minutes, "minutes", minutesFault())]];
		const wrong = good.find(([, fine]) => !fine);
		wrong?.[0].focus();
		return wrong === undefined;
	}

	function setBusy(now) {
		busy = now;
		setText(does, now ? words.busy : words[asked.kind].title);
		does.setAttribute("aria-disabled", String(now));
	}

	async function submit(event) {
		event.preventDefault();
		if (busy || !judge())
			return;
		const mine = asked;
		setText(part("refusal"), "");
		setBusy(true);
		const refused = await send(mine.kind, mine.contact, { reason: reasonOf(reason.value), minutes: minutes.value });
		if (asked !== mine)
			return;
		setBusy(false);
		if (refused === null)
			return dialog.close();
		setText(part("refusal"), refused);
	}

	part("ask-form").addEventListener("submit", submit);
	part("ask-cancel").addEventListener("click", () => dialog.close());
	/* The event comes later than the closing: by then it may be open again. */
	dialog.addEventListener("close", () => {
		if (!dialog.open)
			asked = null;
	});
	/* What is under way cannot be taken back. */
	dialog.addEventListener("cancel", (event) => busy && event.preventDefault());
	reason.addEventListener("input", () => {
		setText(part("count"), fill(words.count, { count: lengthOf(reason.value) }));
		if (reason.hasAttribute("aria-invalid"))
			mark(reason, "reason", reasonFault());
	});
	minutes.addEventListener("input", () => minutes.hasAttribute("aria-invalid") && mark(minutes, "minutes", minutesFault()));

	return {
		/* kind: "unlock" or "allow"; contact: { reference, task, number, words } as far as known; max: minutes. */
		open(kind, contact, max) {
			asked = { kind, contact, max };
			setText(part("ask-title"), words[kind].title);
			setText(part("ask-about"), [contact.number, contact.reference || contact.task, contact.words].filter(Boolean).join(" · "));
			setText(part("ask-text"), words[kind].text);
			setText(part("minutes-hint"), fill(words.minutes_hint, { max }));
			setText(part("refusal"), "");
			setText(part("count"), "");
			part("minutes-field").hidden = kind !== "allow";
			reason.value = "";
			minutes.max = max;
			minutes.value = Math.min(MINUTES, max);
			mark(reason, "reason", "");
			mark(minutes, "minutes", "");
			setBusy(false);
			dialog.showModal();
			reason.focus();
		},
		close() {
			if (dialog.open)
				dialog.close();
		},
	};
}
