/*
 * form: the fields of a request body or query string, form-encoded (WHATWG
 * URL, application/x-www-form-urlencoded) or as a JSON object of strings.
 *
 * Names are exact.  Which names exist is the caller's table; anything else,
 * anything twice, and any byte that is not UTF-8 text is refused.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/buffer.h"

#include <stddef.h>

/* A webhook of Twilio Voice has about 30, and gets new ones without notice. */
#define FORM_FIELDS_MAX 96

enum form_result {
	FORM_OK = 0,
	FORM_MALFORMED,      /* bad escape, bad UTF-8, control character, not JSON, not strings */
	FORM_UNKNOWN_FIELD,
	FORM_REPEATED_FIELD,
	FORM_TOO_MANY_FIELDS,
	FORM_NO_MEMORY
};

struct form_field {
	const char *name;
	const char *value;
};

struct form {
	struct form_field fields[FORM_FIELDS_MAX];
	size_t            count;
	char             *text; /* what the fields point into; wiped by form_free */
	size_t            text_size;
};

/*
 * Reads a body.  names lists the allowed fields and ends with NULL; NULL
 * itself allows any.  An empty body has no fields.  form_free is due whatever
 * the result.
 */
enum form_result form_read_urlencoded(struct form *form, const char *body, size_t length,
    const char *const *names);
enum form_result form_read_json(struct form *form, const char *body, size_t length,
    const char *const *names);

/* The same with any names, also repeated: for a body that is signed as a whole, whatever is in it. */
enum form_result form_read_signed(struct form *form, const char *body, size_t length);

const char *form_result_name(enum form_result result);

/* The value, or NULL if the field was not sent.  Valid until form_free. */
const char *form_get(const struct form *form, const char *name);

/* Appends name=value to a form-encoded text, "&" between; the one place where a form is written. */
bool form_add(struct buffer *out, const char *name, const char *value);

/* Appends text percent-encoded (RFC 3986: all but the unreserved characters). */
bool form_escape(struct buffer *out, const char *text);

/* Wipes and frees. */
void form_free(struct form *form);

#endif
