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
	char phone[PHONE_NUMBER_SIZE];      /* E.164; neither is ever logged, and "" is none */
	char email[TWILIO_ADDRESS_SIZE];    /* on file, or in the request, and allowed */
	enum refusal phone_refusal;         /* why no code may go to the number; REFUSAL_NONE if one may */
	bool texts;                         /* the number may get texts */
	char to_id[LEDGER_ID_SIZE];         /* keyed hash of the number, of the e-mail address if there is none */
	char to_mask[PHONE_MASK_SIZE];      /* of the same */
	bool by_whatsapp;                   /* the customer is in touch by it */

	/* With CONTACT_SOURCE=customer. */
	struct json_object *record;         /* of the customer whom the code goes to, and whose data it opens */
	char customer_id[LEDGER_ID_SIZE];   /* keyed hash of its id; "" otherwise */
	bool caller_known, caller_matches;  /* the caller's number; is it the one on file? */

	struct taskrouter_task task;        /* filled if has_task */
	bool has_task;
	bool any_task;                      /* a supervisor need not hold it */
	bool by_supervision;                /* the task is not held by the agent, a supervisor */
};

/*
 * Fills turn->contact.  With CONTACT_SOURCE=task the task named in the request
 * is fetched, must be open and held by the agent (or he is a supervisor, and
 * SUPERVISOR_ANY_TASK=on), and its number counts; a number beside it must be
 * the same.  With CONTACT_SOURCE=customer so does not the task's number but
 * the one on file of the customer that the task leads to: whatever a task is
 * made to say, the code goes to the customer whose data it opens.  With
 * CONTACT_SOURCE=request the number in the request counts.  contact_free is
 * due whatever the result.
 */
enum refusal contact_resolve(struct turn *turn);

/*
 * The same for what only supervisors do: of any open task, whatever
 * SUPERVISOR_ANY_TASK says.  by_supervision tells if he holds it himself.
 */
enum refusal contact_resolve_any(struct turn *turn);

/*
 * Of a contact that the ledger knows by its last task: is the agent the one
 * who holds it?  by_supervision tells; a task that is gone is nobody's.
 */
enum refusal contact_find_holder(struct turn *turn, const char *task_sid);

/*
 * The same as contact_resolve for a call that no agent has yet, by what Twilio itself says of it.
 * There is no task; with CONTACT_SOURCE=customer the caller's number leads to
 * the customer.
 */
enum refusal contact_resolve_call(struct turn *turn, const char *call_sid, const char *from);

/*
 * The contact of a row, as far as the ledger knows it, for the record: without
 * its number, and the task only named.
 */
void contact_take_row(struct contact *contact, const struct ledger_verification *v);

/* May codes go to this contact by this channel?  If not, why? */
bool contact_channel_fits(const struct turn *turn, const char *channel);
enum refusal contact_channel_refusal(const struct turn *turn, const char *channel);

/* What a contact is known by, and its limits are counted by: the number, or the e-mail address if there is none. */
const char *contact_identity(const struct contact *contact);

/* A contact has up to two addresses: e-mail goes to one, all other channels to the number. */
bool contact_by_email(const char *channel);
const char *contact_address(const struct contact *contact, const char *channel);

/* The address that a verification's code went to, or NULL if that is not on file any more. */
const char *contact_address_of(const struct contact *contact, const struct ledger_verification *v);

void contact_free(struct contact *contact);

#endif
