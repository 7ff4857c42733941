#include "tap_words.h"

#include "call_words.h"
#include "dialing_codes.h"
#include "turn.h"

#include <string.h>

#define LOCALE_MAX_CHARS 11

/* By what the contact is; between the company's name and the link. */
static const struct {
	const char *call, *written;
} questions[CALL_LANGUAGE__MAX] = {
	[CALL_ENGLISH] = { "are you on a call with us now? Say yes or no",
	    "are you writing with us now? Say yes or no" },
	[CALL_SPANISH] = { "¿habla por teléfono con nosotros ahora? Diga si o no",
	    "¿nos escribe usted ahora? Diga si o no" },
};

bool
tap_words_locale_known(const char *locale)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return locale == NULL || (strlen(locale) <= LOCALE_MAX_CHARS && locale[strspn(locale, characters)] == '\0');
}

bool
tap_words_is_call(const char *interaction)
{
	return strncmp(interaction, "CA", 2) == 0;
}

static enum call_language
language_of(const struct turn *turn)
{
	const char *locale = turn_field(turn, "locale");

	if (locale == NULL)
		return call_words_of_country(dialing_codes_country(turn->contact.phone), CALL_ENGLISH);
	return strncmp(locale, "es", 2) == 0 && (locale[2] == '\0' || locale[2] == '-') ? CALL_SPANISH : CALL_ENGLISH;
}

bool
tap_words_text(const struct turn *turn, const char *token, struct buffer *body)
{
	const struct settings *settings = &turn->app->settings;
	enum call_language language = language_of(turn);
	const char *question = tap_words_is_call(turn->contact.interaction) ? questions[language].call :
									     questions[language].written;

	return buffer_printf(body, "%s: %s: %s#%s", settings->company_name, question, settings->approval_url, token);
}
