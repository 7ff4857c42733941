/*
 * http_client: HTTP requests out.  The one user of libcurl.
 *
 * https only (plain http to a loopback address), TLS 1.2 or newer with
 * verification always on, no redirects, no proxy unless one is configured,
 * HTTP/1.1, answers of at most HTTP_CLIENT_ANSWER_MAX_BYTES.
 *
 * Connections are kept in a pool that all threads share, the warmest first.
 * What changes something is never sent twice: when a kept connection turns out
 * to be dead in the middle of a call, libcurl asks us before it begins again,
 * and the call ends as HTTP_CLIENT_LOST if a byte of it has gone out.
 *
 * The process has to ignore SIGPIPE: libcurl is told to leave signals alone.
 */
#ifndef HTTP_HTTP_CLIENT_H
#define HTTP_HTTP_CLIENT_H

#include "base/buffer.h"
#include "base/metrics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Twilio answer is 1 to 4 KiB; a list of reservations at most some 30. */
#define HTTP_CLIENT_ANSWER_MAX_BYTES 65536

/* A load balancer that closes idle connections does so after 60 s or more; libcurl 7.88 is bad at noticing. */
#define HTTP_CLIENT_IDLE_MAX_S 30

/* A certificate is checked at connect only, so a connection is not kept for ever. */
#define HTTP_CLIENT_CONNECTION_LIFETIME_S 300

/* How many threads' connections are kept idle, unless the options say something else. */
#define HTTP_CLIENT_KEPT_MAX 64

/* Calls of one http_client_perform_all that run at the same time; more are made by so many at a time. */
#define HTTP_CLIENT_PARALLEL_MAX 4

#define HTTP_CLIENT_REQUEST_ID_SIZE 64

enum http_client_result {
	HTTP_CLIENT_OK = 0,        /* an answer of whatever status is there */
	HTTP_CLIENT_NOT_SENT,      /* resolve, connect or TLS failed: the server saw nothing */
	HTTP_CLIENT_TIMED_OUT,     /* deadline or connect time passed; whether the server acted is unknown if sent */
	HTTP_CLIENT_LOST,          /* connection broke after sending began: whether the server acted is unknown */
	HTTP_CLIENT_BAD_ANSWER,    /* not HTTP, or larger than the limit or the memory */
	HTTP_CLIENT_BAD_URL,       /* neither https nor http to loopback, or a senseless call: nothing was sent */
	HTTP_CLIENT_NO_MEMORY      /* nothing was sent */
};

/* What was in the way of a call that did not get through, as far as it can be told. */
enum http_client_obstacle {
	HTTP_CLIENT_NO_OBSTACLE = 0,
	HTTP_CLIENT_NO_ADDRESS,  /* the host's name has none, or no name server answers */
	HTTP_CLIENT_NO_LISTENER, /* nobody accepts connections there, or nothing comes back */
	HTTP_CLIENT_PROXY_FAULT, /* the proxy has no address or speaks another language */
	HTTP_CLIENT_CERTIFICATE, /* it is not of a trusted authority, not for this host, or out of date */
	HTTP_CLIENT_CA_FILE,     /* ca_file holds no certificates */
	HTTP_CLIENT_TLS_FAULT,   /* no common version or cipher, or no TLS at all */
	HTTP_CLIENT_OTHER_OBSTACLE
};

struct http_client; /* for the life of the process; shared by all threads */

struct http_client_options {
	int         connect_timeout_ms; /* 1 or more; resolving and TLS included */
	int         kept_max;           /* of so many threads; 0: HTTP_CLIENT_KEPT_MAX */
	const char *proxy;   /* NULL: none */
	const char *ca_file; /* NULL: the system's */
	struct metrics *metrics; /* where calls are counted; NULL: nowhere.  Borrowed */
};

/*
 * One call.  The caller sets the first part and owns all it points to until
 * the call is done; http_call_init zeroes all, http_call_free frees the answer.
 * A call may be performed again: the earlier answer is then forgotten.
 */
struct http_call {
	const char *method; /* "GET", "POST" or "DELETE" */
	const char *url;
	const char *username, *password; /* HTTP Basic (RFC 7617); NULL: none */
	const char *content_type;        /* of the body; NULL without one */
	const char *body;
	size_t      body_length;
	const char *if_match;            /* NULL: none */
	const char *header_name, *header_value; /* one more; NULL: none */
	enum metrics_api api;            /* under which it is counted */

	enum http_client_result result;
	enum http_client_obstacle obstacle; /* none with HTTP_CLIENT_OK, BAD_URL and NO_MEMORY */
	bool          sent;   /* bytes of the request left this host */
	int           status; /* HTTP status, 0 without an answer */
	struct buffer answer; /* body of the answer */
	bool          answer_is_json; /* by its Content-Type */
	char          etag[32];       /* "" if none, longer, or not of visible ASCII */
	int           retry_after_s;  /* -1 if none */
	bool          limit_named;    /* Twilio-Reached-Rate-Limit is there */
	int64_t       date_ms;        /* the server's clock, Unix ms of a whole second (Date); 0 if none */
	char          request_id[HTTP_CLIENT_REQUEST_ID_SIZE]; /* Twilio-Request-Id, in the same way */
};

/*
 * NULL without memory, when the options cannot be used (unreadable ca_file, a
 * proxy that is no URL), or with a libcurl that lacks TLS, the resolver thread
 * or a thread-safe start.  The options are copied.
 */
struct http_client *http_client_new(const struct http_client_options *options);
void                http_client_free(struct http_client *client);

void http_call_init(struct http_call *call);
void http_call_free(struct http_call *call);

/* Makes one call and returns call->result, by deadline_ms of clock_monotonic_ms() at the latest. */
enum http_client_result http_client_perform(struct http_client *client, struct http_call *call, int64_t deadline_ms);

/* Makes independent calls at the same time; returns when all have their result. */
void http_client_perform_all(struct http_client *client, struct http_call *const *calls, size_t count,
    int64_t deadline_ms);

/*
 * True for an https URL with a host, or an http URL whose host is 127.0.0.0/8,
 * [::1] or localhost, without user name or password in it.
 */
bool http_client_url_allowed(const char *url);

const char *http_client_result_name(enum http_client_result result);

#endif
