/*
 * contact: whom is the agent talking to, and where may a code be sent?
 */
#ifndef CALLCENTER_CONTACT_H
#define CALLCENTER_CONTACT_H

#include "ledger/ledger.h"
#include "phone_number.h"
#include "refusal.h"
#include "twilio/taskrouter.h"

#include <stdbool.h>

struct turn;

struct contact {
	bool resolved;
	char interaction[LEDGER_KEY_SIZE];  /* call SID, else conversation SID, else task SID: survives a transfer */
	char address[TWILIO_ADDRESS_SIZE];  /* E.164, or an e-mail address; never logged */
	char to_id[LEDGER_ID_SIZE];         /* its keyed hash */
	char to_mask[PHONE_MASK_SIZE];
	bool by_email, by_whatsapp;         /* how the customer is in touch, if by these */
	struct taskrouter_task task;        /* filled if has_task */
	bool has_task;
	bool any_task;                      /* a supervisor need not hold it */
	bool by_supervision;                /* the task is not held by the agent, a supervisor */
};

/*
 * Fills turn->contact.  With CONTACT_SOURCE=task the task named in the request
 * is fetched, must be open and held by the agent (or he is a supervisor, and
 * SUPERVISOR_ANY_TASK=on), and its number counts; a number beside it must be
 * the same.  With CONTACT_SOURCE=request the number
 * in the request counts.  contact_free is due whatever the result.
 */
enum refusal contact_resolve(struct turn *turn);

/*
 * The same for what only supervisors do: of any open task, whatever
 * SUPERVISOR_ANY_TASK says.  by_supervision tells if he holds it himself.
 */
enum refusal contact_resolve_any(struct turn *turn);

/* May codes go to this contact by this channel? */
bool contact_channel_fits(const struct turn *turn, const char *channel);

void contact_free(struct contact *contact);

#endif
