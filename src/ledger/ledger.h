/*
 * ledger: what must survive a restart: verifications, and an append-only list
 * of events.
 *
 * Stores and finds, and knows no rules: those are in callcenter/verification.
 * Work happens inside ledger_write, or between ledger_begin and ledger_commit;
 * a transaction keeps every other thread, process and host from writing, so
 * keep it short and never ask Twilio inside one.
 *
 * It is a file of SQLite or a database of PostgreSQL.  A connection to the
 * latter that breaks is made anew by the next transaction.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#define LEDGER_ID_SIZE      17  /* 16 hex digits and the NUL */
#define LEDGER_SID_SIZE     35
#define LEDGER_KEY_SIZE     64
#define LEDGER_MASK_SIZE    320
#define LEDGER_WORD_SIZE    32
#define LEDGER_NAME_SIZE    128
#define LEDGER_AGENT_SIZE   133 /* a worker's SID, or "user:" and a name */
#define LEDGER_REQUEST_SIZE 33
#define LEDGER_LINK_SIZE    65  /* 64 hex digits and the NUL */
#define LEDGER_NOTE_SIZE    801 /* 200 characters of UTF-8 */
#define LEDGER_NONCE_SIZE   65

/* How long a transaction waits for other processes before it gives up. */
#define LEDGER_BUSY_TIMEOUT_MS 2000

/* And before that for the other threads of its own: a crowd takes turns, and each turn is a write to the disk. */
#define LEDGER_TURN_TIMEOUT_MS 6000

enum ledger_result {
	LEDGER_OK = 0,
	LEDGER_NOT_FOUND,
	LEDGER_BUSY,         /* another process held the lock for too long */
	LEDGER_FAILED,       /* not readable, not writable, full, out of reach */
	LEDGER_ALTERED,      /* not as this program wrote it, or written with another key */
	LEDGER_NEWER_SCHEMA, /* written by a later version of this program */
	LEDGER_NO_MEMORY
};

/* What a commit has survived when it returns. */
enum ledger_sync {
	LEDGER_SYNC_FULL,  /* a power cut, and a crash of the host */
	LEDGER_SYNC_NORMAL /* the end of every process; those two may undo the last commits, whole ones only */
};

/* A writer keeps all other writers out, a reader nobody. */
enum ledger_access {
	LEDGER_READ,
	LEDGER_WRITE
};

/* What is known for certain; what follows from it and the time is verification_state's. */
enum ledger_state {
	LEDGER_STATE_NEW,      /* nothing was sent for certain */
	LEDGER_STATE_PENDING,  /* a code is out */
	LEDGER_STATE_APPROVED,
	LEDGER_STATE_LOCKED,   /* too many wrong codes */
	LEDGER_STATE_CANCELED,
	LEDGER_STATE_EXPIRED,
	LEDGER_STATE_UNCLEAR,  /* an answer was lost */
	LEDGER_STATE_STOPPED,  /* the caller says that the company did not contact him */
	LEDGER_STATE_OVERRIDDEN, /* a supervisor lets the agent go on without proof */
	LEDGER_STATE__MAX
};

/* What was begun and has not reported back.  Found with its time run out, the process died in the middle. */
enum ledger_operation {
	LEDGER_OPERATION_NONE,
	LEDGER_OPERATION_SEND,
	LEDGER_OPERATION_CHECK,
	LEDGER_OPERATION_CANCEL,
	LEDGER_OPERATION__MAX
};

/* Times are Unix milliseconds, 0 for never. */
struct ledger_verification {
	char    id[LEDGER_ID_SIZE];
	char    interaction[LEDGER_KEY_SIZE];
	char    to_id[LEDGER_ID_SIZE];
	char    to_mask[LEDGER_MASK_SIZE];
	char    customer_id[LEDGER_ID_SIZE]; /* set when the row is made, and never changed */
	char    task_sid[LEDGER_SID_SIZE];
	char    channel[LEDGER_WORD_SIZE];
	char    verification_sid[LEDGER_SID_SIZE];
	enum ledger_state     state;
	/*
	 * With LEDGER_STATE_UNCLEAR: what was lost, a check before a send.  With
	 * another state LEDGER_OPERATION_CANCEL: Twilio may still hold its code.
	 */
	enum ledger_operation lost;
	enum ledger_operation operation;
	char    operation_id[LEDGER_ID_SIZE];
	int64_t operation_until;
	int     sends;  /* codes sent, lost answers included */
	int     checks; /* codes tried and not known to be uncounted */
	char    sent_by_id[LEDGER_AGENT_SIZE], sent_by_name[LEDGER_NAME_SIZE];
	char    checked_by_id[LEDGER_AGENT_SIZE], checked_by_name[LEDGER_NAME_SIZE]; /* who entered the last code */
	int64_t created_at, sent_at, expires_at, approved_at, approved_until;
	/*
	 * With LEDGER_STATE_STOPPED and LEDGER_STATE_OVERRIDDEN: who decided it, when, until when and why.  Of a
	 * call-back, with LEDGER_STATE_NEW: who called back, and when.  Of a link, with LEDGER_STATE_CANCELED: who
	 * said no to it, and when.  Of a code, with other states: who had the caller asked to key it in, when,
	 * until when, and what to do when he is back.
	 */
	int64_t decided_at, decided_until;
	char    decided_by_id[LEDGER_AGENT_SIZE], decided_by_name[LEDGER_NAME_SIZE];
	char    reason[LEDGER_NOTE_SIZE];
	char    verifier[LEDGER_LINK_SIZE]; /* of a link by text, see callcenter/tap.h; "" otherwise */
};

struct ledger_event {
	int64_t at;
	char    verification[LEDGER_ID_SIZE];
	char    interaction[LEDGER_KEY_SIZE];
	char    task_sid[LEDGER_SID_SIZE];
	char    action[LEDGER_WORD_SIZE];
	char    outcome[LEDGER_WORD_SIZE];
	char    agent_id[LEDGER_AGENT_SIZE];
	char    channel[LEDGER_WORD_SIZE];
	char    to_id[LEDGER_ID_SIZE];
	char    to_mask[LEDGER_MASK_SIZE];
	char    request_id[LEDGER_REQUEST_SIZE];
	int     twilio_code;
	char    note[LEDGER_NOTE_SIZE]; /* a person's reason; mostly empty */
	int     sends, failures; /* what the event adds to these counts; -1 takes back what was counted too early */
};

/* A PIN that a customer portal shows. */
struct ledger_pin {
	char    id[LEDGER_ID_SIZE];
	char    customer_id[LEDGER_ID_SIZE];
	char    verifier[LEDGER_LINK_SIZE]; /* see callcenter/pin.h; "": of no use any more */
	int     tries;                      /* that did not match */
	int64_t created_at, expires_at, used_at;
	char    used_by[LEDGER_ID_SIZE];    /* the verification */
};

/* Whose events are counted. */
enum ledger_scope {
	LEDGER_SCOPE_NUMBER,      /* by to_id */
	LEDGER_SCOPE_AGENT,       /* by agent_id */
	LEDGER_SCOPE_INTERACTION,
	LEDGER_SCOPE_SYSTEM,      /* all; the key is not used */
	LEDGER_SCOPE__MAX
};

enum ledger_counted {
	LEDGER_COUNTED_SENDS,
	LEDGER_COUNTED_FAILURES,
	LEDGER_COUNTED__MAX
};

/* What makes the wrong codes of a number count afresh: an event's outcome. */
enum ledger_opening {
	LEDGER_OPENING_APPROVED,
	LEDGER_OPENING_UNLOCKED,
	LEDGER_OPENING__MAX
};

struct ledger; /* for the life of the process; shared by all threads */

/* Is it the address of a ledger, as far as that can be said without opening it? */
bool ledger_address_valid(const char *address);

#define LEDGER_ADDRESS_SIZE 256

/* The address for people: without a password, and cut off where it is too long. */
void ledger_show_address(const char *address, char shown[LEDGER_ADDRESS_SIZE]);

/*
 * Opens, or makes, the ledger that the address names: "sqlite:/path/file", or
 * "postgresql://user@host/database" and what else libpq takes in a URI
 * (postgresql.org/docs/15/libpq-connect.html).  key authenticates the chain of
 * events and must outlive the ledger.  sync is for a file of SQLite; a database
 * of PostgreSQL is always LEDGER_SYNC_FULL.  On LEDGER_OK *ledger is the
 * caller's, to be given to ledger_close; otherwise it is NULL.
 */
enum ledger_result ledger_open(const char *address, const char *key, enum ledger_sync sync, struct ledger **ledger);
void               ledger_close(struct ledger *ledger);

/*
 * The same for a ledger that is there, to read it only, whether or not
 * programs write it meanwhile: nothing is changed, and no file is made beside
 * a ledger that nobody has open.
 */
enum ledger_result ledger_open_to_read(const char *address, struct ledger **ledger);

/*
 * Could a program write this ledger now, with this key?  Changes nothing: a
 * ledger of an older version stays one, and one that is not there, or has no
 * tables yet, which is LEDGER_NOT_FOUND, is not made.
 */
enum ledger_result ledger_try(const char *address, const char *key);

/* Begins a transaction and keeps the ledger for this thread until commit or rollback. */
enum ledger_result ledger_begin(struct ledger *ledger, enum ledger_access access);
/*
 * On anything but LEDGER_OK the transaction was rolled back; or, with
 * PostgreSQL, the connection broke before it was known, and only the next look
 * tells.  What a reader has read may then be of different moments.
 */
enum ledger_result ledger_commit(struct ledger *ledger);
void               ledger_rollback(struct ledger *ledger);

/*
 * What is done inside a transaction: reads and writes, briefly, and begins no
 * other, for which it would wait in vain.  False: it is not to be committed.
 */
typedef bool ledger_act(void *context);

/*
 * Runs an act in a transaction of a writer, and commits that.  Acts of other
 * threads that wait meanwhile share it, one behind the other, for most of what
 * a transaction costs is its end; so another thread may run the act, while this
 * one waits.  LEDGER_OK: committed.  LEDGER_FAILED also if the act, or one of
 * the others, gave up when something was written.  The rest as ledger_begin and
 * ledger_commit; and what the act has read then may never have been.
 */
enum ledger_result ledger_write(struct ledger *ledger, ledger_act *act, void *context);

/* Inside a transaction only. */

/* The verification whose id begins so; LEDGER_NOT_FOUND also if there are two of them. */
enum ledger_result ledger_find(struct ledger *ledger, const char *id_beginning,
    struct ledger_verification *verification);
/* The latest verification of a contact as this customer, before it any stop of the interaction, or LEDGER_NOT_FOUND. */
enum ledger_result ledger_latest(struct ledger *ledger, const char *interaction, const char *to_id,
    const char *customer_id, struct ledger_verification *verification);
/* The call-back that an interaction was made for, to this number of this customer, or LEDGER_NOT_FOUND. */
enum ledger_result ledger_call_back(struct ledger *ledger, const char *interaction, const char *to_id,
    const char *customer_id, struct ledger_verification *verification);
/*
 * The latest verification of a number, begun after a time, that Twilio may
 * still hold a code for and that is not the one with this id; or
 * LEDGER_NOT_FOUND.
 */
enum ledger_result ledger_other_open(struct ledger *ledger, const char *to_id, const char *id, int64_t since,
    struct ledger_verification *verification);
/*
 * How many other verifications of a number, begun after a time, has this SID
 * of Twilio's, or may have sent a code whose answer was lost or is not there yet, so that it may be theirs?
 */
enum ledger_result ledger_contested(struct ledger *ledger, const char *to_id, const char *id,
    const char *verification_sid, int64_t since, int64_t *others);
/* Over how many different channels are a contact's living approvals, by one agent's checks or ("") anybody's? */
enum ledger_result ledger_approved_channels(struct ledger *ledger, const char *interaction, const char *to_id,
    const char *customer_id, const char *checked_by, int64_t now, int64_t *channels);
/* Is one of the same approvals over this channel? */
enum ledger_result ledger_approved_by(struct ledger *ledger, const char *interaction, const char *to_id,
    const char *customer_id, const char *checked_by, const char *channel, int64_t now, bool *approved);
/* Ends all approvals of a contact: their state is canceled. */
enum ledger_result ledger_end_approvals(struct ledger *ledger, const char *interaction, const char *to_id);
/*
 * The same of all contacts of an interaction, with the codes and links that are
 * out: none of them is good again when a stop is lifted.
 */
enum ledger_result ledger_close_interaction(struct ledger *ledger, const char *interaction);
/* Visits verifications until visit returns false. */
typedef bool ledger_verification_visitor(void *context, const struct ledger_verification *verification);
/* The latest one of each contact that an event of a time is about, the last event's first. */
enum ledger_result ledger_each_contact(struct ledger *ledger, int64_t from, int64_t to,
    ledger_verification_visitor *visit, void *context);
/* The latest one of each number that had so many wrong codes since, and those that were stopped since and still are. */
enum ledger_result ledger_each_closable(struct ledger *ledger, int64_t since, int failures,
    ledger_verification_visitor *visit, void *context);
/* Writes a verification, new or changed, by its id. */
enum ledger_result ledger_put(struct ledger *ledger, const struct ledger_verification *verification);
/*
 * Appends an event, tied to all before it (see chain.h).  LEDGER_ALTERED: the
 * seal is not one that the key made; a new one would cover up what happened.
 */
enum ledger_result ledger_append(struct ledger *ledger, const struct ledger_event *event);
/* Sum of what the key's events after since added to a count. */
enum ledger_result ledger_sum(struct ledger *ledger, enum ledger_scope scope, const char *key,
    enum ledger_counted counted, int64_t since, int64_t *sum);
/*
 * When the sum after since, which is at least most, falls below it: as the
 * event of the time *at falls out of the window.
 */
enum ledger_result ledger_falls_below(struct ledger *ledger, enum ledger_scope scope, const char *key,
    enum ledger_counted counted, int64_t most, int64_t since, int64_t *at);
/* When the last code was sent to a number, after a time; 0 if none was.  One that was not sent after all is none. */
enum ledger_result ledger_last_send(struct ledger *ledger, const char *to_id, int64_t since, int64_t *at);
/* When the last event of a number with this outcome happened, of those up to a time; 0 if none did. */
enum ledger_result ledger_last_opening(struct ledger *ledger, const char *to_id, enum ledger_opening opening,
    int64_t until, int64_t *at);
/* How often did an agent begin an operation, after a time, in an interaction or for a number ("": for none)? */
enum ledger_result ledger_begun_by(struct ledger *ledger, const char *agent_id, const char *interaction,
    const char *to_id, int64_t since, int64_t *times);

/* The one PIN of a customer that is of use or was lately, or LEDGER_NOT_FOUND. */
enum ledger_result ledger_find_pin(struct ledger *ledger, const char *customer_id, struct ledger_pin *pin);
/* Writes a PIN, new or changed, by its id. */
enum ledger_result ledger_put_pin(struct ledger *ledger, const struct ledger_pin *pin);
/* Makes all PINs of a customer useless. */
enum ledger_result ledger_retire_pins(struct ledger *ledger, const char *customer_id);
/* Makes those useless that ran out before a time, and forgets those made before another. */
enum ledger_result ledger_forget_pins(struct ledger *ledger, int64_t expired, int64_t created);
/* When the PIN of a customer was made that has newer - 1 later ones, of those made after a time; 0: there are fewer. */
enum ledger_result ledger_pin_issued(struct ledger *ledger, const char *customer_id, int newer, int64_t since,
    int64_t *at);
/* Takes a request of the portal down, and forgets those before a time.  again: it was there before. */
enum ledger_result ledger_take_request(struct ledger *ledger, const char *nonce, int64_t at, int64_t forget,
    bool *again);

/* One event as it stands in the ledger, and the seal. */
struct ledger_record {
	int64_t             position;
	struct ledger_event event;
	char                link[LEDGER_LINK_SIZE];
	bool                whole; /* false: a column holds what no event holds; its member is empty */
};
struct ledger_seal {
	int64_t position; /* of the last event; 0: none yet */
	char    link[LEDGER_LINK_SIZE];
	char    seal[LEDGER_LINK_SIZE];
};

enum ledger_order {
	LEDGER_BY_POSITION,
	LEDGER_BY_VERIFICATION, /* the events of each together, and those by position */
	LEDGER_ORDER__MAX
};

/* Visits the events from a position on until visit returns false. */
typedef bool ledger_visitor(void *context, const struct ledger_record *record);
enum ledger_result ledger_each(struct ledger *ledger, enum ledger_order order, int64_t from, ledger_visitor *visit,
    void *context);
/*
 * Visits the events of a time, those of each verification together, and those
 * by position.  A record then has only its event's time, verification, action,
 * outcome and sends.
 */
enum ledger_result ledger_each_within(struct ledger *ledger, int64_t from, int64_t to, ledger_visitor *visit,
    void *context);
enum ledger_result ledger_read_seal(struct ledger *ledger, struct ledger_seal *seal);

/*
 * A verification in the state approved or overridden without an event of its
 * own that says so in the same word, or LEDGER_NOT_FOUND.
 */
enum ledger_result ledger_unrecorded(struct ledger *ledger, struct ledger_verification *verification);

/* ---- Upkeep ---- */

/* Where the record begins: behind the last event that was purged.  Position 0: nothing was. */
enum ledger_result ledger_read_origin(struct ledger *ledger, struct ledger_seal *origin);

/* Visits all verifications, those of a contact in their order. */
enum ledger_result ledger_each_verification(struct ledger *ledger, ledger_verification_visitor *visit, void *context);

/* For a copy, into a ledger that has none: an event with its position and link; where the record begins and ends. */
enum ledger_result ledger_restore(struct ledger *ledger, const struct ledger_record *record);
enum ledger_result ledger_restore_ends(struct ledger *ledger, const struct ledger_seal *origin,
    const struct ledger_seal *seal);

/* So many events at most go in one transaction. */
#define LEDGER_PURGE_MAX 200

/*
 * Removes the oldest events of before a time, and with its last event each
 * verification that is over.  What is left of the record begins behind them
 * and can be verified.  The wrong codes of numbers that had no right one since
 * go on counting: they are appended again, as an event without an agent.  A
 * contact that was stopped stays so.  purged: how many went; less than the most
 * if there are no more.  It does not look whether the record is whole: verify it
 * before.  LEDGER_ALTERED: a row or the seal is not as a program with this key
 * wrote it; roll back.
 */
enum ledger_result ledger_purge(struct ledger *ledger, int64_t before, int64_t *purged);

#define LEDGER_FAULT_SIZE 256

/* Are pages and indexes in order?  LEDGER_ALTERED: no, and fault says what is the matter. */
enum ledger_result ledger_check(struct ledger *ledger, char fault[LEDGER_FAULT_SIZE]);

const char *ledger_result_name(enum ledger_result result);

#endif
