#include "reason.h"

#include "base/json.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* First and last of those that show nothing, or change the direction or the shape of what stands around them. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },
	{ 0x007f, 0x009f },
	{ 0x00ad, 0x00ad },
	{ 0x061c, 0x061c },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
	{ 0xe0000, 0xe007f },
};

static bool
shows(uint32_t character)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return false;
	return true;
}

/* The next character of valid UTF-8 (RFC 3629, 3). */
static uint32_t
next_character(const unsigned char **at)
{
	static const unsigned char first_bits[] = { 0x7f, 0x1f, 0x0f, 0x07 };
	size_t more = **at < 0x80 ? 0 : **at < 0xe0 ? 1 : **at < 0xf0 ? 2 : 3;
	uint32_t character = *(*at)++ & first_bits[more];

	for (; more > 0; more--)
		character = character << 6 | (*(*at)++ & 0x3f);
	return character;
}

static bool
all_show(const char *text, size_t *characters)
{
	const unsigned char *at = (const unsigned char *)text;

	for (*characters = 0; *at != '\0'; (*characters)++)
		if (!shows(next_character(&at)))
			return false;
	return true;
}

bool
reason_read(const char *text, char reason[LEDGER_NOTE_SIZE])
{
	size_t length = 0, characters = 0;

	reason[0] = '\0';
	text += strspn(text, " ");
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length >= LEDGER_NOTE_SIZE || !json_utf8_valid(text, length))
		return false;
	memcpy(reason, text, length);
	reason[length] = '\0';
	if (all_show(reason, &characters) && characters >= REASON_MIN_CHARS && characters <= REASON_MAX_CHARS)
		return true;
	reason[0] = '\0';
	return false;
}
