/*
 * call_api: one call of a task at Twilio, what it is told to do, and the
 * recordings of it.
 * https://www.twilio.com/docs/voice/api/call-resource
 * https://www.twilio.com/docs/voice/api/recording
 */
#ifndef SANDBOX_CALL_API_H
#define SANDBOX_CALL_API_H

struct exchange;

/* GET Calls/CA.json: of a customer, or of an agent. */
void call_api_fetch(struct exchange *exchange);

/* POST Calls/CA.json: Twiml, or Status=completed.  An agent's call that is told anything ends the conference. */
void call_api_update(struct exchange *exchange);

/* GET and POST Calls/CA/Recordings.json: those there are, or a new one. */
void call_api_list_recordings(struct exchange *exchange);
void call_api_record(struct exchange *exchange);

/* POST Calls/CA/Recordings/RE.json: Status, paused or in-progress. */
void call_api_update_recording(struct exchange *exchange);

#endif
