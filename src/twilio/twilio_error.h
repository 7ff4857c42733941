/*
 * twilio_error: what went wrong at Twilio, and the table from Twilio's error
 * codes (https://www.twilio.com/docs/api/errors) to it.
 */
#ifndef TWILIO_TWILIO_ERROR_H
#define TWILIO_TWILIO_ERROR_H

#include <stdbool.h>

enum twilio_result {
	TWILIO_OK = 0,

	/* The network's or Twilio's fault. */
	TWILIO_UNREACHABLE,    /* no connection: nothing was asked */
	TWILIO_TIMED_OUT,      /* asked, but no answer in time: it may have acted */
	TWILIO_ANSWER_LOST,    /* connection broke: it may have acted */
	TWILIO_BAD_ANSWER,     /* an answer that is none of what was asked: it may have acted */
	TWILIO_FAILED,         /* 5xx: it may have acted */
	TWILIO_BUSY,           /* 20429: it did not act; try again in seconds */
	TWILIO_RATE_LIMITED,   /* 20429 by a rate limit of the Verify service: it did not act */

	/* The administrator's. */
	TWILIO_CREDENTIALS,    /* 20003, 70051 ...: key refused */
	TWILIO_SETUP,          /* service or request not as this program needs it */
	TWILIO_TEMPLATE,       /* message template */
	TWILIO_TRIAL,          /* trial account limits */

	/* The number's or the channel's. */
	TWILIO_BAD_PARAMETER,  /* 60200: number, code or locale not in a usable form */
	TWILIO_LANDLINE,       /* no texts on this line */
	TWILIO_NO_TEXTS,       /* not a mobile number, or unreachable for texts */
	TWILIO_OPTED_OUT,      /* the customer sent STOP */
	TWILIO_NUMBER_BLOCKED, /* fraud prevention, embargo */
	TWILIO_RANGE_BLOCKED,  /* Fraud Guard: texts to the range are off for hours */
	TWILIO_COUNTRY_BLOCKED,
	TWILIO_CHANNEL_OFF,
	TWILIO_CALLS_OFF,      /* calls not allowed here */
	TWILIO_NO_VOICE,       /* cannot speak that language */
	TWILIO_EMAIL_OFF,      /* e-mail integration missing or out of order */
	TWILIO_EMAIL_REFUSED,  /* that address cannot be used */
	TWILIO_WHATSAPP_OFF,

	/* The verification's. */
	TWILIO_TOO_MANY_CHECKS, /* 60202 */
	TWILIO_TOO_MANY_SENDS,  /* 60203 */
	TWILIO_SENDING_ALREADY, /* 60212: parallel starts for one number */
	TWILIO_NOT_FOUND,       /* 20404: no such thing, or not any more */
	TWILIO_CONFLICT,        /* 20409, 20412 */

	/* The agent's token. */
	TWILIO_TOKEN_INVALID,
	TWILIO_TOKEN_EXPIRED,

	TWILIO_REFUSED,         /* any other 4xx */
	TWILIO_NO_MEMORY        /* nothing was sent, or only a question */
};

/*
 * From an answer that is not 2xx.  code is the "code" member of the body, 0 if
 * there was none; then the HTTP status decides.
 */
enum twilio_result twilio_error_result(int http_status, int code);

/* May Twilio have acted although we have no usable answer? */
bool twilio_result_unclear(enum twilio_result result);

const char *twilio_result_name(enum twilio_result result);

#endif
