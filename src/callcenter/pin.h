/*
 * pin: a PIN that the company's website shows to the customer who is logged in
 * there, and that he reads to the agent instead of a code.
 *
 * One PIN of a customer is of use at a time, once, for PIN_VALID_SECONDS, and
 * only for that customer: the website names the customer by the id of his
 * record, and an agent's contact has the record that the customer look-up found
 * for its task (CONTACT_SOURCE=customer).  Neither page chooses.
 *
 * The PIN itself is kept nowhere.  The ledger holds a verifier, an HMAC-SHA-256
 * over the PIN's row and the PIN.  A PIN of six digits is one of a million, so a
 * slow hash would hold up who has the file for minutes; what holds is a key that
 * he does not have.  It is made of PORTAL_KEY, which is in the configuration
 * only: neither the ledger alone nor the ledger and LOG_KEY, which auditors
 * may have, are enough.  As the row is part of it, a verifier that is
 * copied to another customer's row, or to a longer life, fits nothing.  It
 * is erased when the PIN has run out.
 *
 * Wrong PINs count with the wrong codes of the customer, the agent and the
 * verification, and CHECKS_MAX of them make the PIN useless besides.
 */
#ifndef CALLCENTER_PIN_H
#define CALLCENTER_PIN_H

#include "refusal.h"

struct turn;

/* Makes a new PIN for the customer that the website names, and any earlier one useless.  After portal_identify. */
enum refusal pin_issue(struct turn *turn);

/* Is code the PIN of the contact's customer?  REFUSAL_NONE: yes, he is verified and it is on record. */
enum refusal pin_check(struct turn *turn, const char *code);

#endif
