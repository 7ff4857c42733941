/*
 * call_twiml: what callers are told and asked, in TwiML.
 * https://www.twilio.com/docs/voice/twiml/gather
 */
#ifndef CALLCENTER_CALL_TWIML_H
#define CALLCENTER_CALL_TWIML_H

#include "call_words.h"
#include "http/response.h"
#include "twilio/twiml.h"

struct call_twiml_question {
	const char *action;     /* the address that gets the digits; NULL spoils the document */
	int         digits;
	int         patience_s; /* of silence, after which it is gone on */
	bool        or_nothing; /* the address gets it also if nothing is keyed in */
	enum call_language language;
	enum call_sentence sentence;
};

void call_twiml_say(struct twiml *twiml, enum call_language language, enum call_sentence sentence);
void call_twiml_gather(struct twiml *twiml, const struct call_twiml_question *question);

/* Ends the document and fills the response: with a 500 if it is unusable. */
void call_twiml_respond(struct twiml *twiml, struct response *response);

#endif
