#include "json.h"

#include "secret.h"

#include <json-c/json.h>
#include <json-c/json_visit.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * What is counted twice, in a text and in json-c's tree, to see that they say
 * the same: json-c drops repeated members, and when it runs out of memory it
 * may leave bytes out of a string or of its output without a word.
 */
struct tally {
	size_t scalars;      /* keys, strings, numbers, true, false and null */
	size_t string_bytes; /* in all keys and strings, unescaped */
};

struct scan {
	const unsigned char *at, *end;
	int                  depth, depth_max;
	struct tally         tally;
};

/* The sequences of RFC 3629, 4: by first byte, the length and the range of the second byte. */
static const struct utf8_row {
	unsigned char first_min, first_max;
	unsigned char length;
	unsigned char second_min, second_max;
} utf8_rows[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

/* Of a decimal number as this program writes it. */
#define DECIMAL_SIZE 64

#define UTF8_ROW_COUNT (sizeof(utf8_rows) / sizeof(utf8_rows[0]))

/* The length of the sequence at the start of bytes; 0 if it is none. */
static size_t
utf8_sequence(const unsigned char *bytes, size_t length)
{
	const struct utf8_row *row = utf8_rows;
	const struct utf8_row *end = utf8_rows + UTF8_ROW_COUNT;

	while (row < end && !(bytes[0] >= row->first_min && bytes[0] <= row->first_max))
		row++;
	if (row == end || row->length > length)
		return 0;
	if (row->length > 1 && (bytes[1] < row->second_min || bytes[1] > row->second_max))
		return 0;
	for (size_t i = 2; i < row->length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return row->length;
}

bool
json_utf8_valid(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t step = 0;

	for (size_t at = 0; at < length; at += step) {
		step = utf8_sequence(bytes + at, length - at);
		if (step == 0)
			return false;
	}
	return true;
}

static bool
scan_one_of(struct scan *scan, const char *characters)
{
	/* strchr would find the NUL that ends the list. */
	if (scan->at == scan->end || *scan->at == '\0' || strchr(characters, *scan->at) == NULL)
		return false;
	scan->at++;
	return true;
}

static bool
scan_digits(struct scan *scan)
{
	bool any = false;

	while (scan_one_of(scan, "0123456789"))
		any = true;
	return any;
}

/* RFC 8259, 6; json-c takes "00", "-01" and "1." as well. */
static bool
scan_number(struct scan *scan)
{
	scan_one_of(scan, "-");
	if (scan_one_of(scan, "0") == scan_digits(scan))
		return false; /* digits behind a leading 0, or none at all */
	if (scan_one_of(scan, ".") && !scan_digits(scan))
		return false;
	if (!scan_one_of(scan, "eE"))
		return true;
	scan_one_of(scan, "+-");
	return scan_digits(scan);
}

/* json-c takes NaN and Infinity as well. */
static bool
scan_literal(struct scan *scan)
{
	static const char *const literals[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		size_t length = strlen(literals[i]);

		if ((size_t)(scan->end - scan->at) < length ||
		    memcmp(scan->at, literals[i], length) != 0)
			continue;
		scan->at += length;
		return true;
	}
	return false;
}

/* The four hex digits behind \u: a UTF-16 code unit. */
static bool
scan_unit(struct scan *scan, unsigned *unit)
{
	static const char hex_digits[] = "0123456789abcdef0123456789ABCDEF";

	*unit = 0;
	for (int i = 0; i < 4; i++) {
		if (!scan_one_of(scan, hex_digits))
			return false;
		*unit = *unit * 16 + (unsigned)(strchr(hex_digits, scan->at[-1]) - hex_digits) % 16;
	}
	return true;
}

/*
 * Behind a backslash.  No NUL, since json-c's keys end at one, and no half of
 * a surrogate pair (RFC 7493, 2.1), which each reader replaces in its own way.
 */
static bool
scan_escape(struct scan *scan)
{
	unsigned unit = 0;
	unsigned low = 0;

	if (!scan_one_of(scan, "u")) {
		scan->tally.string_bytes++;
		return scan_one_of(scan, "\"\\/bfnrt");
	}
	if (!scan_unit(scan, &unit) || unit == 0)
		return false;
	if (unit < 0xd800 || unit > 0xdfff) {
		scan->tally.string_bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
		return true;
	}
	scan->tally.string_bytes += 4;
	return unit <= 0xdbff && scan_one_of(scan, "\\") && scan_one_of(scan, "u") &&
	    scan_unit(scan, &low) && low >= 0xdc00 && low <= 0xdfff;
}

static bool
scan_string(struct scan *scan)
{
	scan->at++;
	while (scan->at < scan->end) {
		unsigned char byte = *scan->at++;

		if (byte == '"')
			return true;
		if (byte < 0x20 || (byte == '\\' && !scan_escape(scan)))
			return false;
		if (byte != '\\')
			scan->tally.string_bytes++;
	}
	return false;
}

static bool
scan_token(struct scan *scan)
{
	if (scan_one_of(scan, "{["))
		return ++scan->depth <= scan->depth_max;
	if (scan_one_of(scan, "}]"))
		return --scan->depth >= 0;
	if (scan_one_of(scan, ":, \t\r\n"))
		return true;
	scan->tally.scalars++;
	if (*scan->at == '"')
		return scan_string(scan);
	if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9'))
		return scan_number(scan);
	return scan_literal(scan);
}

/*
 * Refuses what json-c lets through in its strict mode, token by token; how
 * the tokens may follow each other is left to json-c.
 */
static bool
scan_text(const char *text, size_t length, int depth_max, struct tally *tally)
{
	struct scan scan = { .at = (const unsigned char *)text, .depth_max = depth_max };

	scan.end = scan.at + length;
	while (scan.at < scan.end)
		if (!scan_token(&scan))
			return false;
	*tally = scan.tally;
	return true;
}

static void tally_value(struct tally *tally, struct json_object *value);

static bool
tally_member(void *context, const char *key, struct json_object *value)
{
	struct tally *tally = context;

	tally->scalars++;
	tally->string_bytes += strlen(key);
	tally_value(tally, value);
	return true;
}

static void
tally_value(struct tally *tally, struct json_object *value)
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
		for (size_t i = 0; i < json_length(value); i++)
			tally_value(tally, json_item(value, i));
		break;
	case JSON_OBJECT:
		json_each(value, tally_member, tally);
		break;
	}
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
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != length)
		result = JSON_SYNTAX;
	else if (*object == NULL)
		result = JSON_NO_MEMORY;
	json_tokener_free(tokener);
	return result;
}

/* Is everything in the tree that was in the text? */
static enum json_result
compare_tallies(const struct tally *in_text, struct json_object *object)
{
	struct tally in_tree = { 0 };

	tally_value(&in_tree, object);
	/* Of two members of one name json-c keeps the last: at least one key is gone. */
	if (in_tree.scalars != in_text->scalars)
		return JSON_REPEATED_KEY;
	return in_tree.string_bytes == in_text->string_bytes ? JSON_OK : JSON_NO_MEMORY;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum json_result
json_parse(const char *text, size_t length, int depth_max, struct json_object **object)
{
	struct tally in_text = { 0 };
	enum json_result result = JSON_OK;

	*object = NULL;
	while (length > 0 && is_blank(text[0])) {
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length == 0 || length > INT_MAX || !json_utf8_valid(text, length) ||
	    !scan_text(text, length, depth_max, &in_text))
		return JSON_SYNTAX;
	if (text[0] != '{')
		return JSON_NOT_AN_OBJECT;

	result = parse_tokens(text, length, depth_max, object);
	if (result == JSON_OK)
		result = compare_tallies(&in_text, *object);
	if (result != JSON_OK) {
		json_free(*object);
		*object = NULL;
	}
	return result;
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

/* A member whose value may be NULL: json-c's null. */
static bool
put_member(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_is_type(object, json_type_object) && json_utf8_valid(key, strlen(key)) &&
	    json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

bool
json_add(struct json_object *object, const char *key, struct json_object *child)
{
	/* json-c would add a child that nobody had the memory for as null, and call it success. */
	return child != NULL && put_member(object, key, child);
}

bool
json_add_string(struct json_object *object, const char *key, const char *text)
{
	if (text == NULL)
		return json_add_null(object, key);
	return json_add(object, key, json_new_string(text));
}

bool
json_add_bool(struct json_object *object, const char *key, bool value)
{
	return json_add(object, key, json_object_new_boolean(value));
}

bool
json_add_int(struct json_object *object, const char *key, int64_t value)
{
	return json_add(object, key, json_object_new_int64(value));
}

bool
json_add_decimal(struct json_object *object, const char *key, double value, int places)
{
	char text[DECIMAL_SIZE];
	int length = snprintf(text, sizeof(text), "%.*f", places, value);

	/* Neither infinite nor none: JSON has no word for these. */
	if (length < 0 || (size_t)length >= sizeof(text) || !isfinite(value))
		return false;
	return json_add(object, key, json_object_new_double_s(value, text));
}

bool
json_add_null(struct json_object *object, const char *key)
{
	return put_member(object, key, NULL);
}

bool
json_append(struct json_object *array, struct json_object *child)
{
	if (child != NULL && json_object_is_type(array, json_type_array) &&
	    json_object_array_add(array, child) == 0)
		return true;
	json_object_put(child);
	return false;
}

bool
json_write(struct json_object *value, struct buffer *out)
{
	const int plain = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	struct tally in_text = { 0 };
	const char *text = NULL;
	size_t length = 0;

	if (value != NULL)
		text = json_object_to_json_string_length(value, plain, &length);
	if (text == NULL || !scan_text(text, length, INT_MAX, &in_text) ||
	    compare_tallies(&in_text, value) != JSON_OK) {
		out->failed = true;
		return false;
	}
	return buffer_add(out, text, length);
}
