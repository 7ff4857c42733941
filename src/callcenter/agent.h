/*
 * agent: who is asking, and may he verify callers?
 */
#ifndef CALLCENTER_AGENT_H
#define CALLCENTER_AGENT_H

#include "refusal.h"
#include "twilio/twilio.h"

#include <stdbool.h>

struct turn;

struct agent {
	bool identified;                   /* false with AGENT_AUTH=none: never sees customer data */
	char worker_sid[TWILIO_SID_SIZE];  /* "" unless identified */
	char name[TWILIO_NAME_SIZE];       /* for display, "" if unknown */
};

/*
 * Fills turn->agent from the token in the Authorization header or the field
 * Token.  With AGENT_AUTH=flex Twilio must call the token valid, and name a
 * worker and one of the roles agent, supervisor, admin; tokens of web chat
 * guests are valid too and are refused.
 */
enum refusal agent_identify(struct turn *turn);

#endif
