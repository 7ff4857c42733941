#include "form.h"

#include "base/json.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

/* Nothing inside the form itself. */
#define FORM_JSON_DEPTH_MAX 1

/* What reading a form carries along. */
struct reader {
	struct form       *form;
	const char *const *names;
	size_t             used; /* bytes of form->text */
	enum form_result   result;
};

static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* UTF-8 without control characters (C0, DEL, C1), which no field here has a use for. */
static bool
is_plain_text(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	if (!json_utf8_valid(text, strlen(text)))
		return false;
	for (; *at != '\0'; at++)
		if (*at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0))
			return false;
	return true;
}

static bool
is_known(const char *name, const char *const *names)
{
	if (names == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static enum form_result
append_field(struct form *form, const char *name, const char *value)
{
	if (form->count == FORM_FIELDS_MAX)
		return FORM_TOO_MANY_FIELDS;
	form->fields[form->count++] = (struct form_field){ .name = name, .value = value };
	return FORM_OK;
}

/* A field of a form that is signed as a whole. */
static enum form_result
add_any(struct form *form, const char *name, const char *value)
{
	return name[0] != '\0' && is_plain_text(name) && is_plain_text(value) ? append_field(form, name, value) :
										  FORM_MALFORMED;
}

static enum form_result
add_field(struct form *form, const char *const *names, const char *name, const char *value)
{
	if (name[0] == '\0' || !is_plain_text(name) || !is_plain_text(value))
		return FORM_MALFORMED;
	if (!is_known(name, names))
		return FORM_UNKNOWN_FIELD;
	if (form_get(form, name) != NULL)
		return FORM_REPEATED_FIELD;
	return append_field(form, name, value);
}

/* Neither encoding makes text longer, so the body's length and a NUL are enough for all fields. */
static enum form_result
open_form(struct form *form, const char *body, size_t length)
{
	memset(form, 0, sizeof(*form));
	if (length > 0 && memchr(body, '\0', length) != NULL)
		return FORM_MALFORMED;
	form->text = calloc(1, length + 1);
	if (form->text == NULL)
		return FORM_NO_MEMORY;
	form->text_size = length + 1;
	return FORM_OK;
}

/* Decodes in place up to an end byte, puts a NUL there, returns what follows; NULL: malformed. */
static char *
decode_until(char *text, char end)
{
	char *out = text;
	bool at_end = false;

	for (; *text != '\0' && *text != end; text++) {
		int high = 0;
		int low = 0;

		if (*text != '%') {
			*out++ = *text == '+' ? ' ' : *text;
			continue;
		}
		high = hex_value(text[1]);
		low = high < 0 ? -1 : hex_value(text[2]);
		if (low < 0 || high + low == 0)
			return NULL;
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	at_end = *text == '\0';
	*out = '\0';
	return at_end ? text : text + 1;
}

static enum form_result
read_pairs(struct form *form, const char *body, size_t length, const char *const *names, bool is_signed)
{
	enum form_result result = open_form(form, body, length);
	char *at = form->text;

	if (result != FORM_OK || length == 0)
		return result;
	memcpy(form->text, body, length);
	/* An "&" at the very end announces a pair that does not come. */
	if (body[length - 1] == '&')
		return FORM_MALFORMED;
	while (result == FORM_OK && *at != '\0') {
		const char *name = at;
		const char *value = NULL;

		if (at[strcspn(at, "=&")] != '=')
			return FORM_MALFORMED;
		value = at = decode_until(at, '=');
		if (at == NULL || (at = decode_until(at, '&')) == NULL)
			return FORM_MALFORMED;
		result = is_signed ? add_any(form, name, value) : add_field(form, names, name, value);
	}
	return result;
}

enum form_result
form_read_urlencoded(struct form *form, const char *body, size_t length, const char *const *names)
{
	return read_pairs(form, body, length, names, false);
}

enum form_result
form_read_signed(struct form *form, const char *body, size_t length)
{
	return read_pairs(form, body, length, NULL, true);
}

/* Copies text behind what is there already; NULL if it is no text, or does not fit. */
static const char *
keep_text(struct reader *reader, const char *text)
{
	size_t size = text == NULL ? 0 : strlen(text) + 1;
	char *kept = reader->form->text + reader->used;

	if (text == NULL || size > reader->form->text_size - reader->used)
		return NULL;
	reader->used += size;
	return memcpy(kept, text, size);
}

static bool
read_member(void *context, const char *key, struct json_object *value)
{
	struct reader *reader = context;
	const char *name = keep_text(reader, key);
	const char *text = keep_text(reader, json_string(value));

	if (name == NULL || text == NULL)
		reader->result = FORM_MALFORMED;
	else
		reader->result = add_field(reader->form, reader->names, name, text);
	return reader->result == FORM_OK;
}

static enum form_result
form_result_of(enum json_result result)
{
	switch (result) {
	case JSON_OK:
		return FORM_OK;
	case JSON_SYNTAX:
	case JSON_NOT_AN_OBJECT:
		return FORM_MALFORMED;
	case JSON_REPEATED_KEY:
		return FORM_REPEATED_FIELD;
	case JSON_NO_MEMORY:
		return FORM_NO_MEMORY;
	}
	return FORM_MALFORMED;
}

enum form_result
form_read_json(struct form *form, const char *body, size_t length, const char *const *names)
{
	struct reader reader = { .form = form, .names = names };
	struct json_object *object = NULL;

	reader.result = open_form(form, body, length);
	if (reader.result != FORM_OK || length == 0)
		return reader.result;
	reader.result = form_result_of(json_parse(body, length, FORM_JSON_DEPTH_MAX, &object));
	if (reader.result == FORM_OK)
		json_each(object, read_member, &reader);
	json_free(object);
	return reader.result;
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

bool
form_escape(struct buffer *out, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	while (*text != '\0' && !out->failed) {
		size_t plain = strspn(text, unreserved);

		buffer_add(out, text, plain);
		text += plain;
		if (*text != '\0') {
			unsigned char byte = (unsigned char)*text++;
			char escape[3] = { '%', digits[byte >> 4], digits[byte & 15] };

			buffer_add(out, escape, sizeof(escape));
		}
	}
	return !out->failed;
}

bool
form_add(struct buffer *out, const char *name, const char *value)
{
	if (out->length > 0)
		buffer_add_text(out, "&");
	form_escape(out, name);
	buffer_add_text(out, "=");
	return form_escape(out, value);
}

void
form_free(struct form *form)
{
	if (form->text != NULL)
		secret_wipe(form->text, form->text_size);
	free(form->text);
	memset(form, 0, sizeof(*form));
}

const char *
form_result_name(enum form_result result)
{
	switch (result) {
	case FORM_OK:
		return "FORM_OK";
	case FORM_MALFORMED:
		return "FORM_MALFORMED";
	case FORM_UNKNOWN_FIELD:
		return "FORM_UNKNOWN_FIELD";
	case FORM_REPEATED_FIELD:
		return "FORM_REPEATED_FIELD";
	case FORM_TOO_MANY_FIELDS:
		return "FORM_TOO_MANY_FIELDS";
	case FORM_NO_MEMORY:
		return "FORM_NO_MEMORY";
	}
	return "not a form_result";
}
