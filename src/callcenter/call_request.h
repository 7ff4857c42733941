/*
 * call_request: what Twilio asks about a call that no agent has yet.
 *
 * A form, as from the webhook of a telephone number, is answered in TwiML; a
 * JSON object of the same names, as from Studio's Make HTTP Request, in JSON.
 * Nothing is believed that Twilio did not sign.
 */
#ifndef CALLCENTER_CALL_REQUEST_H
#define CALLCENTER_CALL_REQUEST_H

#include "call_words.h"
#include "http/form.h"
#include "refusal.h"

#include <stdbool.h>

/* Codes that a caller may key in before an agent has the call again; limits of the number may end it earlier. */
#define CALL_TRIES_MAX 3

struct turn;

struct call_request {
	struct form query, fields; /* what the members point into */
	bool        json;
	bool        keyed; /* this is the answer to a question for the code; else the call begins */
	bool        asked; /* by an agent who stays on, see key_in.h; then it is keyed, too */
	const char *row_id, *asking_id, *task_sid; /* of such an asking: its row, its id, and the agent's task */
	int         attempt; /* of CALL_TRIES_MAX, from 1 */
	const char *call_sid, *from;
	const char *digits; /* "": none were keyed in */
	enum call_language language;
};

/*
 * Reads turn->request.  The query has step=code and try=1 to 3 for what was
 * keyed in, and language, without which it is the one of the caller's country.
 * With step=asked it is all that key_in_twiml.c has put there.
 * call_request_free is due whatever the result.
 */
enum refusal call_request_read(struct turn *turn, struct call_request *call);

void call_request_free(struct call_request *call);

#endif
