/*
 * sandbox_client: requests to a sandbox in the same process, as its FastCGI
 * server would hand them over, and what people do with them.
 */
#ifndef TESTS_SANDBOX_CLIENT_H
#define TESTS_SANDBOX_CLIENT_H

#include "base/json.h"
#include "http/request.h"
#include "http/response.h"
#include "sandbox/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* HTTP Basic, as a client writes it. */
#define ACCOUNT \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMDAwMQ=="
#define API_KEY \
	"Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzYW5kYm94LWFwaS1rZXktc2VjcmV0"
#define WRONG_TOKEN \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMDAwMA=="
#define KEY_WITH_TOKEN \
	"Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMDAwMQ=="
#define LONGER_TOKEN \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMDAwMTA="
#define CRM "Basic c2FuZGJveC1jcm06c2FuZGJveC1jcm0tcGFzc3dvcmQ="

#define TWILIO     "/sandbox/twilio"
#define SERVICE    TWILIO "/v2/Services/" SANDBOX_SERVICE_SID
#define STARTS     SERVICE "/Verifications"
#define CHECKS     SERVICE "/VerificationCheck"
#define VALIDATE   TWILIO "/v1/Accounts/" SANDBOX_ACCOUNT_SID "/Tokens/validate"
#define TASKS      TWILIO "/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks"
#define TASK(n)    TASKS "/WT0000000000000000000000000000" n
#define ANAS_CALL  TASK("0001")
#define ANA        "WK00000000000000000000000000000001"
#define BEN        "WK00000000000000000000000000000002"
#define FORM       "application/x-www-form-urlencoded"
#define JSON       "application/json"
#define TO         "To=%2B12025550101"
#define PERSON     "+12025550101"
#define TEXT_SIZE  512

struct client {
	struct sandbox     *sandbox;
	struct response     response;
	struct json_object *json;          /* of the answer; NULL: the body is none */
	char                sid[SANDBOX_SID_SIZE]; /* of the verification last started */
	char                code[SANDBOX_CODE_LENGTH_MAX + 1];
};

/* A request; members left out have the values that clients send. */
struct client_ask {
	const char *method;   /* GET, or POST with a body */
	const char *path;
	const char *query;
	const char *type;     /* a form */
	const char *body;
	const char *basic;    /* the account's; "": none */
	const char *if_match;
	const char *port;     /* where the web server listens; NULL: it does not say so */

	enum request_arrival arrival;
};

/* One request; safe for threads. */
void client_answer(struct sandbox *sandbox, const struct client_ask *ask,
    struct response *response);

/* One request; keeps the answer and returns its status. */
int client_ask(struct client *f, struct client_ask ask);

/* Of the last answer: a string member ("": none), a number (-1: none), part of a header line. */
const char *client_text(struct client *f, const char *key);
int64_t     client_number(struct client *f, const char *key);
bool        client_has_header(struct client *f, const char *line);

/* The last answer is Twilio's error with all its members. */
void client_assert_error(struct client *f, int status, int code);

/* The inbox; valid until the next request. */
struct json_object *client_messages(struct client *f, const char *query);

/* Sends a code by SMS; client_start also notes SID and code. */
int client_send(struct client *f, const char *to);
int client_start(struct client *f, const char *to);

int client_check(struct client *f, const char *to, const char *code);

/* Of the verification last started. */
int client_fetch(struct client *f);
int client_update(struct client *f, const char *body);

int  client_validate(struct client *f, const char *token);
void client_advance(struct client *f, int seconds);

/* A code that is not this one, and not magic. */
const char *client_other_code(const char *code);

/* before, so many times text, and after; the caller's to free. */
char *client_repeat(const char *before, const char *text, size_t times, const char *after);

int client_set_up(void **state);
int client_tear_down(void **state);

#define CLIENT_TEST(name) cmocka_unit_test_setup_teardown(name, client_set_up, client_tear_down)

#endif
