/*
 * call_back: a doubtful contact is given up, and the customer is called back at
 * the number on file.
 *
 * The server makes the callback task at Twilio and writes down, in a row of the
 * ledger that waits in the new contact, that it made this task, for which
 * customer and which number, and from which contact.  Only that row counts:
 * what a task's attributes say of call-backs is never read.  The row is good
 * once, for CALLBACK_VALID_SECONDS, and for the number and the customer that it
 * was made for (CONTACT_SOURCE=customer), so a number that a caller names, or
 * one that was changed meanwhile, is never called back with any effect.
 *
 * That the customer was called back is not the agent's word alone: Twilio must
 * know of an answered call to that number, begun after the row was made.
 * Whether it verifies the customer, STRENGTHS says; on record it is anyway.
 */
#ifndef CALLCENTER_CALL_BACK_H
#define CALLCENTER_CALL_BACK_H

#include "refusal.h"

#include <stdbool.h>

struct turn;

/* Gives the contact up and makes a callback task to the number on file. */
enum refusal call_back_ask(struct turn *turn);

/* Puts on record that the customer of a callback task is on the line, called at the number on file. */
enum refusal call_back_reached(struct turn *turn);

/* Is there a number on file at which this contact can be called back? */
bool call_back_possible(const struct turn *turn);

/* A step: reads the call-back that the contact was made for, if any, into the turn. */
enum refusal call_back_find(struct turn *turn);

#endif
