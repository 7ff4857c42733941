/*
 * http_client_exchange: one call on its way through libcurl, which is told
 * here what to send, how and to whom; private to http_client.
 */
#ifndef HTTP_HTTP_CLIENT_EXCHANGE_H
#define HTTP_HTTP_CLIENT_EXCHANGE_H

#include "http_client_target.h"
#include "trust.h"

#include <stdint.h>

/* How the calls of one client leave this host. */
struct http_client_transport {
	int           connect_timeout_ms;
	char         *proxy; /* "": none */
	struct trust *trust;
};

struct http_client_exchange {
	struct http_call         *call;
	struct http_client_target target;
	struct curl_slist        *headers;
	CURL                     *curl; /* the line's; NULL: the call is not made */
	CURLcode                  code;
	int                       attempts;
	bool                      head_whole; /* of the answer */
	int64_t                   begun_ms, ended_ms;
};

/* Does the call make sense, and may its headers be sent?  Its URL is the target's to judge. */
bool http_client_exchange_valid(const struct http_call *call);

/*
 * Tells exchange->curl all that it has to know of the call, whose target is
 * open; libcurl then fills the rest.  False without memory.  What is made here
 * is freed by http_client_exchange_clear, which is due in any case.
 */
bool http_client_exchange_set_up(struct http_client_exchange *exchange, const struct http_client_transport *transport,
    int64_t left_ms);

/* Did a byte of the request leave this host?  To be asked before http_client_exchange_clear. */
bool http_client_exchange_sent(const struct http_client_exchange *exchange);

/* Frees what belongs to this call, target included; the handle is then as new, but for its connections. */
void http_client_exchange_clear(struct http_client_exchange *exchange);

#endif
