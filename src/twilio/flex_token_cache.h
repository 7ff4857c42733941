/*
 * flex_token_cache: tokens that Twilio called valid a moment ago, so that a
 * panel that asks every few seconds does not make Twilio do the same.
 *
 * Only "valid" is kept, for so short a time that an agent who signs out, or
 * whose rights are taken away, is one no longer than that.  A token that is
 * kept needs no Twilio, so a short outage there does not sign everybody out;
 * one that is not kept is never let through because of it.  Tokens themselves
 * are not kept: an entry is found by a code of the token that needs the key of
 * this process.
 */
#ifndef TWILIO_FLEX_TOKEN_CACHE_H
#define TWILIO_FLEX_TOKEN_CACHE_H

#include "flex_token.h"

/* The longest that a sign-out may take to be noticed. */
#define FLEX_TOKEN_CACHE_MAX_S 60

/* Agents at work at the same time; for more of them Twilio is asked more often. */
#define FLEX_TOKEN_CACHE_ENTRIES 1024

struct flex_token_cache; /* for the life of the process; shared by all threads */

/* Keeps each answer for this many seconds; 0 keeps none.  NULL: no memory, or no random numbers for the key. */
struct flex_token_cache *flex_token_cache_new(int seconds);
void                     flex_token_cache_free(struct flex_token_cache *cache);

/* The answer that is kept of a token, if its time is not over and the token has not expired. */
bool flex_token_cache_find(struct flex_token_cache *cache, const char *token, struct flex_token *answer);

/*
 * Keeps what Twilio said of a valid token, if need be in the place of the
 * oldest.  Its time counts from asked_ms, of clock_monotonic_ms(), when Twilio
 * was asked.
 */
void flex_token_cache_keep(struct flex_token_cache *cache, const char *token, const struct flex_token *answer,
    int64_t asked_ms);

/* As flex_token_validate, but asks Twilio only about a token of which no answer is kept, and keeps that one. */
enum twilio_result flex_token_cache_validate(struct flex_token_cache *cache, const struct twilio *twilio,
    const char *token, int64_t deadline_ms, struct flex_token *answer, struct twilio_trace *trace);

#endif
