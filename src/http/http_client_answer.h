/*
 * http_client_answer: what came of a call: its answer, or what was in the way;
 * private to http_client.
 */
#ifndef HTTP_HTTP_CLIENT_ANSWER_H
#define HTTP_HTTP_CLIENT_ANSWER_H

#include "http_client_exchange.h"

/* Makes the call as if it had never been performed. */
void http_client_answer_forget(struct http_call *call);

/* When libcurl is done with the exchange: fills the call's answer, all but the body, and says how it ended. */
enum http_client_result http_client_answer_judge(struct http_client_exchange *exchange);

#endif
