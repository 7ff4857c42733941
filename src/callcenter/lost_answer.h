/*
 * lost_answer: what became of a verification whose answer was lost?
 *
 * Found out, never guessed: by fetching the verification, and for one that
 * Twilio has forgotten, by its log of attempts.
 */
#ifndef CALLCENTER_LOST_ANSWER_H
#define CALLCENTER_LOST_ANSWER_H

#include "refusal.h"

struct turn;

/*
 * Asks Twilio about the turn's verification if it is unclear, and puts what it
 * says on record.  No usable answer leaves it unclear; that is no refusal.
 */
enum refusal lost_answer_settle(struct turn *turn);

#endif
