/*
 * metrics: counts of what happens, for whoever looks after this host.
 *
 * All programs of a host, each in one process or several, count into one file
 * that they map together, so that one look tells all of it and no count is lost
 * with a process.  A count is an atomic addition: no lock, no system call.
 * What a process has at the moment, such as busy threads, stands in a slot of
 * its own; the kernel lets go of the slot's lock when the process ends, however
 * it does.
 *
 * Nobody waits for a count and no request fails by it: whatever is wrong with
 * the file, a program works on without.  NULL is a struct metrics that counts
 * nothing.  Labels are words of metrics_table.c and the programs' names; no
 * number, agent, task or customer is ever among them.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdint.h>

/* What is counted; metrics_table.c has name, help and labels of each. */
enum metric {
	METRIC_REQUESTS,         /* enum metrics_status */
	METRIC_REQUEST_SECONDS,
	METRIC_ACCEPT_ERRORS,
	METRIC_SENDS,            /* enum metrics_result_of, up to METRICS_UNCLEAR; METRICS_DONE is a code sent */
	METRIC_CHECKS,           /* enum metrics_result_of; METRICS_DONE is an approval */
	METRIC_RATE_LIMITED,     /* enum metrics_scope */
	METRIC_DATA_RELEASED,
	METRIC_DATA_DENIED,      /* enum metrics_denial */
	METRIC_LEDGER_FAILURES,
	METRIC_UPSTREAM_SECONDS, /* enum metrics_api, enum metrics_outcome */
	METRIC_THREADS,          /* of this process, as the next */
	METRIC_THREADS_BUSY,
	METRIC__MAX
};

/* The labels' values, in the order of metrics_table.c. */
enum metrics_status {
	METRICS_STATUS_1XX,
	METRICS_STATUS_2XX,
	METRICS_STATUS_3XX,
	METRICS_STATUS_4XX,
	METRICS_STATUS_5XX
};
enum metrics_result_of {
	METRICS_DONE,
	METRICS_LIMITED,
	METRICS_REFUSED,
	METRICS_FAILED,
	METRICS_UNCLEAR,
	METRICS_WRONG_CODE,
	METRICS_EXPIRED
};
enum metrics_scope {
	METRICS_SCOPE_NUMBER, /* also a contact's own */
	METRICS_SCOPE_RESEND, /* the pause after a code */
	METRICS_SCOPE_AGENT,
	METRICS_SCOPE_SYSTEM,
	METRICS_SCOPE_TWILIO
};
enum metrics_denial {
	METRICS_NOT_VERIFIED,
	METRICS_NEEDS_OWN_CODE,
	METRICS_NOT_SIGNED_IN,
	METRICS_NOT_ALLOWED,
	METRICS_DENIED_FAILED
};
enum metrics_api {
	METRICS_API_CUSTOMERS, /* the company's look-up; all others are Twilio's */
	METRICS_API_VERIFY,
	METRICS_API_IAM,
	METRICS_API_TASKROUTER,
	METRICS_API_VOICE,
	METRICS_API_MESSAGING
};
enum metrics_outcome {
	METRICS_OK,
	METRICS_REFUSED_UPSTREAM, /* 4xx but the next two */
	METRICS_UNAUTHORIZED,     /* 401: our own key */
	METRICS_TOO_MANY,         /* 429 */
	METRICS_FAILED_UPSTREAM,  /* 5xx, and answers that are none */
	METRICS_UNREACHABLE,
	METRICS_TIMED_OUT
};

/* How a process is. */
enum metrics_state {
	METRICS_STARTING,
	METRICS_READY,
	METRICS_STOPPING
};

enum metrics_result {
	METRICS_FILE_OK = 0,
	METRICS_FILE_NONE,          /* there is none */
	METRICS_FILE_FOREIGN,       /* something else stands there, or a part of it is missing */
	METRICS_FILE_OTHER_VERSION, /* another version of these programs made it */
	METRICS_FILE_FAILED         /* errno says why */
};

struct metrics; /* for the life of the process; shared by all threads */

/*
 * Opens the file, or makes it, for a program of this name.  One that another
 * version made is replaced, as that version's programs are about to end; one
 * of somebody else is left alone.  On METRICS_FILE_OK *metrics is the caller's,
 * otherwise NULL.
 */
enum metrics_result metrics_open(const char *path, const char *program, struct metrics **metrics);

/* An orderly end: the slot is given up, the counts stay. */
void metrics_close(struct metrics *metrics);

/* One more; label values as the metric demands, 0 where it has fewer.  A value that it does not know counts nothing. */
void metrics_count(struct metrics *metrics, enum metric metric, int first, int second);

/* One more that took so long; for a metric that is a histogram. */
void metrics_observe(struct metrics *metrics, enum metric metric, int first, int second, int64_t ms);

/* So many more of what this process has at the moment; for a metric that is a gauge. */
void metrics_have(struct metrics *metrics, enum metric metric, int64_t more);

/* Tells how this process is.  Once it is ready, those of its program that died before are forgotten. */
void metrics_state(struct metrics *metrics, enum metrics_state state);

/* A sign of life; without one for METRICS_SILENT_MS a process is taken to hang. */
#define METRICS_SILENT_MS 10000
void metrics_beat(struct metrics *metrics);

const char *metrics_result_text(enum metrics_result result);

#endif
