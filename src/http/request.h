/*
 * request: what a CGI request says (RFC 3875), read once into typed members.
 *
 * Pure: variables and bytes in, struct request out.  Knows neither FastCGI nor
 * what the programs do with a request.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Every body of this API is under 1 KiB but for the agent's token, which may
 * take 8 KiB and grow when percent-encoded.
 */
#define REQUEST_BODY_MAX_BYTES 16384

/*
 * Flex tokens are opaque; 8 KiB is twice the longest seen and what web servers
 * take as one header line.
 */
#define REQUEST_TOKEN_MAX_BYTES 8192

#define REQUEST_ID_SIZE 33 /* 32 hex digits, as nginx's $request_id, and the NUL */

enum request_method {
	REQUEST_GET = 1,
	REQUEST_HEAD = 2,
	REQUEST_POST = 4,
	REQUEST_DELETE = 8,
	REQUEST_OPTIONS = 16,
	REQUEST_OTHER = 32
};

enum request_body_type {
	REQUEST_BODY_NONE, /* no body and no Content-Type */
	REQUEST_BODY_FORM, /* application/x-www-form-urlencoded */
	REQUEST_BODY_JSON, /* application/json */
	REQUEST_BODY_OTHER
};

/* How much of the body arrived. */
enum request_arrival {
	REQUEST_COMPLETE,
	REQUEST_TRUNCATED, /* the peer went away or was cut off in the middle */
	REQUEST_TOO_LARGE  /* more than REQUEST_BODY_MAX_BYTES */
};

/* What the server hands over.  All memory is the server's, valid during the request. */
struct request_input {
	char *const         *variables; /* "NAME=value", ended by NULL */
	const char          *body;
	size_t               body_length;
	enum request_arrival arrival;
};

enum request_result {
	REQUEST_OK = 0,
	REQUEST_INCOMPLETE,         /* variables or bytes are missing */
	REQUEST_BODY_TOO_LARGE,
	REQUEST_REPEATED_HEADER,    /* Authorization, Origin or Content-Type came twice */
	REQUEST_MALFORMED_HEADER,   /* a header that cannot be what it should be */
	REQUEST_TOKEN_TOO_LONG,
	REQUEST_METHOD_NOT_ALLOWED,
	REQUEST_QUERY_NOT_ALLOWED,  /* parameters belong in the body: URLs are logged */
	REQUEST_TYPE_NOT_SUPPORTED
};

/* What a program accepts. */
struct request_rules {
	unsigned methods;      /* enum request_method, or-ed */
	bool     query_allowed;
};

struct request {
	enum request_method    method;
	enum request_body_type body_type;
	const char            *path;   /* DOCUMENT_URI (nginx), else SCRIPT_NAME; without the query */
	const char            *query;  /* "" if there is none */
	const char            *origin; /* NULL: no Origin header, or not exactly one origin */
	const char            *bearer_token; /* NULL: no "Authorization: Bearer" */
	const char            *remote_addr;
	const char            *remote_user; /* NULL: the web server authenticated nobody */
	const char            *body;
	size_t                 body_length;
	int                    waited_ms; /* since the web server had it, by REQUEST_START; 0: not known */
	char                   id[REQUEST_ID_SIZE]; /* the web server's, or made here */
	char *const           *variables;
};

/*
 * Reads and judges a request.  Whatever the result, request is filled as far
 * as it could be read (method and origin above all), so that a refusal can be
 * answered properly.  Pointers are valid as long as the input's.  OPTIONS is
 * read whatever the methods of the rules are: browsers ask with it.
 */
enum request_result request_read(const struct request_input *input,
    const struct request_rules *rules, struct request *request);
const char *request_result_name(enum request_result result);

/* A CGI variable, e.g. "HTTP_IF_MATCH", or NULL. */
const char *request_variable(const struct request *request, const char *name);

#endif
