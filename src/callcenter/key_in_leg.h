/*
 * key_in_leg: the caller's leg of a call that an agent has, at Twilio: which one
 * it is, what is done to it so that the caller can be asked, and how it was
 * before.
 */
#ifndef CALLCENTER_KEY_IN_LEG_H
#define CALLCENTER_KEY_IN_LEG_H

#include "refusal.h"
#include "twilio/conference.h"

#include <stdbool.h>

struct ledger_verification;
struct turn;

#define KEY_IN_NOTE_SIZE 48

struct key_in_leg {
	struct conference_leg conference;
	char recording_sid[TWILIO_SID_SIZE]; /* that runs, of the leg itself; "": none */
};

/* Asks Twilio which leg is that of the turn's contact.  REFUSAL_NO_CONFERENCE: none that could be asked. */
enum refusal key_in_leg_find(struct turn *turn, struct key_in_leg *leg);

/*
 * Pauses the leg's recording and lets the leg leave the conference for a
 * document.  Unless that is done, or REFUSAL_KEY_IN_UNCLEAR, all is as before.
 */
enum refusal key_in_leg_ask(struct turn *turn, const struct key_in_leg *leg, const char *twiml);

/*
 * Puts the leg back into the conference, and all as it was.  One that is there,
 * as it never left or was quicker, stays: to leave it would end it.
 */
enum refusal key_in_leg_bring_back(struct turn *turn, const struct key_in_leg *leg);

/* What the row of an asking keeps of the leg.  One that keeps nothing is of the usual one, that ends the conference. */
void key_in_leg_note(const struct key_in_leg *leg, char note[KEY_IN_NOTE_SIZE]);
void key_in_leg_read_note(const struct ledger_verification *v, struct key_in_leg *leg);

/* Goes on with the recording that was paused, if one was; what fails is in the log. */
void key_in_leg_record_again(struct turn *turn, const struct key_in_leg *leg);

#endif
