#include "json.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of a decimal number as this program writes it. */
#define DECIMAL_SIZE 64

/* ---- what is there ---- */

enum json_kind
json_kind(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return JSON_NULL;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
	case json_type_double:
		return JSON_NUMBER;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	}
	return JSON_NULL;
}

const char *
json_string(struct json_object *value)
{
	const char *text = NULL;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

size_t
json_length(struct json_object *array_or_object)
{
	if (json_object_is_type(array_or_object, json_type_array))
		return json_object_array_length(array_or_object);
	if (json_object_is_type(array_or_object, json_type_object))
		return (size_t)json_object_object_length(array_or_object);
	return 0;
}

struct json_object *
json_item(struct json_object *array, size_t index)
{
	if (!json_object_is_type(array, json_type_array))
		return NULL;
	return json_object_array_get_idx(array, index);
}

struct json_object *
json_get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_get_ex(object, key, &value);
	return value;
}

bool
json_has(struct json_object *object, const char *key)
{
	return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, key, NULL);
}

const char *
json_get_string(struct json_object *object, const char *key)
{
	return json_string(json_get(object, key));
}

bool
json_get_bool(struct json_object *object, const char *key, bool *value)
{
	struct json_object *member = json_get(object, key);

	if (!json_object_is_type(member, json_type_boolean))
		return false;
	*value = json_object_get_boolean(member) != 0;
	return true;
}

bool
json_get_int(struct json_object *object, const char *key, int64_t *value)
{
	struct json_object *member = json_get(object, key);
	int64_t number = 0;

	if (!json_object_is_type(member, json_type_int))
		return false;
	number = json_object_get_int64(member);
	if (number < -JSON_INT_MAX || number > JSON_INT_MAX)
		return false;
	*value = number;
	return true;
}

static struct json_object *
get_of_kind(struct json_object *object, const char *key, enum json_kind kind)
{
	struct json_object *value = json_get(object, key);

	return json_kind(value) == kind ? value : NULL;
}

struct json_object *
json_get_object(struct json_object *object, const char *key)
{
	return get_of_kind(object, key, JSON_OBJECT);
}

struct json_object *
json_get_array(struct json_object *object, const char *key)
{
	return get_of_kind(object, key, JSON_ARRAY);
}

bool
json_each(struct json_object *object, json_visitor *visit, void *context)
{
	struct json_object_iterator at = json_object_iter_init_default();
	struct json_object_iterator end = json_object_iter_init_default();

	if (!json_object_is_type(object, json_type_object))
		return true;
	at = json_object_iter_begin(object);
	end = json_object_iter_end(object);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		if (!visit(context, json_object_iter_peek_name(&at),
		        json_object_iter_peek_value(&at)))
			return false;
	return true;
}

/* ---- building ---- */

struct json_object *
json_new_object(void)
{
	return json_object_new_object();
}

struct json_object *
json_new_array(void)
{
	return json_object_new_array();
}

struct json_object *
json_new_string(const char *text)
{
	if (text == NULL || !json_utf8_valid(text, strlen(text)))
		return NULL;
	return json_object_new_string(text);
}

struct json_object *
json_copy(struct json_object *value)
{
	struct json_object *copy = NULL;

	if (value == NULL || json_object_deep_copy(value, &copy, NULL) != 0)
		return NULL;
	return copy;
}

static bool
holds_others(struct json_object *value)
{
	return json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
}

/* An object or array that lacks something has itself for json-c's user data, which nothing else is in. */
bool
json_complete(struct json_object *value)
{
	return value != NULL && !(holds_others(value) && json_object_get_userdata(value) == value);
}

static void
mark_incomplete(struct json_object *value)
{
	if (holds_others(value))
		json_object_set_userdata(value, value, NULL);
}

/* A member whose value may be NULL: json-c's null. */
static void
put_member(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_is_type(object, json_type_object) && json_utf8_valid(key, strlen(key)) &&
	    json_object_object_add(object, key, value) == 0)
		return;
	json_object_put(value);
	mark_incomplete(object);
}

void
json_add(struct json_object *object, const char *key, struct json_object *child)
{
	if (!json_complete(child))
		mark_incomplete(object);
	/* json-c would add a child that nobody had the memory for as null, and call it success. */
	if (child != NULL)
		put_member(object, key, child);
}

void
json_add_string(struct json_object *object, const char *key, const char *text)
{
	if (text == NULL)
		json_add_null(object, key);
	else
		json_add(object, key, json_new_string(text));
}

void
json_add_bool(struct json_object *object, const char *key, bool value)
{
	json_add(object, key, json_object_new_boolean(value));
}

void
json_add_int(struct json_object *object, const char *key, int64_t value)
{
	json_add(object, key, json_object_new_int64(value));
}

void
json_add_decimal(struct json_object *object, const char *key, double value, int places)
{
	char text[DECIMAL_SIZE];
	int length = snprintf(text, sizeof(text), "%.*f", places, value);
	/* Neither infinite nor none: JSON has no word for these. */
	bool fits = length >= 0 && (size_t)length < sizeof(text) && isfinite(value);

	json_add(object, key, fits ? json_object_new_double_s(value, text) : NULL);
}

void
json_add_null(struct json_object *object, const char *key)
{
	put_member(object, key, NULL);
}

void
json_append(struct json_object *array, struct json_object *child)
{
	if (json_complete(child) && json_object_is_type(array, json_type_array) &&
	    json_object_array_add(array, child) == 0)
		return;
	json_object_put(child);
	mark_incomplete(array);
}
