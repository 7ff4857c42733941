/*
 * supervisor_view: what a supervisor sees of everybody's verifications.
 *
 * All of it is read from the ledger, at one moment, and nothing is changed or
 * asked of Twilio: pages ask every few seconds.  It names agents and masked
 * numbers, and nothing of any customer.
 */
#ifndef CALLCENTER_SUPERVISOR_VIEW_H
#define CALLCENTER_SUPERVISOR_VIEW_H

#include "refusal.h"

struct turn;

/* More contacts than a person looks through; the answer says that there are more. */
#define SUPERVISOR_VIEW_ROWS_MAX 200

/* Locked numbers and stopped contacts.  More of them at once are an attack, which is seen as well so. */
#define SUPERVISOR_VIEW_CLOSED_MAX 100

/*
 * Sets turn->view for the fields from and to (default: the last eight hours,
 * the one that runs included):
 *
 *   verifications  of each contact that something happened to, the latest
 *   more           there are more contacts than rows
 *   closed         numbers that are locked and contacts that are stopped,
 *                  by what happened in the last day
 *   hours, total   figures (supervisor_figures), unless the field figures
 *                  is "no"
 *   override_max_minutes  absent where nobody is let through without proof
 *   you            the supervisor's name
 */
enum refusal supervisor_view(struct turn *turn);

#endif
