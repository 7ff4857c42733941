/*
 * tap_token: what makes a link one that only its text has.
 */
#ifndef CALLCENTER_TAP_TOKEN_H
#define CALLCENTER_TAP_TOKEN_H

#include "ledger/ledger.h"
#include "refusal.h"

#include <stdbool.h>

struct turn;

#define TAP_ROW_CHARS    16
#define TAP_SECRET_CHARS 32 /* 128 bits */
#define TAP_TOKEN_SIZE   (TAP_ROW_CHARS + TAP_SECRET_CHARS + 1)

/* The token of a row that has all but its verifier, which is set; to be wiped.  False: no random numbers. */
bool tap_token_make(const struct turn *turn, struct ledger_verification *v, char token[TAP_TOKEN_SIZE]);

/* Is it of a token's form?  Then row is the id of the row that it names. */
bool tap_token_row(const char *token, char row[LEDGER_ID_SIZE]);

/* Is it the token of this row?  If not, REFUSAL_UNKNOWN_LINK; REFUSAL_INTERNAL_ERROR: it could not be compared. */
enum refusal tap_token_check(const struct turn *turn, const struct ledger_verification *v, const char *token);

#endif
