/*
 * conference_api: Twilio's conferences and their participants, as far as Flex
 * makes them of calls.
 * https://www.twilio.com/docs/voice/api/conference-resource
 * https://www.twilio.com/docs/voice/api/conference-participant-resource
 */
#ifndef SANDBOX_CONFERENCE_API_H
#define SANDBOX_CONFERENCE_API_H

struct exchange;

/* GET Conferences.json, by FriendlyName and Status. */
void conference_api_list(struct exchange *exchange);

/* GET and POST Conferences/CF/Participants/CA.json; of an update EndConferenceOnExit and Hold. */
void conference_api_fetch_participant(struct exchange *exchange);
void conference_api_update_participant(struct exchange *exchange);

#endif
