#include "key_in_leg.h"

#include "base/log.h"
#include "key_in_twiml.h"
#include "turn.h"
#include "twilio/recordings.h"
#include "twilio/voice_calls.h"

#include <stdio.h>
#include <string.h>

#define ENDS  "ends"
#define STAYS "stays"

_Static_assert(sizeof(STAYS) + TWILIO_SID_SIZE <= KEY_IN_NOTE_SIZE, "a note has room for all of it");

/* Of a question, which changes nothing. */
static enum refusal
refusal_of(enum twilio_result result)
{
	if (result == TWILIO_OK)
		return REFUSAL_NONE;
	return result == TWILIO_NOT_FOUND || result == TWILIO_CONFLICT ? REFUSAL_NO_CONFERENCE :
									 REFUSAL_CALLS_UNAVAILABLE;
}

enum refusal
key_in_leg_find(struct turn *turn, struct key_in_leg *leg)
{
	const struct twilio *twilio = &turn->app->twilio;
	const char *call_sid = turn->contact.interaction;
	char conference_sid[TWILIO_SID_SIZE];
	enum twilio_result result = conference_find(twilio, turn->contact.task.sid, turn->deadline_ms, conference_sid,
	    &turn->trace);

	memset(leg, 0, sizeof(*leg));
	if (result == TWILIO_OK)
		result = conference_caller(twilio, conference_sid, call_sid, turn->deadline_ms, &leg->conference,
		    &turn->trace);
	if (result == TWILIO_OK)
		result = recordings_running(twilio, call_sid, turn->deadline_ms, leg->recording_sid, &turn->trace);
	return refusal_of(result);
}

static enum twilio_result
pause_recording(struct turn *turn, const struct key_in_leg *leg, bool paused)
{
	if (leg->recording_sid[0] == '\0')
		return TWILIO_OK;
	return recordings_pause(&turn->app->twilio, leg->conference.call_sid, leg->recording_sid, paused,
	    turn->deadline_ms, &turn->trace);
}

static enum twilio_result
end_conference_with(struct turn *turn, const struct key_in_leg *leg, bool ends)
{
	return conference_end_with(&turn->app->twilio, &leg->conference, ends, turn->deadline_ms, &turn->trace);
}

/* The trace stays that of what failed. */
static void
undo(struct turn *turn, const struct key_in_leg *leg)
{
	const struct twilio_trace trace = turn->trace;

	if (leg->conference.ends_conference)
		(void)end_conference_with(turn, leg, true);
	key_in_leg_record_again(turn, leg);
	turn->trace = trace;
}

/* The call is over, or does not take the document: the caller is where he was. */
static enum refusal
refusal_of_redirect(enum twilio_result result)
{
	if (result == TWILIO_OK)
		return REFUSAL_NONE;
	if (twilio_result_unclear(result))
		return REFUSAL_KEY_IN_UNCLEAR;
	return result == TWILIO_NOT_FOUND || result == TWILIO_CONFLICT ? REFUSAL_NO_CONFERENCE : REFUSAL_KEY_IN_FAILED;
}

enum refusal
key_in_leg_ask(struct turn *turn, const struct key_in_leg *leg, const char *twiml)
{
	enum refusal refusal = REFUSAL_KEY_IN_FAILED;

	if (pause_recording(turn, leg, true) == TWILIO_OK && end_conference_with(turn, leg, false) == TWILIO_OK)
		refusal = refusal_of_redirect(voice_calls_redirect(&turn->app->twilio, leg->conference.call_sid, twiml,
		    turn->deadline_ms, &turn->trace));
	if (refusal != REFUSAL_NONE && refusal != REFUSAL_KEY_IN_UNCLEAR)
		undo(turn, leg);
	return refusal;
}

static enum twilio_result
redirect_back(struct turn *turn, const struct key_in_leg *leg)
{
	struct twiml twiml;
	const char *document = NULL;
	enum twilio_result result = TWILIO_NO_MEMORY;

	twiml_init(&twiml);
	key_in_twiml_back(&twiml, turn->contact.task.sid, leg->conference.ends_conference);
	document = twiml_end(&twiml);
	if (document != NULL)
		result = voice_calls_redirect(&turn->app->twilio, leg->conference.call_sid, document, turn->deadline_ms,
		    &turn->trace);
	twiml_free(&twiml);
	return result;
}

/* Nobody to bring back, or nowhere to: the caller has hung up, or his agent has. */
static enum refusal
refusal_of_back(enum twilio_result result)
{
	return result == TWILIO_OK || result == TWILIO_CONFLICT || result == TWILIO_NOT_FOUND ? REFUSAL_NONE :
												REFUSAL_KEY_IN_UNCLEAR;
}

enum refusal
key_in_leg_bring_back(struct turn *turn, const struct key_in_leg *leg)
{
	const struct twilio *twilio = &turn->app->twilio;
	struct key_in_leg there = *leg;
	char conference_sid[TWILIO_SID_SIZE];
	enum twilio_result result = conference_find(twilio, turn->contact.task.sid, turn->deadline_ms, conference_sid,
	    &turn->trace);

	if (result != TWILIO_OK)
		return refusal_of_back(result);
	result = conference_caller(twilio, conference_sid, leg->conference.call_sid, turn->deadline_ms,
	    &there.conference, &turn->trace);
	there.conference.ends_conference = leg->conference.ends_conference;
	if (result == TWILIO_OK) {
		undo(turn, &there);
		return REFUSAL_NONE;
	}
	if (result == TWILIO_NOT_FOUND)
		result = redirect_back(turn, leg);
	key_in_leg_record_again(turn, leg);
	return refusal_of_back(result);
}

void
key_in_leg_note(const struct key_in_leg *leg, char note[KEY_IN_NOTE_SIZE])
{
	snprintf(note, KEY_IN_NOTE_SIZE, "%s %s", leg->conference.ends_conference ? ENDS : STAYS, leg->recording_sid);
}

void
key_in_leg_read_note(const struct ledger_verification *v, struct key_in_leg *leg)
{
	const char *blank = strchr(v->reason, ' ');

	memset(leg, 0, sizeof(*leg));
	turn_copy(leg->conference.call_sid, sizeof(leg->conference.call_sid), v->interaction);
	leg->conference.ends_conference = strncmp(v->reason, STAYS " ", strlen(STAYS " ")) != 0;
	if (blank != NULL && twilio_sid_valid(blank + 1, "RE"))
		turn_copy(leg->recording_sid, sizeof(leg->recording_sid), blank + 1);
}

void
key_in_leg_record_again(struct turn *turn, const struct key_in_leg *leg)
{
	if (pause_recording(turn, leg, false) != TWILIO_OK)
		log_message(LOG_LEVEL_WARNING, "recording_paused",
		    "the recording %s of call %s was paused and could not be gone on with", leg->recording_sid,
		    leg->conference.call_sid);
}
