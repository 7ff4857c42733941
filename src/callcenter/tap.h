/*
 * tap: a link by text, to a page of ours that says who is asking and why, and
 * has two buttons.  No code is read aloud, so nobody learns to read codes out;
 * and whoever is called by somebody who pretends can say so at once.
 *
 * A link is of one contact, answered once, for APPROVAL_LINK_SECONDS, and "yes"
 * counts only while no other code, PIN or link came after it.  "No" stops the
 * contact, whatever came after it: no way verifies anybody there, until a
 * supervisor lifts it.
 *
 * The link's token is the id of its row and 128 random bits.  It stands in the
 * fragment, which browsers send to no server, and the page sends it in a body:
 * it is in no log.  The ledger holds a verifier, an HMAC-SHA-256 over the row
 * and the token with a key that is made of LOG_KEY: the ledger does not tell the
 * token, and a verifier that is copied to another row, or to a longer life, fits
 * nothing.  Whatever opens links by itself, as phones and carriers do to show
 * what is behind them, gets a page; only a button decides.
 */
#ifndef CALLCENTER_TAP_H
#define CALLCENTER_TAP_H

#include "refusal.h"

#include <stdbool.h>

struct turn;

/* Texts a link to the contact's number, in place of a code or link that is out. */
enum refusal tap_send(struct turn *turn);

/* Makes the link that is out useless. */
enum refusal tap_cancel(struct turn *turn);

/* Why no link can be texted to this contact; REFUSAL_NONE if one can. */
enum refusal tap_refusal(const struct turn *turn);

/*
 * A step: what the customer's page asks.  By the field token, and without an
 * action, it tells who is asking, into turn->view; with the action yes or no it
 * is the customer's answer.
 */
enum refusal tap_answer(struct turn *turn);

#endif
