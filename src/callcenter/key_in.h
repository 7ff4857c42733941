/*
 * key_in: the caller keys in the code that is out while the agent stays on: the
 * agent never has it, nor has the recording of the conference.
 *
 * The caller's leg leaves the conference for a document of TwiML that asks for
 * the code, and its last verb dials into the conference again.  This is the
 * one way that Twilio has for it: what a participant on hold hears (HoldUrl) may
 * Play, Say, Pause and Redirect, and not Gather
 * (https://www.twilio.com/docs/voice/api/conference-participant-resource); a
 * call under way can be given any TwiML
 * (https://www.twilio.com/docs/voice/api/call-resource).  So that the agent is
 * not thrown out with the caller, the leg is told before not to end the
 * conference (EndConferenceOnExit=false), and told to again as it dials in.
 *
 * Twilio says which leg is the caller's, not the page and not the task: the
 * conference is the one under way with the task's SID for a name, which nobody
 * who works with a task can give to another's, and the leg in it is a call that
 * came in, the one that the verification is of.
 *
 * While it lasts, at most KEY_IN_MS, nobody else sends or checks a code of the
 * contact, and what is keyed in is checked as if the agent who asked had entered
 * it: with the same limits and lost answers, and on record as his.  Each try
 * has an id, which is used up by its check: an answer that comes again counts
 * for nothing.  Whatever goes wrong, the caller is back with the agent.
 */
#ifndef CALLCENTER_KEY_IN_H
#define CALLCENTER_KEY_IN_H

#include "http/response.h"
#include "refusal.h"

#include <stdbool.h>

/* Time for three tries, after which nothing that is keyed in counts. */
#define KEY_IN_MS 120000

struct call_request;
struct turn;

/* Can the caller of the contact be asked, as far as that is known without Twilio? */
bool key_in_possible(const struct turn *turn);

/* Has the caller asked for the code that is out. */
enum refusal key_in_ask(struct turn *turn);

/* Brings the caller back before he has answered. */
enum refusal key_in_bring_back(struct turn *turn);

/* A step: if the caller is being asked, is he still there?  Who hung up is not waited for. */
enum refusal key_in_look(struct turn *turn);

/* What the caller keyed in: checks it, and fills the response with what his leg does next. */
enum refusal key_in_answer(struct turn *turn, const struct call_request *call, struct response *response);

/* The asking of a row is over, if it was not before; that goes on record, with the outcome. */
enum refusal key_in_end(struct turn *turn, const char *row_id, const char *outcome);

#endif
