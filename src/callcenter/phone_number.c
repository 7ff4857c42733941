#include "phone_number.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MIN 7 /* the shortest international numbers in use */
#define DIGITS_MAX 15
#define EMAIL_MAX_BYTES 254

bool
phone_number_normalise(const char *text, char number[PHONE_NUMBER_SIZE])
{
	size_t digits = 0;

	if (*text != '+' && *text != ' ')
		return false;
	if (strstr(text, "(0)") != NULL)
		return false;
	number[0] = '+';
	for (const char *c = text + 1; *c != '\0'; c++) {
		if (*c >= '0' && *c <= '9') {
			if (digits == DIGITS_MAX)
				return false;
			number[++digits] = *c;
		} else if (strchr(" -.()", *c) == NULL || digits == 0) {
			return false;
		}
	}
	number[digits + 1] = '\0';
	return digits >= DIGITS_MIN && number[1] != '0';
}

bool
phone_number_withheld(const char *number)
{
	static const char *const spelled[] = {
		"+266696687",   /* ANONYMOUS */
		"+7378742833",  /* RESTRICTED */
		"+2562533",     /* BLOCKED */
		"+8656696",     /* UNKNOWN */
		"+86282452253", /* UNAVAILABLE */
		NULL
	};

	for (const char *const *word = spelled; *word != NULL; word++)
		if (strcmp(number, *word) == 0)
			return true;
	return false;
}

bool
phone_number_is_email(const char *text)
{
	const char *at = strchr(text, '@');
	size_t length = strlen(text);

	if (at == NULL || at == text || strchr(at + 1, '@') != NULL || length > EMAIL_MAX_BYTES)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (!isgraph((unsigned char)*c) || strchr("<>()[],;:\\\"", *c) != NULL)
			return false;
	return at[1] != '.' && strchr(at + 1, '.') != NULL && text[length - 1] != '.';
}

void
phone_number_mask(const char *address, char mask[PHONE_MASK_SIZE])
{
	const char *at = strchr(address, '@');
	size_t length = strlen(address), shown = 0;

	if (at != NULL) {
		snprintf(mask, PHONE_MASK_SIZE, "%c***%s", address[0], at);
		return;
	}
	snprintf(mask, PHONE_MASK_SIZE, "%s", address);
	/* Country codes have one (+1, +7) to three digits; two never show more than one. */
	shown = length > 1 && (address[1] == '1' || address[1] == '7') ? 2 : 3;
	for (size_t i = shown; i + 2 < length; i++)
		mask[i] = '*';
}
