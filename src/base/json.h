/*
 * json: reading and writing JSON (RFC 8259), the one user of json-c.
 *
 * Reading is stricter than json-c: repeated keys, NUL in any form, raw control
 * characters, invalid UTF-8, halves of surrogate pairs, NaN and anything
 * behind the value are refused (RFC 7493 has most of these rules).  A getter
 * answers only for a member of exactly the type asked for, so a string "false"
 * is never a boolean and a number is never a phone number.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole numbers up to here mean the same to every reader of JSON (RFC 8259, 6). */
#define JSON_INT_MAX INT64_C(9007199254740991)

/* json-c's type; only json.c and json_value.c look inside.  Not to be shared by threads. */
struct json_object;

enum json_result {
	JSON_OK = 0,
	JSON_SYNTAX,        /* not JSON, more than one value, or too many levels */
	JSON_NOT_AN_OBJECT, /* does not begin with { */
	JSON_REPEATED_KEY,  /* two members of one name: which one counts? */
	JSON_NO_MEMORY
};

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/*
 * Reads an object of at most depth_max levels from length bytes of text.
 * On JSON_OK *object is the caller's, to be given to json_free.
 */
enum json_result json_parse(const char *text, size_t length, int depth_max,
    struct json_object **object);
const char *json_result_name(enum json_result result);

/* Is it UTF-8 (RFC 3629), without overlong forms and surrogates?  A NUL is valid UTF-8. */
bool json_utf8_valid(const char *text, size_t length);

/* Frees an object and all in it, and wipes its strings; NULL is fine. */
void json_free(struct json_object *value);

/*
 * Members by name.  What is returned is borrowed: valid until json_free.
 * A NULL object has no members, so look-ups can be chained.
 */

/* NULL: absent, no string, or holds a NUL. */
const char         *json_get_string(struct json_object *object, const char *key);
bool                json_get_bool(struct json_object *object, const char *key, bool *value);

/*
 * Only a number written without fraction and exponent, and within
 * JSON_INT_MAX: json-c changes larger ones without a word.
 */
bool                json_get_int(struct json_object *object, const char *key, int64_t *value);
struct json_object *json_get_object(struct json_object *object, const char *key);
struct json_object *json_get_array(struct json_object *object, const char *key);

/* Of any kind; NULL: absent or null. */
struct json_object *json_get(struct json_object *object, const char *key);

/* Is there such a member, be it null? */
bool                json_has(struct json_object *object, const char *key);

/* Values. */
enum json_kind      json_kind(struct json_object *value); /* NULL is JSON_NULL */
const char         *json_string(struct json_object *value); /* NULL unless a string without NUL */
size_t              json_length(struct json_object *array_or_object);
struct json_object *json_item(struct json_object *array, size_t index);

/* Visits each member until visit returns false; false if it did. */
typedef bool json_visitor(void *context, const char *key, struct json_object *value);
bool json_each(struct json_object *object, json_visitor *visit, void *context);

/*
 * Building.  Where something cannot be added, for want of memory or because text is
 * not UTF-8, the object or array is incomplete from then on, and so is whatever it
 * is added to; json_write refuses it, so nobody needs to ask in between.  A
 * constructor without memory returns NULL, which is not complete either.  json_add and
 * json_append take the child over, whatever comes of it.  A NULL string is added as null.
 */
struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text);
struct json_object *json_copy(struct json_object *value); /* deep; the caller's to free */

/* Each replaces a member of the same name. */
void json_add_string(struct json_object *object, const char *key, const char *text);
void json_add_bool(struct json_object *object, const char *key, bool value);
void json_add_int(struct json_object *object, const char *key, int64_t value);
void json_add_decimal(struct json_object *object, const char *key, double value, int places); /* rounded */
void json_add_null(struct json_object *object, const char *key);
void json_add(struct json_object *object, const char *key, struct json_object *child);

void json_append(struct json_object *array, struct json_object *child);

/* Is everything in it that was to be? */
bool json_complete(struct json_object *value);

/*
 * Appends the value's text, on one line, "/" not escaped.  False, and the
 * buffer failed, if it does not fit or value is incomplete.
 */
bool json_write(struct json_object *value, struct buffer *out);

#endif
