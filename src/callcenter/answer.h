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

struct turn;

/* Fills the response.  Takes what was released out of the turn. */
void answer_write(struct turn *turn, enum refusal refusal, struct response *response);

/* How the turn's verification stands at a moment, its number's lock included, and until when that lock lasts. */
enum verification_state answer_state(const struct turn *turn, int64_t now);
int64_t                 answer_locked_until(const struct turn *turn);

#endif
