#include "verify_channel.h"

#include "identity.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* https://www.twilio.com/docs/verify/supported-languages */
#define SMS_LOCALES                                                                          \
	"af ar ca zh zh-HK zh-CN hr cs da nl en et fi fr de el he hi hu id it ja kn ko lt ms mr " \
	"nb pl pt pt-BR ro ru sk es sv tl te th tr uk vi"
#define CALL_LOCALES \
	"ca zh zh-HK zh-CN da nl en en-GB fi fr de it ja ko nb pl pt pt-BR ru es sv"
#define WHATSAPP_LOCALES                                                                     \
	"af sq ar az bn bg ca zh zh-CN zh-HK zh-TW hr cs da nl en en-GB en-US et fil fi fr ka "  \
	"de el gu ha he hi hu id ga it ja kn kk rw ko ky lo lv lt mk ms ml mr nb fa pl pt pt-BR " \
	"pt-PT pa ro ru sr sk sl es es-AR es-ES es-MX sw sv ta te th tr uk ur uz vi zu"

static const struct verify_channel channels[] = {
	{ "sms", "SMS", false, SMS_LOCALES, 60200, 0 },
	{ "call", "CALL", false, CALL_LOCALES, 60331, 0 },
	{ "whatsapp", "whatsapp", false, WHATSAPP_LOCALES, 60200, 0 },
	{ "email", "EMAIL", true, NULL, 0, 0 },
	/* Both want an agreement with Twilio, which this account does not have. */
	{ "sna", "sna", false, NULL, 0, 60223 },
	{ "auto", "auto", false, NULL, 0, 60200 },
};

const struct verify_channel *
verify_channel_find(const char *name)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++)
		if (strcmp(channels[i].name, name) == 0)
			return &channels[i];
	return NULL;
}

static bool
is_number(const char *to)
{
	size_t digits = to[0] == '+' ? strspn(to + 1, "0123456789") : 0;

	return digits >= 7 && digits <= 15 && to[1] != '0' && to[1 + digits] == '\0';
}

static bool
is_email(const char *to)
{
	const char *at = strchr(to, '@');

	return at != NULL && at != to && strchr(at + 1, '.') != NULL &&
	    strchr(at + 1, '@') == NULL && strlen(to) <= 254 && strpbrk(to, " <>\"") == NULL;
}

bool
verify_channel_takes(const struct verify_channel *channel, const char *to)
{
	return channel->by_email ? is_email(to) : is_number(to);
}

bool
verify_channel_speaks(const struct verify_channel *channel, const char *locale)
{
	const char *word = channel->locales;
	size_t length = strlen(locale);

	if (word == NULL)
		return true;
	for (; *word != '\0'; word += strspn(word, " ")) {
		if (strcspn(word, " ") == length && strncasecmp(word, locale, length) == 0)
			return true;
		word += strcspn(word, " ");
	}
	return false;
}

void
verify_channel_message(const char *channel, const char *code, struct buffer *out)
{
	bool spoken = strcmp(channel, "call") == 0;

	buffer_add_text(out, spoken ? "Hello. Your " SANDBOX_SERVICE_NAME " verification code is: "
	    : "Your " SANDBOX_SERVICE_NAME " verification code is: ");
	if (!spoken) {
		buffer_add_text(out, code);
		return;
	}
	for (const char *digit = code; *digit != '\0'; digit++)
		buffer_printf(out, "%c%s", *digit, digit[1] == '\0' ? "." : ", ");
}
