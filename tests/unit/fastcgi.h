/*
 * fastcgi: a web server's side of FastCGI, record by record, so that a test
 * can leave out, cut off or delay any of them.  What fails, fails the test.
 */
#ifndef TESTS_FASTCGI_H
#define TESTS_FASTCGI_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Record types: FastCGI 1.0, section 8. */
#define FASTCGI_BEGIN  1
#define FASTCGI_END    3
#define FASTCGI_PARAMS 4
#define FASTCGI_STDIN  5
#define FASTCGI_STDOUT 6

/* The flag of FASTCGI_BEGIN that keeps the connection. */
#define FASTCGI_KEEP 1

#define FASTCGI_CONTENT_MAX_BYTES 65535

/* Long enough for a slow machine with a sanitizer; reached only when something is wrong. */
#define FASTCGI_PATIENCE_MS 20000

/* What no request can do without. */
#define FASTCGI_POST "REQUEST_METHOD=POST", "REMOTE_ADDR=192.0.2.7"

struct fastcgi_answer {
	struct buffer text;  /* of STDOUT; to be freed */
	bool          ended; /* END_REQUEST came */
};

/* A connection to a Unix socket, or -1. */
int fastcgi_connect(const char *path);

void fastcgi_send_bytes(int fd, const void *bytes, size_t length);
void fastcgi_send_record(int fd, int type, const void *content, size_t length);
void fastcgi_send_begin(int fd, int flags);

/* One record of variables, "NAME=value" ended by NULL; without the record that ends the stream. */
void fastcgi_send_params(int fd, const char *const *variables);

/* As many records as it takes, without the one that ends the stream. */
void fastcgi_send_body(int fd, const char *body, size_t length);

/* A whole POST. */
void fastcgi_send_request(int fd, int flags, const char *path, const char *body);

/* Reads to END_REQUEST, or to the end of the connection. */
void fastcgi_receive_answer(int fd, struct fastcgi_answer *answer);

/* Waits for the end of the connection; false if there is something to read before. */
bool fastcgi_is_closed(int fd);

/* The answer that comes next is 200 with this body. */
void fastcgi_assert_answer(int fd, const char *body);

/* The connection ends without a byte of an answer; closes it here too. */
void fastcgi_assert_not_answered(int fd);

#endif
