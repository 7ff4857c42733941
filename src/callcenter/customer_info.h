/*
 * customer_info: the only way out for customer data.
 */
#ifndef CALLCENTER_CUSTOMER_INFO_H
#define CALLCENTER_CUSTOMER_INFO_H

#include "refusal.h"

#include <stdbool.h>

struct turn;

/*
 * If the turn's verification is approved and fresh, or overridden by a
 * supervisor other than the agent, and the agent may see the customer: takes
 * the customer's record and hands the fields that INFO_FIELDS allows, of it
 * and of the task's attributes, to the turn, with an event in the ledger that
 * says who looked.  Otherwise does nothing; that is no refusal.
 */
enum refusal customer_info_release(struct turn *turn);

/* Is it approved, but by a code that another agent checked, which TRANSFER=fresh does not let count for this one? */
bool customer_info_needs_own_code(const struct turn *turn);

#endif
