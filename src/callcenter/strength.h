/*
 * strength: how much each way of verifying a customer proves, by the
 * company's policy (STRENGTHS).
 *
 * A word of STRENGTHS is WAY:N: sms, call, whatsapp, email, pin, callback or tap,
 * and 1 (least) to 3.  A way that no word names has 1, but callback and tap 0:
 * neither verifies anybody unless the policy says so.  Strengths do not add up: two
 * weak ways are two ways, and none of them is a strong one.
 */
#ifndef CALLCENTER_STRENGTH_H
#define CALLCENTER_STRENGTH_H

#include <stdbool.h>

struct turn;

/* A way that sends nothing: see pin.h. */
#define PIN_CHANNEL "pin"

/* The one that has no code: see call_back.h.  The ledger finds its rows by this word. */
#define CALLBACK_CHANNEL "callback"

/* A link by text: see tap.h.  The ledger counts it with texts, by this word. */
#define TAP_CHANNEL "tap"

/* Who answers one: nobody's sign-in, as an agent's id is a worker's SID or begins with "user:". */
#define TAP_ID   "link:customer"
#define TAP_NAME "Customer"

#define STRENGTH_MIN 1
#define STRENGTH_MAX 3

/* Is it a word of STRENGTHS?  For the configuration. */
bool strength_valid(const char *word);

/* The strength of a way by words, which end with NULL; 0: it verifies nobody. */
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
