/*
 * verify_channel: the ways a code can go, the languages each can speak, and
 * what the customer reads or hears.
 */
#ifndef SANDBOX_VERIFY_CHANNEL_H
#define SANDBOX_VERIFY_CHANNEL_H

#include "base/buffer.h"

#include <stdbool.h>

struct verify_channel {
	const char *name;         /* as in the request */
	const char *attempt_name; /* as in send_code_attempts */
	bool        by_email;     /* the address is an e-mail address, else a phone number */
	const char *locales;      /* separated by a blank; NULL: it ignores them */
	int         bad_locale;   /* the error code for another one */
	int         disabled;     /* not 0: the error code that using it gives in this service */
};

/* NULL: Twilio has no such channel. */
const struct verify_channel *verify_channel_find(const char *name);

/* May To be this, for this channel? */
bool verify_channel_takes(const struct verify_channel *channel, const char *to);

/* Is there a text in that language?  A channel without locales ignores them. */
bool verify_channel_speaks(const struct verify_channel *channel, const char *locale);

/* Writes what arrives at the customer's. */
void verify_channel_message(const char *channel, const char *code, struct buffer *out);

#endif
