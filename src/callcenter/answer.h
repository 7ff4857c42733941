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

struct turn;

/* Fills the response.  Takes what was released out of the turn. */
void answer_write(struct turn *turn, enum refusal refusal, struct response *response);

#endif
