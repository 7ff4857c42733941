#include "task_attributes.h"

#include "base/json_edit.h"
#include "twilio_call.h"

#include <string.h>

/* Twilio names no limit of its own; deeper ones are left alone. */
#define DEPTH_MAX 32

/* Four bytes are the longest that one character takes in UTF-8. */
#define BYTES_MAX ((size_t)TASK_ATTRIBUTES_MAX_CHARACTERS * 4)

/* A task as it was read, and what is to become of its attributes. */
struct edit {
	char          version[sizeof(((struct http_call *)0)->etag)];
	struct buffer attributes;
	bool          same; /* they are that already */
};

/* The header's value is quoted; Twilio's own clients send it back without the quotes. */
static bool
copy_version(struct edit *edit, const char *etag)
{
	size_t length = strlen(etag);

	if (length >= 2 && etag[0] == '"' && etag[length - 1] == '"') {
		etag++;
		length -= 2;
	}
	memcpy(edit->version, etag, length);
	edit->version[length] = '\0';
	return length > 0;
}

/* Whether Twilio counts characters or UTF-16 units is not documented, so the larger number counts. */
static size_t
count_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if ((byte & 0xc0) != 0x80)
			count += byte >= 0xf0 ? 2 : 1;
	}
	return count;
}

static enum task_attributes_result
make_edit(struct edit *edit, const struct twilio_call *call, const char *key, struct json_object *value)
{
	const char *text = json_get_string(call->answer, "attributes");
	enum json_result result = JSON_NOT_AN_OBJECT;

	if (text == NULL || !copy_version(edit, call->http.etag))
		return TASK_ATTRIBUTES_UNUSABLE;
	result = json_edit_member(text, DEPTH_MAX, key, value, &edit->attributes, &edit->same);
	if (edit->attributes.failed ||
	    count_characters(buffer_text(&edit->attributes)) > TASK_ATTRIBUTES_MAX_CHARACTERS)
		return TASK_ATTRIBUTES_FULL;
	return result == JSON_OK ? TASK_ATTRIBUTES_OK : TASK_ATTRIBUTES_UNUSABLE;
}

static void
address(struct twilio_call *call, const struct twilio *twilio, const char *method, const char *task_sid)
{
	if (!twilio_sid_valid(twilio->workspace_sid, "WS"))
		twilio_call_refuse(call, TWILIO_SETUP);
	else if (!twilio_sid_valid(task_sid, "WT"))
		twilio_call_refuse(call, TWILIO_NOT_FOUND);
	else
		twilio_call_address(call, twilio, method, TWILIO_HOST_TASKROUTER, "/v1/Workspaces/%s/Tasks/%s",
		    twilio->workspace_sid, task_sid);
}

static enum task_attributes_result
read_task(const struct twilio *twilio, const char *task_sid, const char *key, struct json_object *value,
    struct edit *edit, int64_t deadline_ms, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;
	enum task_attributes_result read = TASK_ATTRIBUTES_FAILED;

	twilio_call_init(&call);
	address(&call, twilio, "GET", task_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK && twilio_same(call.answer, "sid", task_sid) &&
	    twilio_same(call.answer, "workspace_sid", twilio->workspace_sid))
		read = make_edit(edit, &call, key, value);
	twilio_call_free(&call);
	return read;
}

/* A repeat is safe: if the first one worked after all, the version is another one. */
static enum task_attributes_result
write_task(const struct twilio *twilio, const char *task_sid, const struct edit *edit, int64_t deadline_ms,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_call_init(&call);
	address(&call, twilio, "POST", task_sid);
	twilio_call_field(&call, "Attributes", buffer_text(&edit->attributes));
	call.http.if_match = edit->version;
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	twilio_call_free(&call);
	if (result == TWILIO_CONFLICT)
		return TASK_ATTRIBUTES_CHANGED;
	return result == TWILIO_OK ? TASK_ATTRIBUTES_OK : TASK_ATTRIBUTES_FAILED;
}

static enum task_attributes_result
set_once(const struct twilio *twilio, const char *task_sid, const char *key, struct json_object *value,
    int64_t deadline_ms, struct twilio_trace *trace)
{
	struct edit edit = { .same = false };
	enum task_attributes_result result = TASK_ATTRIBUTES_OK;

	buffer_init(&edit.attributes, BYTES_MAX);
	result = read_task(twilio, task_sid, key, value, &edit, deadline_ms, trace);
	if (result == TASK_ATTRIBUTES_OK && !edit.same)
		result = write_task(twilio, task_sid, &edit, deadline_ms, trace);
	buffer_free(&edit.attributes);
	return result;
}

enum task_attributes_result
task_attributes_set(const struct twilio *twilio, const char *task_sid, const char *key, struct json_object *value,
    int64_t deadline_ms, struct twilio_trace *trace)
{
	enum task_attributes_result result = TASK_ATTRIBUTES_CHANGED;

	twilio_trace_clear(trace);
	for (int i = 0; i < TASK_ATTRIBUTES_ROUNDS && result == TASK_ATTRIBUTES_CHANGED; i++)
		result = set_once(twilio, task_sid, key, value, deadline_ms, trace);
	return result;
}

const char *
task_attributes_result_name(enum task_attributes_result result)
{
	switch (result) {
	case TASK_ATTRIBUTES_OK:
		return "ok";
	case TASK_ATTRIBUTES_UNUSABLE:
		return "unusable";
	case TASK_ATTRIBUTES_FULL:
		return "full";
	case TASK_ATTRIBUTES_CHANGED:
		return "changed";
	case TASK_ATTRIBUTES_FAILED:
		return "failed";
	}
	return "not a task_attributes_result";
}
