/*
 * The form parsers.  Input: a body.  Whatever it is: a field is never there
 * twice, nor with text that no field has a use for, and what was read is read
 * again from what is written of it.
 */
#include "base/json.h"
#include "http/form.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "task", "to", "channel", "locale", "action", "Token", NULL };

typedef enum form_result form_reader(struct form *form, const char *body, size_t length, const char *const *names);

static bool
is_listed(const char *name)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
is_plain(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	return json_utf8_valid(text, strlen(text));
}

static void
check_fields(const struct form *form, bool listed, bool once)
{
	property(form->count <= FORM_FIELDS_MAX, "no form has more fields than the limit");
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		property(field->name[0] != '\0', "every field has a name");
		property(is_plain(field->name) && is_plain(field->value), "every field is plain text");
		property(!listed || is_listed(field->name), "a field that is not listed is refused");
		property(!once || form_get(form, field->name) == field->value, "no field is there twice");
	}
}

static void
write_form(const struct form *form, struct buffer *out)
{
	for (size_t i = 0; i < form->count; i++)
		form_add(out, form->fields[i].name, form->fields[i].value);
}

static bool
same(const struct form *one, const struct form *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->fields[i].name, other->fields[i].name) != 0 ||
		    strcmp(one->fields[i].value, other->fields[i].value) != 0)
			return false;
	return true;
}

/* The form as this program would write it, and once with its first field again. */
static void
check_written(const struct form *form)
{
	struct form again;
	struct buffer text;

	buffer_init(&text, SIZE_MAX / 2);
	write_form(form, &text);
	property(form_read_urlencoded(&again, buffer_text(&text), text.length, NULL) == FORM_OK,
	    "a form that was read can be read again");
	property(same(form, &again), "a form that is written says what it said");
	form_free(&again);
	if (form->count > 0) {
		form_add(&text, form->fields[0].name, "");
		property(form_read_urlencoded(&again, buffer_text(&text), text.length, NULL) == FORM_REPEATED_FIELD,
		    "a field that is repeated is refused");
		form_free(&again);
	}
	buffer_free(&text);
}

static void
check_read(form_reader *read, const char *body, size_t length, const char *const *listed)
{
	struct form form;

	if (read(&form, body, length, listed) == FORM_OK) {
		check_fields(&form, listed != NULL, true);
		check_written(&form);
	}
	form_free(&form);
}

/* What Twilio signs may have a field several times; it is compared as it is. */
static void
check_signed(const char *body, size_t length)
{
	struct form form;

	if (form_read_signed(&form, body, length) == FORM_OK)
		check_fields(&form, false, false);
	form_free(&form);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	size_t length = 0;
	char *body = input_part(&input, &length);

	check_read(form_read_urlencoded, body, length, names);
	check_read(form_read_urlencoded, body, length, NULL);
	check_read(form_read_json, body, length, names);
	check_read(form_read_json, body, length, NULL);
	check_signed(body, length);
	free(body);
	return 0;
}
