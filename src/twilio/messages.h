/*
 * messages: texts of our own words, by Programmable Messaging.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
#ifndef TWILIO_MESSAGES_H
#define TWILIO_MESSAGES_H

#include "twilio.h"

struct message {
	const char *service_sid, *from; /* the sender: one of them, the other NULL */
	const char *to;                 /* E.164 */
	const char *body;               /* UTF-8, at most 1600 characters */
	int         valid_s;            /* how long it may wait in Twilio's queue: what comes later is of no use */
};

/*
 * TWILIO_OK: Twilio took the text; whether it arrives, nobody says here.
 * Never repeated: an answer that was lost may have left a text.
 */
enum twilio_result messages_send(const struct twilio *twilio, const struct message *message, int64_t deadline_ms,
    struct twilio_trace *trace);

#endif
