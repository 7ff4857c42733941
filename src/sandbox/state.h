/*
 * state: all that the sandbox remembers, in memory, under one lock.
 *
 * Every function here but sandbox_new, sandbox_free and the lock's own wants
 * the lock held.  It is held for lookups and changes only, never while an
 * answer is on its way or delayed.
 */
#ifndef SANDBOX_STATE_H
#define SANDBOX_STATE_H

#include "identity.h"
#include "people.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Twilio's limits: https://www.twilio.com/docs/verify/api/rate-limits-and-timeouts */
#define SANDBOX_SENDS_MAX       5
#define SANDBOX_CHECKS_MAX      5
#define SANDBOX_CODE_LIFE_MS    600000
#define SANDBOX_CODE_LENGTH     6
#define SANDBOX_CODE_LENGTH_MIN 4
#define SANDBOX_CODE_LENGTH_MAX 10

/* https://www.twilio.com/docs/taskrouter/limits */
#define SANDBOX_ATTRIBUTES_MAX_CHARACTERS 4096

/* The oldest is forgotten when there are more; a day of testing by hand makes some dozens. */
#define SANDBOX_VERIFICATIONS_MAX 1024

/* How many there may be of each is not documented. */
#define SANDBOX_RATE_LIMITS_MAX 10
#define SANDBOX_BUCKETS_MAX     5

/* Starts that are remembered for the rate limits, one for each limit that they name. */
#define SANDBOX_HITS_MAX 4096

#define SANDBOX_LIMIT_NAME_SIZE 65
#define SANDBOX_LIMITED_SIZE    129 /* what is counted: a value of RateLimits, and the NUL */

/* About a hundred are there from the start; the rest come in by hand. */
#define SANDBOX_TASKS_MAX        512
#define SANDBOX_RESERVATIONS_MAX 3 /* of one task */
#define SANDBOX_CALLS_MAX        64
#define SANDBOX_TEXTS_MAX        256
#define SANDBOX_TEXT_SIZE        6401 /* 1600 characters of UTF-8, and the NUL */
#define SANDBOX_ADDRESS_SIZE     255 /* an e-mail address (RFC 5321: 254 octets) and the NUL */
#define SANDBOX_LOCALE_SIZE      16
#define SANDBOX_STATUS_SIZE      16
#define SANDBOX_REASON_SIZE      256
#define SANDBOX_NOTE_SIZE        128

enum sandbox_status {
	SANDBOX_PENDING,
	SANDBOX_APPROVED,
	SANDBOX_CANCELED,
	SANDBOX_MAX_ATTEMPTS_REACHED,
	SANDBOX_EXPIRED
};

/* One sending of a code: what Twilio calls an attempt, and what the phone shows of it. */
struct sandbox_send {
	char        sid[SANDBOX_SID_SIZE]; /* VL */
	const char *channel;               /* a constant: sms, call, whatsapp, email */
	char        locale[SANDBOX_LOCALE_SIZE]; /* "": none was asked for */
	int64_t     time_ms;
	uint64_t    order;                 /* counts all sends: several fall into one millisecond */
	bool        delivered;
};

struct sandbox_verification {
	char                sid[SANDBOX_SID_SIZE]; /* VE; "" in an unused record */
	char                to[SANDBOX_ADDRESS_SIZE];
	char                code[SANDBOX_CODE_LENGTH_MAX + 1];
	enum sandbox_status status; /* as last set; see sandbox_verification_status */
	int64_t             created_ms, updated_ms;
	int                 checks, send_count;
	struct sandbox_send sends[SANDBOX_SENDS_MAX];
};

struct sandbox_reservation {
	char    sid[SANDBOX_SID_SIZE]; /* WR */
	int     worker;
	char    status[SANDBOX_STATUS_SIZE];
	int     version;
	int64_t updated_ms;
};

/*
 * The customer's leg of a call that is a task, and the conference that Flex
 * joins it and an agent in.  What a task's attributes say of it is only a copy.
 */
struct sandbox_leg {
	char  call_sid[SANDBOX_SID_SIZE], worker_call_sid[SANDBOX_SID_SIZE];
	char  conference_sid[SANDBOX_SID_SIZE];
	char  conference_name[SANDBOX_SID_SIZE]; /* the SID of its first task */
	char  customer[SANDBOX_ADDRESS_SIZE];
	bool  outbound;
	bool  over;           /* hung up */
	bool  conference_over;
	bool  ends;           /* the conference ends when this leg leaves it */
	bool  hold;
	char *twiml;          /* owned; what it does instead of being in the conference; NULL: it is there */
	int   documents;      /* so many were given to it */
	char  recording_sid[SANDBOX_SID_SIZE]; /* of the leg itself; "": none */
	bool  recording_paused;
	int64_t start_ms;
};

struct sandbox_task {
	char        sid[SANDBOX_SID_SIZE]; /* WT */
	char       *attributes;            /* JSON text, owned */
	char        status[SANDBOX_STATUS_SIZE];
	char        reason[SANDBOX_REASON_SIZE];
	const char *channel;
	char        note[SANDBOX_NOTE_SIZE]; /* what the task is there for */
	bool        everyday; /* shown on the desk; the others are special cases */
	int         version;
	int         priority;
	int64_t     created_ms, updated_ms;
	uint64_t    sends_before; /* sandbox->sends when it was created: older messages belong to others */

	struct sandbox_leg *leg; /* one of the sandbox's; NULL: no call */

	struct sandbox_reservation reservations[SANDBOX_RESERVATIONS_MAX];
	size_t                     reservation_count;
};

/* So many starts in so many seconds. */
struct sandbox_bucket {
	char    sid[SANDBOX_SID_SIZE]; /* BL */
	int     max, interval_s;
	int64_t created_ms;
};

struct sandbox_rate_limit {
	char                  sid[SANDBOX_SID_SIZE]; /* RK */
	char                  name[SANDBOX_LIMIT_NAME_SIZE];
	char                  description[SANDBOX_NOTE_SIZE];
	int64_t               created_ms;
	struct sandbox_bucket buckets[SANDBOX_BUCKETS_MAX];
	size_t                bucket_count;
};

/* A start that a rate limit counted. */
struct sandbox_hit {
	char    limit_sid[SANDBOX_SID_SIZE];
	char    value[SANDBOX_LIMITED_SIZE];
	int64_t time_ms;
};

/* A call that the account makes: an agent dialled a customer, who is on the line. */
struct sandbox_call {
	char    sid[SANDBOX_SID_SIZE]; /* CA; "" in an unused record */
	char    to[SANDBOX_ADDRESS_SIZE];
	bool    over;
	int64_t start_ms, end_ms;
};

/* A text of the account's own words. */
struct sandbox_text {
	char     sid[SANDBOX_SID_SIZE]; /* SM; "" in an unused record */
	char     to[SANDBOX_ADDRESS_SIZE];
	char     body[SANDBOX_TEXT_SIZE];
	int64_t  time_ms;
	uint64_t order; /* among the sends */
	bool     delivered;
};

/* Where a send is. */
struct sandbox_send_place {
	const struct sandbox_verification *verification;
	const struct sandbox_send         *send;
};

struct sandbox {
	pthread_mutex_t lock;
	atomic_int      requests_in_flight;
	int64_t         clock_advance_ms;
	int64_t         round;    /* when it was started or reset last, Unix ms: its calls are new ones */
	uint64_t        sends; /* since the start or the last reset */

	struct sandbox_verification *verifications; /* a ring of SANDBOX_VERIFICATIONS_MAX */
	size_t                       verification_next;

	struct sandbox_send_place send_places[SANDBOX_VERIFICATIONS_MAX * SANDBOX_SENDS_MAX]; /* of sandbox_each_send */

	struct sandbox_rate_limit rate_limits[SANDBOX_RATE_LIMITS_MAX];
	size_t                    rate_limit_count;
	struct sandbox_hit        hits[SANDBOX_HITS_MAX]; /* a ring */
	size_t                    hit_next;

	struct sandbox_call calls[SANDBOX_CALLS_MAX]; /* a ring */
	size_t              call_next;

	struct sandbox_text texts[SANDBOX_TEXTS_MAX]; /* a ring */
	size_t              text_next;

	struct sandbox_task tasks[SANDBOX_TASKS_MAX];
	size_t              task_count;

	struct sandbox_leg legs[SANDBOX_TASKS_MAX];
	size_t             leg_count;
};

/* A fresh sandbox, or NULL without memory. */
struct sandbox *sandbox_new(void);
void            sandbox_free(struct sandbox *sandbox);

void sandbox_lock(struct sandbox *sandbox);
void sandbox_unlock(struct sandbox *sandbox);

/*
 * Back to how it was at the start: no verifications, tasks and rate limits as
 * seeded, the true time.  False without memory.
 */
bool sandbox_reset(struct sandbox *sandbox);

/* The sandbox's own time: the true one plus what POST /sandbox/clock advanced it by. */
int64_t sandbox_now_ms(const struct sandbox *sandbox);

/* A zeroed record in the place of the oldest. */
struct sandbox_verification *sandbox_verification_add(struct sandbox *sandbox);

/* By SID, or the newest of an address; NULL if there is none. */
struct sandbox_verification *sandbox_verification_find(struct sandbox *sandbox, const char *sid);
struct sandbox_verification *sandbox_verification_newest(struct sandbox *sandbox, const char *to);

/* The status now: what is pending or has used its checks up expires; so has NULL. */
enum sandbox_status sandbox_verification_status(const struct sandbox *sandbox,
    const struct sandbox_verification *verification);

/* Visits every send of every verification, the newest first, until visit returns false. */
typedef bool sandbox_send_visitor(void *context, const struct sandbox_verification *verification,
    const struct sandbox_send *send);
void sandbox_each_send(struct sandbox *sandbox, sandbox_send_visitor *visit, void *context);

struct sandbox_task *sandbox_task_find(struct sandbox *sandbox, const char *sid);

/* Has a worker accepted it, and not wrapped it up yet? */
bool sandbox_task_is_held(const struct sandbox_task *task);

#endif
