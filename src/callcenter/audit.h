/*
 * audit: who did what to whom, when, and with which outcome.
 *
 * A line in the log for every request, and an event in the ledger for every
 * outcome that concerns a verification.  Neither holds a passcode, a token or
 * a full number: numbers appear masked and as keyed hash.
 */
#ifndef CALLCENTER_AUDIT_H
#define CALLCENTER_AUDIT_H

#include "ledger/ledger.h"
#include "refusal.h"

#include <stdbool.h>

struct turn;

/* Makes an event of the turn's, about a verification; it counts nothing. */
void audit_fill(const struct turn *turn, const struct ledger_verification *v, const char *action, const char *outcome,
    struct ledger_event *event);

/* Appends an event about the turn's verification, inside the caller's transaction; false if that failed. */
bool audit_record(const struct turn *turn, const char *action, const char *outcome);

/* The same of a refusal: which is then what is left to say, or, if that failed, REFUSAL_LEDGER_UNAVAILABLE. */
enum refusal audit_refusal(const struct turn *turn, enum refusal refusal);

/* An event as audit_record makes it, that adds to what limits count (or takes back: -1). */
bool audit_record_counted(const struct turn *turn, const char *action, const char *outcome, int sends, int failures);

/* Writes the request's line to the log. */
void audit_write(const struct turn *turn, enum refusal refusal);

#endif
