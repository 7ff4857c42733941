/*
 * ledger_old: the oldest ledger that a place can have, as programs of that time
 * made it: version 1 of SQLite's, and 3 of PostgreSQL's, which was its first.
 * In it are one verification and its three events.
 */
#ifndef TESTS_LEDGER_OLD_H
#define TESTS_LEDGER_OLD_H

#include "ledger_place.h"

#include "ledger/ledger.h"

#include <stdint.h>

#define OLD_EVENTS 3

/* Setup of a test; its state is the place. */
int ledger_old_sqlite(void **state);
int ledger_old_postgres(void **state);

/* In a transaction: the verification is there as it was written. */
void ledger_old_assert_row(struct ledger *ledger);
/* In a transaction: so many events are there and whole, and the verification is one that they tell of. */
void ledger_old_assert_whole(struct ledger *ledger, int64_t events);
/* A reader finds both, whatever version the ledger is in by now. */
void ledger_old_assert_readable(const struct ledger_place *place);

#define ON_OLD_SQLITE(name)                                                                                            \
	{ #name, name, ledger_old_sqlite, ledger_place_remove, NULL }
#define ON_OLD_POSTGRES(name)                                                                                          \
	{ #name "_on_postgresql", name, ledger_old_postgres, ledger_place_remove, NULL }
#define ON_BOTH_OLD(name) ON_OLD_SQLITE(name), ON_OLD_POSTGRES(name)

#endif
