/*
 * key_in_twiml: what a caller's leg is told while an agent stays on.
 */
#ifndef CALLCENTER_KEY_IN_TWIML_H
#define CALLCENTER_KEY_IN_TWIML_H

#include "call_words.h"
#include "twilio/twiml.h"

#include <stdbool.h>

struct settings;

/* Seconds of silence after which the caller is back with the agent: the text has come already. */
#define KEY_IN_PATIENCE_S 15

/* One asking; all borrowed. */
struct key_in_question {
	const char *row_id;    /* of the verification */
	const char *asking_id; /* of this one try */
	const char *task_sid;  /* the agent's, and the conference's name */
	bool        ends_conference; /* when the caller's leg leaves it */
	int         attempt;   /* of CALL_TRIES_MAX, from 1 */
	enum call_language language;
	enum call_sentence sentence;
};

/* Asks for the code; what is keyed in, or nothing, goes to verify-call, in the body. */
void key_in_twiml_ask(struct twiml *twiml, const struct settings *settings, const struct key_in_question *question);

/* Puts the caller back into the conference, as he was in it before. */
void key_in_twiml_back(struct twiml *twiml, const char *task_sid, bool ends_conference);

#endif
