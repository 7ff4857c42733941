/*
 * rate_limits: the rate limits that the Verify service itself has, and what is
 * told to Twilio of a send for it to count.
 * https://www.twilio.com/docs/verify/api/programmable-rate-limits
 *
 * A word of RATE_LIMITS is NAME:SOURCE: the unique name of a RateLimit of the
 * service, and what is counted there.  Twilio sees keyed hashes only.
 */
#ifndef CALLCENTER_RATE_LIMITS_H
#define CALLCENTER_RATE_LIMITS_H

#include "base/buffer.h"

#include <stdbool.h>

#define RATE_LIMIT_NAME_SIZE 65

/* Of one send, in words of NAME:SOURCE. */
#define RATE_LIMITS_MAX 8

/* As many names and hashes, quoted. */
#define RATE_LIMITS_MAX_BYTES 1024

struct turn;

enum rate_limit_source {
	RATE_LIMIT_NUMBER,
	RATE_LIMIT_AGENT,
	RATE_LIMIT_INTERACTION,
	RATE_LIMIT_SYSTEM /* all sends of this installation together */
};

struct rate_limit {
	char                   name[RATE_LIMIT_NAME_SIZE]; /* letters, digits, "_", "-" and "." */
	enum rate_limit_source source;
};

/* Reads a word; false if it is none. */
bool rate_limit_read(const char *word, struct rate_limit *limit);

/* Is it one?  For the configuration. */
bool rate_limit_valid(const char *word);

/* What is wrong with words, which end with NULL, taken together; NULL: nothing. */
const char *rate_limits_fault(char *const *words, bool has_agents);

/* The words' JSON for the turn's send, {"flex_agent":"9f86d081884c7d65"}; nothing without words.  False: no memory. */
bool rate_limits_write(const struct turn *turn, struct buffer *out);

#endif
