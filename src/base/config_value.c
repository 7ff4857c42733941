#include "config_value.h"

#include "secret.h"

#include <stdlib.h>
#include <string.h>

void
config_value_describe(const struct config_key *key, struct buffer *out)
{
	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_WORDS:
		buffer_add_text(out, key->expected != NULL ? key->expected : "a value");
		break;
	case CONFIG_NUMBER:
		buffer_printf(out, "%s from %d to %d",
		    key->expected != NULL ? key->expected : "a whole number", key->min, key->max);
		break;
	case CONFIG_SWITCH:
		buffer_add_text(out, "on or off");
		break;
	case CONFIG_CHOICE:
		buffer_add_text(out, "one of");
		for (const char *const *choice = key->choices; *choice != NULL; choice++)
			buffer_printf(out, " %s", *choice);
		break;
	}
}

static void *
member_of(const struct config_key *key, void *settings)
{
	return (char *)settings + key->offset;
}

static enum config_value_result
set_text(const struct config_key *key, void *settings, const char *value)
{
	char **text = member_of(key, settings);
	bool empty_by_default = key->default_value != NULL && *key->default_value == '\0';

	if (*value == '\0')
		return empty_by_default || key->may_be_empty ? CONFIG_VALUE_OK : CONFIG_VALUE_UNEXPECTED;
	if (key->valid != NULL && !key->valid(value))
		return CONFIG_VALUE_UNEXPECTED;
	*text = strdup(value);
	return *text != NULL ? CONFIG_VALUE_OK : CONFIG_VALUE_NO_MEMORY;
}

/* Plain decimal: no sign but "-", and no leading zero that somebody could mean as octal. */
static bool
is_decimal(const char *value)
{
	const char *digits = value[0] == '-' ? value + 1 : value;
	size_t count = strspn(digits, "0123456789");

	return count > 0 && digits[count] == '\0' && (digits[0] != '0' || count == 1);
}

static enum config_value_result
set_number(const struct config_key *key, void *settings, const char *value)
{
	int *number = member_of(key, settings);
	long long parsed = 0;

	if (!is_decimal(value))
		return CONFIG_VALUE_UNEXPECTED;
	/* Beyond its range strtoll answers with the nearest end of it, which no int reaches. */
	parsed = strtoll(value, NULL, 10);
	if (parsed < key->min || parsed > key->max)
		return CONFIG_VALUE_UNEXPECTED;
	*number = (int)parsed;
	return CONFIG_VALUE_OK;
}

static enum config_value_result
set_switch(const struct config_key *key, void *settings, const char *value)
{
	bool *on = member_of(key, settings);

	*on = strcmp(value, "on") == 0;
	return *on || strcmp(value, "off") == 0 ? CONFIG_VALUE_OK : CONFIG_VALUE_UNEXPECTED;
}

static enum config_value_result
set_choice(const struct config_key *key, void *settings, const char *value)
{
	int *index = member_of(key, settings);

	for (int i = 0; key->choices[i] != NULL; i++) {
		if (strcmp(value, key->choices[i]) != 0)
			continue;
		*index = i;
		return CONFIG_VALUE_OK;
	}
	return CONFIG_VALUE_UNEXPECTED;
}

/* The length of the word at the start of value, behind any blanks, which are skipped. */
static size_t
next_word(const char **value)
{
	*value += strspn(*value, " \t");
	return strcspn(*value, " \t");
}

static int
count_words(const char *value)
{
	int count = 0;

	for (size_t length = 0; (length = next_word(&value)) > 0; value += length)
		count++;
	return count;
}

static enum config_value_result
set_words(const struct config_key *key, void *settings, const char *value)
{
	char ***words = member_of(key, settings);
	int count = count_words(value);
	int filled = 0;

	if (count < key->min || (key->max > 0 && count > key->max) ||
	    (count == 0 && key->default_value == NULL))
		return CONFIG_VALUE_UNEXPECTED;
	*words = calloc((size_t)count + 1, sizeof(**words));
	if (*words == NULL)
		return CONFIG_VALUE_NO_MEMORY;
	for (size_t length = 0; (length = next_word(&value)) > 0; value += length) {
		char *word = strndup(value, length);

		if (word == NULL)
			return CONFIG_VALUE_NO_MEMORY;
		(*words)[filled++] = word;
		if (key->valid != NULL && !key->valid(word))
			return CONFIG_VALUE_UNEXPECTED;
	}
	return CONFIG_VALUE_OK;
}

enum config_value_result
config_value_set(const struct config_key *key, void *settings, const char *value)
{
	switch (key->type) {
	case CONFIG_TEXT:
		return set_text(key, settings, value);
	case CONFIG_NUMBER:
		return set_number(key, settings, value);
	case CONFIG_SWITCH:
		return set_switch(key, settings, value);
	case CONFIG_CHOICE:
		return set_choice(key, settings, value);
	case CONFIG_WORDS:
		return set_words(key, settings, value);
	}
	return CONFIG_VALUE_UNEXPECTED;
}

static void
free_text(char *text)
{
	if (text != NULL)
		secret_wipe(text, strlen(text));
	free(text);
}

static void
free_words(char **words)
{
	for (char **word = words; word != NULL && *word != NULL; word++)
		free_text(*word);
	free(words);
}

void
config_value_free(const struct config_key *key, void *settings)
{
	switch (key->type) {
	case CONFIG_TEXT:
		free_text(*(char **)member_of(key, settings));
		*(char **)member_of(key, settings) = NULL;
		break;
	case CONFIG_WORDS:
		free_words(*(char ***)member_of(key, settings));
		*(char ***)member_of(key, settings) = NULL;
		break;
	case CONFIG_NUMBER:
	case CONFIG_CHOICE:
		*(int *)member_of(key, settings) = 0;
		break;
	case CONFIG_SWITCH:
		*(bool *)member_of(key, settings) = false;
		break;
	}
}
