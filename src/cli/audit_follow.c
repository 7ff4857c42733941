#include "audit.h"
#include "event_columns.h"

#include "base/clock.h"
#include "callcenter/reason.h"

#include <string.h>

/* A reference on the panel is this much of a verification's id. */
#define REFERENCE_CHARS 8

struct follow {
	const struct audit_options *options;
	size_t                      shown;
	char                        heading[512]; /* the one that stands above the last event */
	struct buffer               text;
};

static bool
concerns(const struct ledger_event *event, const char *subject)
{
	size_t length = strlen(subject);

	return strcmp(event->interaction, subject) == 0 || strcmp(event->task_sid, subject) == 0 ||
	    (length >= REFERENCE_CHARS && strncmp(event->verification, subject, length) == 0);
}

/* What hardly changes from event to event. */
static void
print_heading(struct follow *follow, const struct ledger_event *event)
{
	char interaction[LEDGER_KEY_SIZE], task[LEDGER_SID_SIZE], number[LEDGER_MASK_SIZE];
	char heading[sizeof(follow->heading)];

	cli_plain(event->interaction, interaction, sizeof(interaction));
	cli_plain(event->task_sid, task, sizeof(task));
	cli_plain(event->to_mask, number, sizeof(number));
	snprintf(heading, sizeof(heading), "%s, task %s, number %s", interaction, task[0] == '\0' ? "none" : task,
	    number);
	if (strcmp(heading, follow->heading) == 0)
		return;
	memcpy(follow->heading, heading, sizeof(heading));
	printf("%s%s\n%8s  %-24s  %-9s  %-20s  %-8s  %-34s  %-9s  %s\n", follow->shown == 0 ? "" : "\n", heading,
	    "EVENT", "TIME", "ACTION", "OUTCOME", "CHANNEL", "AGENT", "REFERENCE", "TWILIO");
}

static void
print_note(const char *text)
{
	char note[LEDGER_NOTE_SIZE];

	/* Words of all languages, but nothing that steers a terminal: what nobody could have given as a reason. */
	if (!reason_read(text, note))
		cli_plain(text, note, sizeof(note));
	printf("%8s  reason: %s\n", "", note);
}

static void
print_event(const struct ledger_record *record)
{
	const struct ledger_event *event = &record->event;
	char time[CLOCK_ISO8601_SIZE], action[LEDGER_WORD_SIZE], outcome[LEDGER_WORD_SIZE], channel[LEDGER_WORD_SIZE];
	char agent[LEDGER_AGENT_SIZE], reference[REFERENCE_CHARS + 1], twilio[16] = "";

	clock_format_ms(event->at, time);
	cli_plain(event->action, action, sizeof(action));
	cli_plain(event->outcome, outcome, sizeof(outcome));
	cli_plain(event->channel, channel, sizeof(channel));
	cli_plain(event->agent_id, agent, sizeof(agent));
	cli_plain(event->verification, reference, sizeof(reference));
	if (event->twilio_code != 0)
		snprintf(twilio, sizeof(twilio), "%d", event->twilio_code);
	printf("%8lld  %-24s  %-9s  %-20s  %-8s  %-34s  %-9s  %s\n", (long long)record->position, time, action, outcome,
	    channel, agent, reference, twilio);
	if (event->note[0] != '\0')
		print_note(event->note);
}

static bool
print_json(struct follow *follow, const struct ledger_record *record)
{
	event_columns_write_json(record, &follow->text);
	if (follow->text.failed)
		return false;
	printf("%s%s", follow->shown == 0 ? "[\n" : ",\n", buffer_text(&follow->text));
	buffer_clear(&follow->text);
	return true;
}

static bool
follow_event(void *context, const struct ledger_record *record)
{
	struct follow *follow = context;
	bool printed = true;

	if (!concerns(&record->event, follow->options->subject))
		return true;
	if (follow->options->json) {
		printed = print_json(follow, record);
	} else {
		print_heading(follow, &record->event);
		print_event(record);
	}
	follow->shown++;
	return printed;
}

static enum cli_exit
follow(struct audit *audit)
{
	struct follow follow = { .options = &audit->options };
	struct inspection inspection;
	enum cli_exit code = CLI_DONE;

	buffer_init(&follow.text, EVENT_COLUMNS_MAX_BYTES);
	code = audit_walk(audit, follow_event, &follow, &inspection);
	if (audit->options.json)
		puts(follow.shown == 0 ? "[]" : "\n]");
	else if (follow.shown == 0)
		fprintf(stderr, "%s: no event of %s\n", audit->name, audit->options.subject);
	if (code == CLI_BROKEN)
		audit_warn(audit, &inspection);
	if (follow.text.failed) {
		fprintf(stderr, "%s: not all events could be written\n", audit->name);
		code = code == CLI_DONE ? CLI_UNREADABLE : code;
	}
	buffer_free(&follow.text);
	return code;
}

const struct audit_command audit_follow = {
	.usage = "[--json] INTERACTION|TASK|REFERENCE",
	.help = "Prints what happened in one call or conversation (by its SID), task (by its SID) or\n"
		"verification (by the reference that the panel shows, or its whole id), in order.\n\n"
		"  --json     a JSON array of events instead of a table\n",
	.accepts = "j",
	.operand = true,
	.run = follow,
};
