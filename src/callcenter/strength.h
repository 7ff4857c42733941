/*
 * strength: how much each way of verifying a customer proves, by the
 * company's policy (STRENGTHS).
 *
 * A word of STRENGTHS is WAY:N: sms, call, whatsapp, email or pin, and 1 (least)
 * to 3.  A way that no word names has 1.  Strengths do not add up: two weak
 * ways are two ways, and none of them is a strong one.
 */
#ifndef CALLCENTER_STRENGTH_H
#define CALLCENTER_STRENGTH_H

#include <stdbool.h>

struct turn;

/* The one way that sends nothing: see pin.h. */
#define PIN_CHANNEL "pin"

#define STRENGTH_MIN 1
#define STRENGTH_MAX 3

/* Is it a word of STRENGTHS?  For the configuration. */
bool strength_valid(const char *word);

/* The strength of a way by words, which end with NULL. */
int strength_of(char *const *words, const char *way);

/* All ways there are, ended by NULL. */
extern const char *const strength_ways[];

/*
 * Inside a transaction: the most that is proven by the contact's living
 * approvals whose codes checked_by checked ("": anybody); 0: there is none.
 * False: the ledger failed.
 */
bool strength_proven(const struct turn *turn, const char *checked_by, int *strength);

#endif
