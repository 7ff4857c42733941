/*
 * customer_lookup: asks the company's customer look-up (CUSTOMER_LOOKUP_URL)
 * for a customer's record.
 */
#ifndef CALLCENTER_CUSTOMER_LOOKUP_H
#define CALLCENTER_CUSTOMER_LOOKUP_H

#include "phone_number.h"
#include "refusal.h"
#include "twilio/twilio.h"

#include <stdint.h>

struct json_object;
struct turn;

#define CUSTOMER_ID_SIZE 129

/*
 * Asks about the customer with this number or this id, whichever are not NULL.
 * On REFUSAL_NONE *record is the caller's to free; NULL if the look-up knows
 * nobody (404), or there is no look-up.  It only reads, so it is asked once more
 * when the connection breaks, as happens when its server has just closed a kept one.
 */
enum refusal customer_lookup(struct turn *turn, const char *phone, const char *customer, struct json_object **record);

/* Of a record, what a code can be sent to.  Text members are "" where the record has none that can be used. */
struct customer_on_file {
	char    id[CUSTOMER_ID_SIZE];
	char    phone[PHONE_NUMBER_SIZE];   /* E.164 */
	char    email[TWILIO_ADDRESS_SIZE];
	bool    texts;                      /* the number may get texts: it is a mobile one, or nobody knows */
	int64_t phone_changed_at, email_changed_at; /* Unix ms; 0: not known, so long ago */
};

/*
 * Reads a record's members id, phone, phone_type, email, phone_changed_at and
 * email_changed_at.  False: without an id, or with a time that is none, the
 * record cannot be relied on.
 */
bool customer_lookup_read(struct json_object *record, struct customer_on_file *on_file);

#endif
