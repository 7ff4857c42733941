#include "json_edit.h"

#include <string.h>

#define NOT_FOUND ((size_t)-1)

/* Which of an object's members has this name? */
struct search {
	const char *key;
	size_t      index, found;
};

/* Where a member's value is in the text. */
struct span {
	size_t begin, end;
};

static bool
compare_key(void *context, const char *key, struct json_object *value)
{
	struct search *search = context;

	(void)value;
	if (strcmp(key, search->key) == 0)
		search->found = search->index;
	search->index++;
	return true;
}

/* Behind the string that begins at the quote. */
static size_t
string_end(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

/*
 * The value of the object's nth member, counted from 0, with the blanks around
 * it; the text has passed json_parse, so brackets and quotes match.
 */
static struct span
find_value(const char *text, size_t nth)
{
	struct span span = { 0, 0 };
	size_t at = strcspn(text, "{") + 1, member = 0;

	for (int depth = 1; depth > 0; at++) {
		char c = text[at];

		if (c == '"') {
			at = string_end(text, at) - 1;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if (c == '}' || c == ']')
			depth--;
		if (depth == 1 && c == ':' && member == nth)
			span.begin = at + 1;
		if (member == nth && ((depth == 1 && c == ',') || depth == 0))
			span.end = at;
		if (depth == 1 && c == ',')
			member++;
	}
	return span;
}

static void
add_replaced(struct buffer *out, const char *text, struct span span, const struct buffer *value)
{
	buffer_add(out, text, span.begin);
	buffer_add(out, value->data, value->length);
	buffer_add_text(out, text + span.end);
}

/* A new last member; key needs no escapes, being ours. */
static void
add_appended(struct buffer *out, const char *text, bool first, const char *key, const struct buffer *value)
{
	size_t end = (size_t)(strrchr(text, '}') - text);

	buffer_add(out, text, end);
	buffer_printf(out, "%s\"%s\":", first ? "" : ",", key);
	buffer_add(out, value->data, value->length);
	buffer_add_text(out, text + end);
}

static bool
edit(const char *text, struct json_object *object, const char *key, const struct buffer *value, struct buffer *out,
    bool *same)
{
	struct search search = { .key = key, .found = NOT_FOUND };
	struct span span = { 0, 0 };

	json_each(object, compare_key, &search);
	if (search.found == NOT_FOUND) {
		add_appended(out, text, search.index == 0, key, value);
		return !out->failed;
	}
	span = find_value(text, search.found);
	*same = span.end - span.begin == value->length && memcmp(text + span.begin, value->data, value->length) == 0;
	add_replaced(out, text, span, value);
	return !out->failed;
}

enum json_result
json_edit_member(const char *text, int depth_max, const char *key, struct json_object *value, struct buffer *out,
    bool *same)
{
	struct json_object *object = NULL;
	struct buffer written;
	bool is_same = false, edited = false;
	enum json_result result = json_parse(text, strlen(text), depth_max, &object);

	if (result != JSON_OK)
		return result;
	buffer_init(&written, out->max);
	edited = json_write(value, &written) && edit(text, object, key, &written, out, &is_same);
	buffer_free(&written);
	json_free(object);
	if (same != NULL)
		*same = is_same;
	return edited ? JSON_OK : JSON_NO_MEMORY;
}
