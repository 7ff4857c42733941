/*
 * ledger_place: where a test of the ledger has one of its own: a file of
 * SQLite, or a database of a PostgreSQL that the test program starts.  And the
 * tools of both, as somebody who can write there would use them.
 */
#ifndef TESTS_LEDGER_PLACE_H
#define TESTS_LEDGER_PLACE_H

#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct ledger;

#define KEY "0123456789abcdef0123456789abcdef"

struct ledger_place {
	bool postgres;
	char directory[64];
	char path[128];    /* of the file, if it is one */
	char address[192];
};

/* Setup and teardown of a test; its state is the place. */
int ledger_place_sqlite(void **state);
int ledger_place_postgres(void **state);
int ledger_place_remove(void **state);

/* Teardown of all tests: PostgreSQL ends. */
int ledger_place_end(void **state);

/* The ledger there, new or not, with KEY; to be given to ledger_close. */
struct ledger *ledger_place_open(const struct ledger_place *place);

/* The exit status of sqlite3 or psql, which stops at the first error. */
int ledger_place_sql(const struct ledger_place *place, const char *sql);

/* A digest of all that is in it: tables, rows, indexes, triggers, the schema's version. */
#define LEDGER_PLACE_DIGEST_SIZE 33
void ledger_place_digest(const struct ledger_place *place, char digest[LEDGER_PLACE_DIGEST_SIZE]);

/* SQL that puts aside what keeps events as they are. */
const char *ledger_place_unlocking(const struct ledger_place *place);

/* Tells tests/postgres.sh a word: stop, start, kill. */
void ledger_place_tell(const char *word);

#define ON_SQLITE(name)                                                                                                \
	{ #name, name, ledger_place_sqlite, ledger_place_remove, NULL }
#define ON_POSTGRES(name)                                                                                              \
	{ #name "_on_postgresql", name, ledger_place_postgres, ledger_place_remove, NULL }
#define ON_BOTH(name) ON_SQLITE(name), ON_POSTGRES(name)

#endif
