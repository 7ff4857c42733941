/*
 * JSON.  Input: a text, and another one.  Whatever they are: what was read can
 * be written and read again, and is the same; an edited text has the member
 * that was put in, and all others as they were.
 */
#include "base/json.h"
#include "base/json_edit.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define KEY	  "flex_verify"
#define MAX_BYTES ((size_t)1 << 24)

static struct json_object *
parse(const struct buffer *text)
{
	struct json_object *object = NULL;

	property(json_parse(buffer_text(text), text->length, DEPTH_MAX, &object) == JSON_OK,
	    "what is written can be read");
	return object;
}

static void
check_written(struct json_object *object)
{
	struct json_object *again = NULL;
	struct buffer text, same;

	buffer_init(&text, MAX_BYTES);
	buffer_init(&same, MAX_BYTES);
	property(json_write(object, &text), "what was read can be written");
	again = parse(&text);
	property(json_write(again, &same), "it can be written again");
	property(text.length == same.length && memcmp(text.data, same.data, text.length) == 0, "it is the same again");
	json_free(again);
	buffer_free(&text);
	buffer_free(&same);
}

/* Every kind of getter answers for members of its kind alone. */
static bool
check_member(void *context, const char *key, struct json_object *value)
{
	struct json_object *object = context;
	enum json_kind kind = json_kind(value);
	int64_t number = 0;
	bool truth = false;

	property(json_utf8_valid(key, strlen(key)), "keys are UTF-8");
	property(json_has(object, key), "a member that is visited is there");
	property(json_get(object, key) == value, "there is one member of a name");
	property(kind == JSON_STRING || json_get_string(object, key) == NULL, "only strings are strings");
	property(json_get_bool(object, key, &truth) == (kind == JSON_BOOL), "only true and false are truths");
	property(kind == JSON_NUMBER || !json_get_int(object, key, &number), "only numbers are numbers");
	property(number >= -JSON_INT_MAX && number <= JSON_INT_MAX, "whole numbers are those that every reader knows");
	property((json_get_object(object, key) != NULL) == (kind == JSON_OBJECT), "only objects are objects");
	property((json_get_array(object, key) != NULL) == (kind == JSON_ARRAY), "only arrays are arrays");
	return true;
}

struct comparison {
	struct json_object *other;
	size_t              count;
};

static bool
compare_member(void *context, const char *key, struct json_object *value)
{
	struct comparison *comparison = context;
	struct buffer one, two;

	if (strcmp(key, KEY) == 0)
		return true;
	comparison->count++;
	buffer_init(&one, MAX_BYTES);
	buffer_init(&two, MAX_BYTES);
	property(json_has(comparison->other, key), "an edit takes no other member away");
	if (value != NULL)
		property(json_write(value, &one) && json_write(json_get(comparison->other, key), &two) &&
			strcmp(buffer_text(&one), buffer_text(&two)) == 0,
		    "an edit changes no other member");
	buffer_free(&one);
	buffer_free(&two);
	return true;
}

static size_t
count_others(struct json_object *object)
{
	return json_length(object) - json_has(object, KEY);
}

static void
check_edit(const char *text, struct json_object *object, struct json_object *value)
{
	struct comparison comparison = { 0 };
	struct buffer edited, twice;
	bool same = false;

	buffer_init(&edited, MAX_BYTES);
	buffer_init(&twice, MAX_BYTES);
	if (json_edit_member(text, DEPTH_MAX, KEY, value, &edited, NULL) == JSON_OK) {
		property(json_parse(buffer_text(&edited), edited.length, 2 * DEPTH_MAX + 1, &comparison.other) ==
			JSON_OK,
		    "an edited text is JSON");
		json_each(object, compare_member, &comparison);
		property(comparison.count == count_others(comparison.other), "an edit adds no other member");
		property(json_get_object(comparison.other, KEY) != NULL, "an edited text has the member");
		if (json_edit_member(buffer_text(&edited), 2 * DEPTH_MAX + 1, KEY, value, &twice, &same) == JSON_OK)
			property(same && strcmp(buffer_text(&edited), buffer_text(&twice)) == 0,
			    "the same edit again changes nothing");
	}
	json_free(comparison.other);
	buffer_free(&edited);
	buffer_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	struct json_object *object = NULL, *value = NULL;
	char *text = input_text(&input), *other = input_text(&input);
	enum json_result result = json_parse(text, strlen(text), DEPTH_MAX, &object);

	property(result != JSON_NO_MEMORY, "only a want of memory is called one");
	if (result == JSON_OK) {
		property(json_kind(object) == JSON_OBJECT, "only objects are read");
		json_each(object, check_member, object);
		check_written(object);
		if (json_parse(other, strlen(other), DEPTH_MAX, &value) == JSON_OK)
			check_edit(text, object, value);
	}
	json_free(object);
	json_free(value);
	free(text);
	free(other);
	return 0;
}
