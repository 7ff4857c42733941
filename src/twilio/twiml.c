#include "twiml.h"

#include "base/json.h"

#include <string.h>

static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

static void
fail(struct twiml *twiml)
{
	twiml->out.failed = true;
}

/* XML 1.0, 2.2: U+FFFE, U+FFFF and control characters but tab and line ends may not stand in a document at all. */
static bool
is_xml_text(const char *text)
{
	if (!json_utf8_valid(text, strlen(text)) || strstr(text, "\xef\xbf\xbe") != NULL ||
	    strstr(text, "\xef\xbf\xbf") != NULL)
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
	/* XML 1.0, 2.11 and 3.3.3: a reader makes line feeds and blanks of these as they are. */
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
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

/* Is all closed, the <Response>, too?  Nothing may follow it. */
static bool
is_over(const struct twiml *twiml)
{
	return twiml->depth == 0 && twiml->out.length > sizeof(declaration) - 1;
}

void
twiml_init(struct twiml *twiml)
{
	memset(twiml, 0, sizeof(*twiml));
	buffer_init(&twiml->out, TWIML_MAX_BYTES);
	buffer_add_text(&twiml->out, declaration);
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
	if (twiml->depth == TWIML_DEPTH_MAX || is_over(twiml)) {
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
	if (is_over(twiml))
		fail(twiml);
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
