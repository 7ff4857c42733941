/*
 * ledger_postgres: what the files of the engine for PostgreSQL share, and
 * nobody else includes.  The only ones that know libpq.
 */
#ifndef LEDGER_LEDGER_POSTGRES_H
#define LEDGER_LEDGER_POSTGRES_H

#include "base/buffer.h"
#include "ledger_engine.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define POSTGRES_SCHEME "postgresql://"

/*
 * No statement of a program takes nearly as long; a server that does not even
 * say so is given up a second later.
 */
#define POSTGRES_STATEMENT_TIMEOUT_MS 4000
#define POSTGRES_SILENCE_MAX_MS	      5000

/* A program that stops in the middle of a transaction keeps the others out for no longer than this. */
#define POSTGRES_IDLE_TIMEOUT_MS 10000

/* One session with the server, which may be followed by another one. */
struct postgres {
	PGconn            *session; /* NULL: none */
	const char        *address; /* the ledger's */
	enum ledger_way    way;
	unsigned           number;  /* of the session: it knows no statement of an earlier one */
	bool               lost;    /* it gave no answer in time: of no use any more */
	bool               patient; /* waits for as long as it takes */
	enum ledger_result result;  /* what the last failure means */
	char               message[256];
};

/* ledger_postgres_address.c */

bool postgres_address_valid(const char *address);
void postgres_show_address(const char *address, char shown[LEDGER_ADDRESS_SIZE]);
/* Connects; the session is the caller's, also where it failed.  NULL: no memory, or not an address. */
PGconn *postgres_connect(const char *address, enum ledger_way way);

/* ledger_postgres.c */

/*
 * Takes the answer to what was sent, or could not be: the last result, or the
 * first one that failed.  False: it failed, or none came in time; what went
 * wrong is kept for the engine's failure().  answer, unless NULL, is the
 * caller's then, with rows or without.
 */
bool postgres_take_answer(struct postgres *postgres, int sent, PGresult **answer);

/* ledger_postgres_statement.c */

/* SQL as PostgreSQL wants it: $1 for ?1, BIGINT for INTEGER, and texts compared byte by byte. */
void                postgres_translate(const char *sql, struct buffer *translated);
bool                postgres_prepare(struct statement *statement);
void                postgres_discard(struct statement *statement);
bool                postgres_bind_text(struct statement *statement, int parameter, const char *text);
bool                postgres_bind_long(struct statement *statement, int parameter, int64_t number);
enum statement_step postgres_step(struct statement *statement);
const char         *postgres_text(struct statement *statement, int column);
bool                postgres_number(struct statement *statement, int column, int64_t *number);
void                postgres_reset(struct statement *statement);

#endif
