#include "twiml.h"

#include "base/json.h"

#include <string.h>

static void
fail(struct twiml *twiml)
{
	twiml->out.failed = true;
}

/* XML 1.0, 2.2: no control character but tab and line ends may stand in a document at all. */
static bool
is_xml_text(const char *text)
{
	if (!json_utf8_valid(text, strlen(text)))
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 && *text != '\t' && *text != '\n' && *text != '\r')
			return false;
	return true;
}

static const char *
entity_of(char character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	default:
		return NULL;
	}
}

static void
add_escaped(struct twiml *twiml, const char *text)
{
	if (!is_xml_text(text)) {
		fail(twiml);
		return;
	}
	for (; *text != '\0'; text++) {
		const char *entity = entity_of(*text);

		if (entity != NULL)
			buffer_add_text(&twiml->out, entity);
		else
			buffer_add(&twiml->out, text, 1);
	}
}

static void
end_tag(struct twiml *twiml)
{
	if (twiml->in_tag)
		buffer_add_text(&twiml->out, ">");
	twiml->in_tag = false;
}

void
twiml_init(struct twiml *twiml)
{
	memset(twiml, 0, sizeof(*twiml));
	buffer_init(&twiml->out, TWIML_MAX_BYTES);
	buffer_add_text(&twiml->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	twiml_begin(twiml, "Response");
}

void
twiml_free(struct twiml *twiml)
{
	buffer_free(&twiml->out);
}

void
twiml_begin(struct twiml *twiml, const char *element)
{
	if (twiml->depth == TWIML_DEPTH_MAX) {
		fail(twiml);
		return;
	}
	end_tag(twiml);
	buffer_printf(&twiml->out, "<%s", element);
	twiml->open[twiml->depth++] = element;
	twiml->in_tag = true;
}

void
twiml_attribute(struct twiml *twiml, const char *name, const char *value)
{
	if (!twiml->in_tag)
		fail(twiml);
	buffer_printf(&twiml->out, " %s=\"", name);
	add_escaped(twiml, value);
	buffer_add_text(&twiml->out, "\"");
}

void
twiml_number(struct twiml *twiml, const char *name, int value)
{
	if (!twiml->in_tag)
		fail(twiml);
	buffer_printf(&twiml->out, " %s=\"%d\"", name, value);
}

void
twiml_text(struct twiml *twiml, const char *text)
{
	end_tag(twiml);
	add_escaped(twiml, text);
}

void
twiml_close(struct twiml *twiml)
{
	if (twiml->depth == 0) {
		fail(twiml);
		return;
	}
	end_tag(twiml);
	buffer_printf(&twiml->out, "</%s>", twiml->open[--twiml->depth]);
}

const char *
twiml_end(struct twiml *twiml)
{
	while (twiml->depth > 0)
		twiml_close(twiml);
	return twiml->out.failed ? NULL : buffer_text(&twiml->out);
}
