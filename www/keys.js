/*
 * keys: what single keys do, for those who know them.
 */

/* To Cancel code, where Enter confirms. */
function goToCancel({ root, say, strings }) {
	const cancel = root.querySelector("[data-secondary] [data-action=cancel]");
	if (cancel === null)
		return;
	cancel.focus();
	say(strings.cancel_hint);
}

export const keys = {
	__proto__: null,
	s: ({ press }) => press("send", "send_new", "resend", "again"),
	c: ({ press }) => press("send call"),
	i: ({ press }) => press("open_info"),
	x: goToCancel,
	n: ({ press }) => press("stop"),
	t: ({ unfold, part }) => unfold(part("tell")),
	"?": ({ unfold, help }) => unfold(help),
};
