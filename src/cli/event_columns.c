#include "event_columns.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum kind {
	KIND_LONG,
	KIND_INT,
	KIND_TIME,
	KIND_TEXT
};

struct column {
	const char *name;
	enum kind   kind;
	size_t      offset;
};

#define RECORD(member) offsetof(struct ledger_record, member)
#define EVENT(member)  offsetof(struct ledger_record, event.member)

static const struct column columns[] = {
	{ "position", KIND_LONG, RECORD(position) },
	{ "at", KIND_TIME, EVENT(at) },
	{ "verification", KIND_TEXT, EVENT(verification) },
	{ "interaction", KIND_TEXT, EVENT(interaction) },
	{ "task_sid", KIND_TEXT, EVENT(task_sid) },
	{ "action", KIND_TEXT, EVENT(action) },
	{ "outcome", KIND_TEXT, EVENT(outcome) },
	{ "agent_id", KIND_TEXT, EVENT(agent_id) },
	{ "channel", KIND_TEXT, EVENT(channel) },
	{ "to_id", KIND_TEXT, EVENT(to_id) },
	{ "to_mask", KIND_TEXT, EVENT(to_mask) },
	{ "request_id", KIND_TEXT, EVENT(request_id) },
	{ "twilio_code", KIND_INT, EVENT(twilio_code) },
	{ "sends", KIND_INT, EVENT(sends) },
	{ "failures", KIND_INT, EVENT(failures) },
	{ "note", KIND_TEXT, EVENT(note) },
	{ "link", KIND_TEXT, RECORD(link) },
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static const void *
value_of(const struct ledger_record *record, const struct column *column)
{
	return (const char *)record + column->offset;
}

/*
 * Spreadsheets run a cell that begins like a formula, quoted or not
 * (CWE-1236); an apostrophe before it makes it text.  Numbers need none.
 */
static void
write_text(const char *text, struct buffer *out)
{
	bool quote = text[strcspn(text, ",\"\r\n")] != '\0';
	bool formula = text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;

	buffer_add_text(out, quote ? "\"" : "");
	buffer_add_text(out, formula ? "'" : "");
	for (; *text != '\0'; text++)
		buffer_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	buffer_add_text(out, quote ? "\"" : "");
}

static void
write_cell(const struct ledger_record *record, const struct column *column, struct buffer *out)
{
	const void *value = value_of(record, column);
	char time[CLOCK_ISO8601_SIZE];

	switch (column->kind) {
	case KIND_LONG:
		buffer_printf(out, "%" PRId64, *(const int64_t *)value);
		break;
	case KIND_INT:
		buffer_printf(out, "%d", *(const int *)value);
		break;
	case KIND_TIME:
		clock_format_ms(*(const int64_t *)value, time);
		buffer_add_text(out, time);
		break;
	case KIND_TEXT:
		write_text(value, out);
		break;
	}
}

static void
end_cell(size_t index, struct buffer *out)
{
	buffer_add_text(out, index + 1 < COLUMN_COUNT ? "," : "\r\n");
}

void
event_columns_write_names(struct buffer *out)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		buffer_add_text(out, columns[i].name);
		end_cell(i, out);
	}
}

void
event_columns_write_csv(const struct ledger_record *record, struct buffer *out)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		write_cell(record, &columns[i], out);
		end_cell(i, out);
	}
}

static void
add_member(struct json_object *object, const struct ledger_record *record, const struct column *column)
{
	const void *value = value_of(record, column);
	char plain[LEDGER_NOTE_SIZE], time[CLOCK_ISO8601_SIZE];

	switch (column->kind) {
	case KIND_LONG:
		json_add_int(object, column->name, *(const int64_t *)value);
		break;
	case KIND_INT:
		json_add_int(object, column->name, *(const int *)value);
		break;
	case KIND_TIME:
		clock_format_ms(*(const int64_t *)value, time);
		json_add_string(object, column->name, time);
		break;
	case KIND_TEXT:
		/* Only an altered event is no UTF-8. */
		cli_plain(value, plain, sizeof(plain));
		json_add_string(object, column->name, json_utf8_valid(value, strlen(value)) ? value : plain);
		break;
	}
}

void
event_columns_write_json(const struct ledger_record *record, struct buffer *out)
{
	struct json_object *object = json_new_object();

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		add_member(object, record, &columns[i]);
	json_write(object, out);
	json_free(object);
}
