/*
 * ledger_engine: the thin layer between the ledger and a database, and what
 * the ledger's own files share; nobody else includes it, but for unit tests
 * that look at its statements.
 *
 * The ledger's SQL is written once, as SQLite takes it and PostgreSQL too, but
 * for the way parameters are written (?1) and the words for types; an engine
 * makes of both what its database wants.  ledger.h is the contract.
 */
#ifndef LEDGER_LEDGER_ENGINE_H
#define LEDGER_LEDGER_ENGINE_H

#include "ledger.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The schema that this program writes: schema.sql, and what ledger_schema.c makes of older ones. */
#define SCHEMA_VERSION 7

/* The first one with an origin. */
#define SCHEMA_WITH_ORIGIN 5

#define STATEMENTS_MAX 64
#define STATEMENT_PARAMETERS_MAX 32 /* more than a table has columns */

/* What a ledger is opened for. */
enum ledger_way {
	LEDGER_TO_WRITE,
	LEDGER_TO_READ,
	LEDGER_TO_TRY /* to say whether it could be written */
};

/* ---- Statements ---- */

struct connection;

/* One statement for the life of a connection. */
struct statement {
	struct connection *connection;
	char              *sql;
	bool               many;    /* may find more rows than fit into memory at once */
	bool               failed; /* without memory to bind or to read something: it is not run until it was reset */
	void              *own;     /* the engine's */
};

enum statement_step {
	STATEMENT_ROW,
	STATEMENT_DONE,
	STATEMENT_FAILED
};

/*
 * Parameters count from 1 and columns from 0.  A text is borrowed until the
 * statement is reset.  Nobody needs to ask whether all could be bound: if not,
 * running the statement fails.
 */
void                statement_bind_text(struct statement *statement, int parameter, const char *text);
void                statement_bind_long(struct statement *statement, int parameter, int64_t number);
enum statement_step statement_step(struct statement *statement);
/* NULL or false: the column holds another type, or what does not fit.  A text is valid until the next step. */
const char         *statement_text(struct statement *statement, int column);
bool                statement_long(struct statement *statement, int column, int64_t *number);
/* Makes it ready for the next use, with nothing bound. */
void                statement_reset(struct statement *statement);

/* Runs a bound statement that returns no row, and resets it. */
enum ledger_result statement_write(struct statement *statement, const char *what);
/* Runs a bound statement that returns one number, or none or NULL, which is 0, and resets it. */
enum ledger_result statement_number(struct statement *statement, int64_t *number);
/* The same of a time; LEDGER_ALTERED if it is none. */
enum ledger_result statement_time(struct statement *statement, int64_t *time);

/* ---- Connections ---- */

struct statements {
	struct statement *find, *latest, *call_back, *other_open, *contested, *approved_channels, *approved_by;
	struct statement *end_approvals, *close_interaction, *put, *change, *unrecorded;
	struct statement *append, *read_seal, *write_seal, *each[LEDGER_ORDER__MAX];
	struct statement *last_opening[LEDGER_OPENING__MAX], *last_send, *begun_by;
	struct statement *each_within, *each_contact, *each_closable;
	struct statement *pin_find, *pin_put, *pins_retire, *pins_expire, *pins_forget, *pin_issued;
	struct statement *request_find, *request_put, *requests_forget;
	struct statement *sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
	struct statement *falls[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
	/* ledger_upkeep.c */
	struct statement *read_origin, *write_origin, *all, *old_end, *read_event, *carried;
	struct statement *close_old, *drop_old, *purge;
};

/* A connection to the database, used by one thread at a time. */
struct connection {
	const struct engine *engine;
	const char          *key;
	enum ledger_sync     sync;
	int                  version; /* of the schema; a reader's may be an older one */
	void                *own;     /* the engine's; NULL: not open */
	bool                 held;    /* by holder, from begin to commit or rollback */
	pthread_t            holder;
	bool                 written; /* set by statement_write, whatever its result */
	struct ledger_verification known; /* the last one that this transaction read or wrote; without an id: none */
	struct statement     list[STATEMENTS_MAX];
	int                  count;
	bool                 unprepared; /* one of its statements could not be prepared */
	struct statements    s;
};

struct engine {
	const char *scheme;      /* how its addresses begin */
	int         connections; /* of one program, at most */
	const char *triggers;    /* what keeps events as they are; may be run again */

	bool (*address_valid)(const char *address);
	void (*show_address)(const char *address, char shown[LEDGER_ADDRESS_SIZE]);

	/*
	 * Opens the database, with no statement yet; what open leaves behind,
	 * whatever its result, close takes away.  The address outlives both.
	 */
	enum ledger_result (*open)(struct connection *connection, const char *address, enum ledger_way way);
	void (*close)(struct connection *connection);
	enum ledger_result (*begin)(struct connection *connection, enum ledger_access access);
	enum ledger_result (*commit)(struct connection *connection); /* failed: rolled back, or nobody knows */
	void (*rollback)(struct connection *connection);
	/* Would commit take what was begun?  A failure may have undone it already. */
	bool (*whole)(const struct connection *connection);
	/* Has nothing begun that neither commit nor rollback could end?  If it has, the connection is closed. */
	bool (*at_rest)(const struct connection *connection);
	enum ledger_result (*run)(struct connection *connection, const char *sql); /* statements without rows */
	/* 0: there is none. */
	enum ledger_result (*read_version)(struct connection *connection, int *version);
	enum ledger_result (*write_version)(struct connection *connection, int version);
	enum ledger_result (*check)(struct connection *connection, char fault[LEDGER_FAULT_SIZE]);

	bool (*prepare)(struct statement *statement);
	void (*discard)(struct statement *statement);
	bool (*bind_text)(struct statement *statement, int parameter, const char *text);
	bool (*bind_long)(struct statement *statement, int parameter, int64_t number);
	enum statement_step (*step)(struct statement *statement);
	const char *(*text)(struct statement *statement, int column);
	bool (*number)(struct statement *statement, int column, int64_t *number);
	void (*reset)(struct statement *statement);
	/* What the last failure means, logged. */
	enum ledger_result (*failure)(struct connection *connection, const char *what);
};

extern const struct engine ledger_sqlite, ledger_postgres;

/* Opens it and prepares its statements; closed again unless that is LEDGER_OK. */
enum ledger_result connection_open(struct connection *connection, const char *address, enum ledger_way way);
void               connection_close(struct connection *connection);

/* ---- Ledgers ---- */

#define CONNECTIONS_MAX 4

struct shared_act; /* see ledger_shared.c */

struct ledger {
	char              *address;
	enum ledger_way    way;
	pthread_mutex_t    mutex; /* of all below but what is inside a connection that is held */
	pthread_cond_t     given_back;
	struct connection  connections[CONNECTIONS_MAX];
	bool               led; /* a thread runs acts, and will see to those that wait */
	struct shared_act *first_waiting, *last_waiting;
};

/* When a thread that begins to wait now has waited for long enough, on CLOCK_MONOTONIC. */
void ledger_turn_until(struct timespec *until);

/* As ledger_begin, but waits for this ledger's other threads until then only. */
enum ledger_result ledger_begin_until(struct ledger *ledger, enum ledger_access access, const struct timespec *until);

/* The connection of this thread's transaction. */
struct connection *ledger_connection(struct ledger *ledger);

/* LEDGER_ALTERED, logged. */
enum ledger_result connection_damaged(const char *what);
/* The same of the row that a statement stands at, unless it is only that there was no memory to read it. */
enum ledger_result statement_damaged(const struct statement *statement, const char *what);

/* Makes the tables, or brings those of an older version to this one.  Sets the connection's version. */
enum ledger_result connection_prepare_schema(struct connection *connection);
/* Reads the version of a schema that is taken as it is. */
enum ledger_result connection_read_version(struct connection *connection);

struct buffer;
struct columns;

/*
 * A statement as it stands; or from a buffer, which is freed; or, a SELECT, of
 * all columns before the rest.  Nobody needs to ask whether it could be: a
 * connection without one of its statements is not opened.
 */
void connection_prepare(struct connection *connection, const char *sql, struct statement **statement);
void connection_prepare_built(struct connection *connection, struct buffer *sql, struct statement **statement);
void connection_prepare_select(struct connection *connection, const struct columns *columns, const char *rest,
    struct statement **statement);
/* The same for one that may find many rows. */
void connection_prepare_many(struct connection *connection, const struct columns *columns, const char *rest,
    struct statement **statement);

/* The statements of the files of the same names. */
void connection_prepare_verifications(struct connection *connection);
void connection_prepare_events(struct connection *connection);
void connection_prepare_pins(struct connection *connection);
void connection_prepare_upkeep(struct connection *connection);

/* How verifications stand in their table. */
const struct columns *verification_columns(void);

/* Runs a bound statement that finds verifications, and resets it. */
enum ledger_result each_verification(struct statement *statement, ledger_verification_visitor *visit, void *context);

/* Writes an event as it is, with its position and link. */
enum ledger_result connection_write_record(struct connection *connection, const struct ledger_record *record);

/*
 * Where the record begins or ends, by the statement that reads or writes it;
 * zeros if there is no such row.  name and what are for the log.
 */
enum ledger_result statement_read_end(struct statement *statement, struct ledger_seal *end, const char *name,
    const char *what);
enum ledger_result statement_write_end(struct statement *statement, const struct ledger_seal *end, const char *what);

/* LEDGER_OK if the key made the seal of this ledger's end. */
enum ledger_result connection_check_seal(struct connection *connection);

#endif
