/*
 * refusal: why a request was not done, in the words of this product.
 *
 * The one table from a reason to HTTP status, stable code and a sentence that
 * an agent on a live call can act on.
 */
#ifndef CALLCENTER_REFUSAL_H
#define CALLCENTER_REFUSAL_H

#include "http/form.h"
#include "http/request.h"
#include "twilio/twilio_error.h"

enum refusal {
	REFUSAL_NONE = 0,

	/* The request itself. */
	REFUSAL_INCOMPLETE_REQUEST,
	REFUSAL_MALFORMED_REQUEST,
	REFUSAL_UNKNOWN_FIELD,
	REFUSAL_REPEATED_FIELD,
	REFUSAL_MISSING_PARAMETER,
	REFUSAL_QUERY_NOT_ALLOWED,
	REFUSAL_METHOD_NOT_ALLOWED,
	REFUSAL_BODY_TOO_LARGE,
	REFUSAL_UNSUPPORTED_MEDIA_TYPE,
	REFUSAL_TOKEN_TOO_LONG,
	REFUSAL_ORIGIN_NOT_ALLOWED,
	REFUSAL_INVALID_TASK,
	REFUSAL_INVALID_NUMBER,
	REFUSAL_INVALID_CHANNEL,
	REFUSAL_INVALID_LOCALE,
	REFUSAL_INVALID_ACTION,
	REFUSAL_INVALID_CODE,

	/* The agent. */
	REFUSAL_AGENT_NOT_SIGNED_IN,
	REFUSAL_AGENT_SESSION_EXPIRED,
	REFUSAL_AGENT_NOT_ALLOWED,
	REFUSAL_SIGN_IN_UNAVAILABLE,
	REFUSAL_NOT_YOUR_TASK,

	/* The contact. */
	REFUSAL_TASK_NOT_FOUND,
	REFUSAL_TASK_CLOSED,
	REFUSAL_TASK_UNAVAILABLE,
	REFUSAL_NO_NUMBER,
	REFUSAL_NUMBER_MISMATCH,
	REFUSAL_CHANNEL_NOT_ALLOWED,

	/* The verification. */
	REFUSAL_VERIFICATION_BUSY,
	REFUSAL_NO_PENDING_CODE,
	REFUSAL_ALREADY_APPROVED,
	REFUSAL_CODE_EXPIRED,
	REFUSAL_WRONG_CODE,
	REFUSAL_TOO_MANY_CHECKS,
	REFUSAL_TOO_MANY_SENDS,
	REFUSAL_RESULT_UNCLEAR,
	REFUSAL_RESEND_TOO_SOON,
	REFUSAL_AGENT_LIMIT,
	REFUSAL_SYSTEM_LIMIT,

	/* The number or the channel, by Twilio's word. */
	REFUSAL_NUMBER_NOT_USABLE,
	REFUSAL_LANDLINE,
	REFUSAL_NO_TEXTS,
	REFUSAL_OPTED_OUT,
	REFUSAL_NUMBER_BLOCKED,
	REFUSAL_RANGE_BLOCKED,
	REFUSAL_COUNTRY_BLOCKED,
	REFUSAL_CHANNEL_OFF,
	REFUSAL_CALLS_OFF,
	REFUSAL_NO_VOICE,
	REFUSAL_EMAIL_OFF,
	REFUSAL_EMAIL_REFUSED,
	REFUSAL_WHATSAPP_OFF,

	/* Twilio, the customer look-up, and this host. */
	REFUSAL_TWILIO_UNREACHABLE,
	REFUSAL_TWILIO_TIMED_OUT,
	REFUSAL_ANSWER_LOST,
	REFUSAL_TWILIO_BAD_ANSWER,
	REFUSAL_TWILIO_FAILED,
	REFUSAL_TWILIO_BUSY,
	REFUSAL_TWILIO_LIMIT,
	REFUSAL_TWILIO_CREDENTIALS,
	REFUSAL_TWILIO_SETUP,
	REFUSAL_TWILIO_TRIAL,
	REFUSAL_TWILIO_REFUSED,
	REFUSAL_CUSTOMER_LOOKUP_FAILED,
	REFUSAL_LEDGER_UNAVAILABLE,
	REFUSAL_INTERNAL_ERROR,

	REFUSAL__MAX
};

struct refusal_text {
	int         status;  /* HTTP status */
	const char *code;    /* stable: clients may compare it */
	const char *message; /* for the agent: what is the matter and what to do */
};

/* The table's row; refusal is not REFUSAL_NONE. */
const struct refusal_text *refusal_text(enum refusal refusal);

/* What a failure of a lower layer means here.  Success is REFUSAL_NONE. */
enum refusal refusal_of_request(enum request_result result);
enum refusal refusal_of_form(enum form_result result);
enum refusal refusal_of_twilio(enum twilio_result result);

#endif
