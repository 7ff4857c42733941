/*
 * reason: why a supervisor decided something, in his own words.
 */
#ifndef CALLCENTER_REASON_H
#define CALLCENTER_REASON_H

#include "ledger/ledger.h"

#include <stdbool.h>

#define REASON_MIN_CHARS 10
#define REASON_MAX_CHARS 200

_Static_assert(LEDGER_NOTE_SIZE > 4 * REASON_MAX_CHARS, "a reason has room in the ledger, at four bytes a character");

/*
 * Takes a reason without the blanks around it.  False if it is too short or
 * too long, no UTF-8, or has characters that show nothing or turn text around
 * (Unicode's categories Cc and Cf, as far as a reader could be deceived).
 */
bool reason_read(const char *text, char reason[LEDGER_NOTE_SIZE]);

#endif
