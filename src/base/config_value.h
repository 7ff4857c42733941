/*
 * config_value: one value of a configuration, as its key's row says: read into its
 * member of the settings, described, freed.  Private to config.
 */
#ifndef BASE_CONFIG_VALUE_H
#define BASE_CONFIG_VALUE_H

#include "buffer.h"
#include "config.h"

enum config_value_result {
	CONFIG_VALUE_OK,
	CONFIG_VALUE_UNEXPECTED, /* not as config_value_describe says */
	CONFIG_VALUE_NO_MEMORY
};

/* Whatever the result, config_value_free takes away what is in the member then. */
enum config_value_result config_value_set(const struct config_key *key, void *settings, const char *value);

/* Adds what a value has to be, for people. */
void config_value_describe(const struct config_key *key, struct buffer *out);

/* Wipes and frees the value, and makes its member zero. */
void config_value_free(const struct config_key *key, void *settings);

#endif
