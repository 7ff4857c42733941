/*
 * agent: who is asking, and what may he do?
 *
 * Twilio (a Flex token) or the web server (REMOTE_USER) says who it is and
 * the configuration what his roles let him do; the page says neither.
 */
#ifndef CALLCENTER_AGENT_H
#define CALLCENTER_AGENT_H

#include "ledger/ledger.h"
#include "refusal.h"
#include "twilio/taskrouter.h"
#include "twilio/twilio.h"
#include "verification_state.h"

#include <stdbool.h>

struct turn;

struct agent {
	bool identified;                  /* false with AGENT_AUTH=none: never sees customer data */
	bool may_verify, may_see, supervisor;
	char id[LEDGER_AGENT_SIZE];       /* on record: the worker's SID, or "user:" and the name; "" if unknown */
	char worker_sid[TWILIO_SID_SIZE]; /* "": Twilio knows the agent's worker by the name below */
	char name[TWILIO_NAME_SIZE];      /* for display, "" if unknown */
};

/*
 * Fills turn->agent.
 *
 * AGENT_AUTH=flex: from the token in the Authorization header or the field
 * Token.  Twilio must call it valid, now or within TOKEN_CACHE_SECONDS, and
 * name a worker; the token's roles count.  Tokens of web chat guests are valid
 * too and are refused, whatever else they are.
 *
 * AGENT_AUTH=webserver: from REMOTE_USER, which only the web server can set.
 * Who is named in SUPERVISORS has the role supervisor, everybody else agent.
 *
 * Who has no role that lets him do anything is refused.
 */
enum refusal agent_identify(struct turn *turn);

/* REFUSAL_AGENT_NOT_ALLOWED unless the agent may send and check codes. */
enum refusal agent_may_verify(struct turn *turn);

/* The same, unless he is a supervisor. */
enum refusal agent_may_supervise(struct turn *turn);

/* Is this id of a record the agent's?  Of nobody's, who did not sign in. */
bool agent_is(const struct agent *agent, const char *id);

/* The agent as a row of the ledger names who acts; borrowed from the agent. */
struct verification_actor agent_actor(const struct agent *agent);

/* The agent as TaskRouter knows him; borrowed from the agent. */
struct taskrouter_worker agent_worker(const struct agent *agent);

#endif
