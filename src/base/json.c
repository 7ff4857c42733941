#include "json.h"

#include "json_scan.h"
#include "secret.h"

#include <json-c/json.h>
#include <json-c/json_visit.h>
#include <limits.h>
#include <string.h>

static void tally_value(struct json_tally *tally, struct json_object *value);

static bool
tally_member(void *context, const char *key, struct json_object *value)
{
	struct json_tally *tally = context;

	tally->scalars++;
	tally->marks++;
	tally->string_bytes += strlen(key);
	tally_value(tally, value);
	return true;
}

/* Brackets, and what stands between items or members. */
static void
tally_marks(struct json_tally *tally, struct json_object *value)
{
	size_t length = json_length(value);

	tally->marks += length == 0 ? 2 : 2 + length - 1;
	tally->incomplete = tally->incomplete || !json_complete(value);
}

static void
tally_value(struct json_tally *tally, struct json_object *value)
{
	switch (json_kind(value)) {
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_NUMBER:
		tally->scalars++;
		break;
	case JSON_STRING:
		tally->scalars++;
		tally->string_bytes += (size_t)json_object_get_string_len(value);
		break;
	case JSON_ARRAY:
		tally_marks(tally, value);
		for (size_t i = 0; i < json_length(value); i++)
			tally_value(tally, json_item(value, i));
		break;
	case JSON_OBJECT:
		tally_marks(tally, value);
		json_each(value, tally_member, tally);
		break;
	}
}

/* Is everything in the tree that was in the text?  A member that json-c lost looks like a repeated key. */
static enum json_result
compare_tallies(const struct json_tally *in_text, struct json_object *object)
{
	struct json_tally in_tree = { 0 };

	tally_value(&in_tree, object);
	/* Of two members of one name json-c keeps the last: at least one key is gone. */
	if (in_tree.scalars != in_text->scalars)
		return JSON_REPEATED_KEY;
	if (in_tree.string_bytes != in_text->string_bytes || in_tree.marks != in_text->marks || in_tree.incomplete)
		return JSON_NO_MEMORY;
	return JSON_OK;
}

/* Hands text that passed the scan to json-c. */
static enum json_result
parse_tokens(const char *text, size_t length, int depth_max, struct json_object **object)
{
	struct json_tokener *tokener = json_tokener_new_ex(depth_max + 1);
	enum json_result result = JSON_OK;

	if (tokener == NULL)
		return JSON_NO_MEMORY;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*object = json_tokener_parse_ex(tokener, text, (int)length);
	/* Without memory json-c (0.16) stops where it is, and does not call it an error. */
	if (json_tokener_get_error(tokener) != json_tokener_success)
		result = JSON_SYNTAX;
	else if (*object == NULL || json_tokener_get_parse_end(tokener) != length)
		result = JSON_NO_MEMORY;
	json_tokener_free(tokener);
	return result;
}

static enum json_result
parse_whole(const char *text, size_t length, int depth_max, const struct json_tally *in_text,
    struct json_object **object)
{
	enum json_result result = parse_tokens(text, length, depth_max, object);

	if (result == JSON_OK)
		result = compare_tallies(in_text, *object);
	if (result != JSON_OK) {
		json_free(*object);
		*object = NULL;
	}
	return result;
}

/* A repeated key is found again; a member that was lost for want of memory is hardly lost twice. */
static enum json_result
parse_surely(const char *text, size_t length, int depth_max, const struct json_tally *in_text,
    struct json_object **object)
{
	enum json_result result = parse_whole(text, length, depth_max, in_text, object);

	return result == JSON_REPEATED_KEY ? parse_whole(text, length, depth_max, in_text, object) : result;
}

static enum json_result
parse_decoded(const char *text, size_t length, int depth_max, const struct json_tally *in_text,
    struct json_object **object)
{
	enum json_result result = JSON_NO_MEMORY;
	struct buffer decoded;

	buffer_init(&decoded, length);
	json_decode_pairs(text, length, &decoded);
	if (!decoded.failed)
		result = parse_surely(decoded.data, decoded.length, depth_max, in_text, object);
	buffer_free(&decoded);
	return result;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum json_result
json_parse(const char *text, size_t length, int depth_max, struct json_object **object)
{
	struct json_tally in_text = { 0 };

	*object = NULL;
	while (length > 0 && is_blank(text[0])) {
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length == 0 || length > INT_MAX || !json_utf8_valid(text, length) ||
	    !json_scan(text, length, depth_max, &in_text))
		return JSON_SYNTAX;
	if (text[0] != '{')
		return JSON_NOT_AN_OBJECT;

	return in_text.pairs > 0 ? parse_decoded(text, length, depth_max, &in_text, object) :
	                           parse_surely(text, length, depth_max, &in_text, object);
}

bool
json_write(struct json_object *value, struct buffer *out)
{
	const int plain = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	struct json_tally in_text = { 0 };
	const char *text = NULL;
	size_t length = 0;

	if (json_complete(value))
		text = json_object_to_json_string_length(value, plain, &length);
	if (text == NULL || !json_scan(text, length, INT_MAX, &in_text) ||
	    compare_tallies(&in_text, value) != JSON_OK) {
		out->failed = true;
		return false;
	}
	return buffer_add(out, text, length);
}

const char *
json_result_name(enum json_result result)
{
	switch (result) {
	case JSON_OK:
		return "ok";
	case JSON_SYNTAX:
		return "syntax error";
	case JSON_NOT_AN_OBJECT:
		return "not an object";
	case JSON_REPEATED_KEY:
		return "repeated key";
	case JSON_NO_MEMORY:
		return "out of memory";
	}
	return "unknown";
}

/* json-c frees a string as it is: it may be a token, a passcode or a customer's. */
static int
wipe_string(struct json_object *value, int flags, struct json_object *parent, const char *key, size_t *index,
    void *context)
{
	union {
		const char *text;
		void       *memory;
	} string = { .text = NULL };

	(void)flags, (void)parent, (void)key, (void)index, (void)context;
	if (json_object_is_type(value, json_type_string)) {
		string.text = json_object_get_string(value);
		secret_wipe(string.memory, (size_t)json_object_get_string_len(value));
	}
	return JSON_C_VISIT_RETURN_CONTINUE;
}

void
json_free(struct json_object *value)
{
	if (value != NULL)
		json_c_visit(value, 0, wipe_string, NULL);
	json_object_put(value);
}
