/*
 * contact_on_file: the number and the e-mail address that the company has on
 * file for the customer whom a task leads to.
 */
#ifndef CALLCENTER_CONTACT_ON_FILE_H
#define CALLCENTER_CONTACT_ON_FILE_H

#include "refusal.h"

#include <stdbool.h>

struct json_object;
struct turn;

/*
 * Takes the record, its id and its addresses into turn->contact, whose task
 * was fetched.  caller: the number of the caller, or NULL if it is not known.
 * It and CUSTOMER_ID_ATTRIBUTE only find the record: both are the caller's or
 * the agent's to choose, so nothing else comes of them.
 */
enum refusal contact_on_file(struct turn *turn, const char *caller);

/*
 * Adds to the attributes of a new task, at CUSTOMER_ID_ATTRIBUTE, the customer
 * that the turn's own task names there, if it does: the new one then leads to
 * the same record.
 */
void contact_on_file_name(const struct turn *turn, struct json_object *attributes);

#endif
