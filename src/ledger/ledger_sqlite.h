/*
 * ledger_sqlite: what the files of the ledger in SQLite share, and nobody else
 * includes.  ledger.h is the contract.
 */
#ifndef LEDGER_LEDGER_SQLITE_H
#define LEDGER_LEDGER_SQLITE_H

#include "ledger.h"
#include "ledger_sqlite_columns.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The schema that this program writes: schema.sql, and what ledger_sqlite_schema.c makes of older ones. */
#define SCHEMA_VERSION 4

/* One connection, used by one thread at a time: SQLite allows one writer anyway. */
struct ledger {
	pthread_mutex_t mutex; /* held from begin to commit or rollback */
	sqlite3        *db;
	const char     *key;
	int             version; /* of the schema; a reader's may be an older one */
	char           *quiet;   /* path of a file that nobody had open when it was opened to read; else NULL */
	struct stat     file;    /* of that file, then */
	sqlite3_stmt   *find, *latest, *other_open, *contested, *approved_channels, *end_approvals, *put, *unrecorded;
	sqlite3_stmt   *append, *read_seal, *seal, *each[LEDGER_ORDER__MAX];
	sqlite3_stmt   *last_outcome, *last_send, *begun_by;
	sqlite3_stmt   *each_within, *each_contact, *each_closable;
	sqlite3_stmt   *approved_by, *pin_find, *pin_put, *pins_retire, *pins_expire, *pins_forget, *pin_issued;
	sqlite3_stmt   *request_find, *request_put, *requests_forget;
	sqlite3_stmt   *sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
	sqlite3_stmt   *falls[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
};

/* What SQLite's last result means, logged. */
enum ledger_result ledger_sqlite_failure(struct ledger *ledger, const char *what);
/* LEDGER_ALTERED, logged. */
enum ledger_result ledger_sqlite_damaged(const char *what);

/* Runs SQL that returns nothing. */
enum ledger_result ledger_sqlite_run(struct ledger *ledger, const char *sql);

/* Makes the tables, or brings those of an older version to this one.  Sets the ledger's version. */
enum ledger_result ledger_sqlite_prepare_schema(struct ledger *ledger);
enum ledger_result ledger_sqlite_read_version(struct ledger *ledger);

/* A statement for the life of the ledger: as it stands; or, a SELECT, of all columns before the rest. */
bool ledger_sqlite_prepare(struct ledger *ledger, const char *sql, sqlite3_stmt **statement);
bool ledger_sqlite_prepare_select(struct ledger *ledger, const struct columns *columns, const char *rest,
    sqlite3_stmt **statement);

/* The statements of the files of the same names. */
bool ledger_sqlite_prepare_verifications(struct ledger *ledger);
bool ledger_sqlite_prepare_pins(struct ledger *ledger);
bool ledger_sqlite_prepare_events(struct ledger *ledger);

/* Runs a bound statement that returns no row, and makes it ready for the next use. */
enum ledger_result ledger_sqlite_write(struct ledger *ledger, sqlite3_stmt *statement, bool bound, const char *what);
/* Runs a bound statement that returns one number, or none, which is 0. */
enum ledger_result ledger_sqlite_number(struct ledger *ledger, sqlite3_stmt *statement, bool bound, int64_t *number);

/* LEDGER_OK if the key made the seal of this ledger's end. */
enum ledger_result ledger_sqlite_check_seal(struct ledger *ledger);

#endif
