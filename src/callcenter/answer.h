/*
 * answer: what a turn tells the client, in JSON.
 *
 * A superset of what the functions of Twilio Labs' plugin-verify answer, so
 * its client goes on working.  The number appears masked only.
 */
#ifndef CALLCENTER_ANSWER_H
#define CALLCENTER_ANSWER_H

#include "http/response.h"
#include "refusal.h"
#include "verification_state.h"

struct json_object;
struct turn;

/* Fills the response.  Takes what was released, and the view, out of the turn. */
void answer_write(struct turn *turn, enum refusal refusal, struct response *response);

/* How the turn's verification stands at a moment, its number's lock included, and until when that lock lasts. */
enum verification_state answer_state(const struct turn *turn, int64_t now);
int64_t                 answer_locked_until(const struct turn *turn);

/* Adds that to an object, with all that is told of a verification. */
void answer_add_state(struct json_object *object, const struct turn *turn, int64_t now);

/* Adds a time as ISO 8601 in UTC to the second; nothing for 0, which is never. */
void answer_add_time(struct json_object *object, const char *key, int64_t unix_ms);

#endif
