/*
 * The XML that Twilio is told with.  Input: lines, each an order: b begins an
 * element, a and n and the next line add an attribute, t adds text, c closes.
 * Whatever they are: a document is well-formed, says of texts and values what
 * they were and nothing more, or there is none.
 */
#include "base/json.h"
#include "twilio/twiml.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char *const elements[] = { "Say", "Gather", "Enqueue", "Task" };

static void
take_order(struct twiml *twiml, const char *order, struct input *lines, struct buffer *said)
{
	char *value = NULL;

	switch (order[0]) {
	case 'b':
		twiml_begin(twiml, elements[(unsigned char)order[1] % 4]);
		break;
	case 'a':
		value = input_line(lines);
		twiml_attribute(twiml, "action", value);
		buffer_add_text(said, value);
		break;
	case 'n':
		value = input_line(lines);
		twiml_number(twiml, "timeout", (int)strtol(value, NULL, 10));
		break;
	case 't':
		twiml_text(twiml, order + 1);
		buffer_add_text(said, order + 1);
		break;
	default:
		twiml_close(twiml);
		break;
	}
	free(value);
}

/* The character that an entity stands for; 0: none of those that XML knows by itself. */
static char
entity(const char *at, size_t *length)
{
	static const struct {
		const char *name;
		char        character;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
		{ "&#9;", '\t' }, { "&#10;", '\n' }, { "&#13;", '\r' } };

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		*length = strlen(entities[i].name);
		if (strncmp(at, entities[i].name, *length) == 0)
			return entities[i].character;
	}
	return '\0';
}

/* Reads text up to an end character, and adds what it says.  XML 1.0, 2.11 and 3.3.3: what readers change. */
static const char *
read_text(const char *at, char end, struct buffer *said)
{
	while (*at != '\0' && *at != end) {
		size_t length = 1;
		char character = *at == '&' ? entity(at, &length) : *at;

		property(*at != '<', "no text begins a tag");
		property(end != '"' || strchr("\t\r\n", *at) == NULL, "no value has what XML reads as a blank");
		property(*at != '\r', "no text has what XML reads as a line feed");
		property(character != '\0', "an & begins an entity");
		buffer_add(said, &character, 1);
		at += length;
	}
	return at;
}

/* Reads a tag behind its "<"; depth goes up and down with it. */
static const char *
read_tag(const char *at, int *depth, struct buffer *said)
{
	struct buffer number;
	bool closes = *at == '/';

	buffer_init(&number, 64);
	*depth += closes ? -1 : 1;
	at += closes;
	at += strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	while (*at == ' ') {
		bool counted = strncmp(at, " action=\"", 9) == 0;

		property(!closes && (counted || strncmp(at, " timeout=\"", 10) == 0),
		    "an attribute is one of those given");
		at = read_text(at + (counted ? 9 : 10), '"', counted ? said : &number);
		property(*at == '"', "a value ends");
		at++;
	}
	property(*at == '>', "a tag ends");
	buffer_free(&number);
	return at + 1;
}

static void
check_document(const char *document, const struct buffer *given)
{
	static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
	const char *at = document + sizeof(declaration) - 1;
	struct buffer said;
	int depth = 0;

	buffer_init(&said, TWIML_MAX_BYTES);
	property(strncmp(document, declaration, sizeof(declaration) - 1) == 0, "a document begins as XML does");
	property(json_utf8_valid(document, strlen(document)), "a document is UTF-8");
	property(strstr(document, "\xef\xbf\xbe") == NULL && strstr(document, "\xef\xbf\xbf") == NULL,
	    "a document has no character that XML has not");
	while (*at != '\0') {
		at = *at == '<' ? read_tag(at + 1, &depth, &said) : read_text(at, '<', &said);
		property(depth > 0 || *at == '\0', "a document has one root");
	}
	property(depth == 0, "what is opened is closed");
	property(strcmp(buffer_text(&said), buffer_text(given)) == 0, "it says what was given, and nothing more");
	buffer_free(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input lines = input_of(data, size);
	struct twiml twiml;
	struct buffer given;
	const char *document = NULL;

	buffer_init(&given, SIZE_MAX / 2);
	twiml_init(&twiml);
	while (lines.at < lines.end) {
		char *order = input_line(&lines);

		take_order(&twiml, order, &lines, &given);
		free(order);
	}
	document = twiml_end(&twiml);
	if (document != NULL)
		check_document(document, &given);
	twiml_free(&twiml);
	buffer_free(&given);
	return 0;
}
