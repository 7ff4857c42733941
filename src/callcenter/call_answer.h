/*
 * call_answer: what Twilio is told to do next with a call: ask the caller for
 * the code, or hand him to the agents.
 *
 *   TwiML  Gather and, if nothing is keyed in, Enqueue; or Enqueue alone
 *   JSON   {"next":"ask","say":...,"try":1,"digits":6,...} or {"next":"agent","verified":true,...}
 */
#ifndef CALLCENTER_CALL_ANSWER_H
#define CALLCENTER_CALL_ANSWER_H

#include "call_request.h"
#include "http/response.h"

#include <stdbool.h>

struct turn;
struct twiml;

/* Seconds of silence after which the caller goes to an agent: a text takes some, and finding it, too. */
#define CALL_PATIENCE_S 20

struct call_answer {
	bool ask;                   /* for the code; else: to the agents */
	int  attempt;               /* which one the next code is */
	enum call_sentence sentence;
};

/* Fills the response; the result is in the turn's verification. */
void call_answer_write(const struct turn *turn, const struct call_request *call, const struct call_answer *answer,
    struct response *response);

/* Adds an Enqueue of the turn's call, with what is known of it. */
void call_answer_enqueue(struct twiml *twiml, const struct turn *turn);

#endif
