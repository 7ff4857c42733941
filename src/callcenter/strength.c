#include "strength.h"

#include "base/clock.h"
#include "turn.h"

#include <string.h>

const char *const strength_ways[] = { "sms", "call", "whatsapp", "email", PIN_CHANNEL, CALLBACK_CHANNEL,
	TAP_CHANNEL, NULL };

/* The strength that a word gives to a way; 0: it gives none to this one. */
static int
read_word(const char *word, const char *way)
{
	size_t length = strlen(way);
	int strength = 0;

	if (strncmp(word, way, length) != 0 || word[length] != ':' || word[length + 1] == '\0' ||
	    word[length + 2] != '\0')
		return 0;
	strength = word[length + 1] - '0';
	return strength >= STRENGTH_MIN && strength <= STRENGTH_MAX ? strength : 0;
}

bool
strength_valid(const char *word)
{
	for (const char *const *way = strength_ways; *way != NULL; way++)
		if (read_word(word, *way) > 0)
			return true;
	return false;
}

int
strength_of(char *const *words, const char *way)
{
	for (; *words != NULL; words++) {
		int strength = read_word(*words, way);

		if (strength > 0)
			return strength;
	}
	return strcmp(way, CALLBACK_CHANNEL) == 0 || strcmp(way, TAP_CHANNEL) == 0 ? 0 : STRENGTH_MIN;
}

bool
strength_proven(const struct turn *turn, const char *checked_by, int *strength)
{
	const struct contact *contact = &turn->contact;
	int64_t now = clock_now_ms();

	*strength = 0;
	for (const char *const *way = strength_ways; *way != NULL; way++) {
		int of_way = strength_of(turn->app->settings.strengths, *way);
		bool approved = false;

		if (of_way <= *strength) /* it would add nothing */
			continue;
		if (ledger_approved_by(turn->app->ledger, contact->interaction, contact->to_id, contact->customer_id,
			checked_by, *way, now, &approved) != LEDGER_OK)
			return false;
		if (approved)
			*strength = of_way;
	}
	return true;
}
