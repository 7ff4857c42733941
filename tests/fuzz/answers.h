/*
 * answers: plays http_client.h for targets about what others answer.
 *
 * Each part of an input is an answer.  Its first line says how it came: a
 * status, then any of the words below; what follows is the body.
 *
 *   json       it says that it is JSON
 *   limit      it names a rate limit of the service
 *   wait=N     Retry-After, in seconds
 *   version=X  ETag
 *   lost, late, unsent, broken
 *              it did not come: the connection broke, time was up, nothing was
 *              sent, it was no HTTP
 *
 * When there are no more answers, nobody can be reached.
 */
#ifndef TESTS_ANSWERS_H
#define TESTS_ANSWERS_H

#include "base/json.h"
#include "http/http_client.h"
#include "twilio/twilio.h"

#include "fuzz.h"

#define ZEROS_31     "0000000000000000000000000000000"
#define ACCOUNT      "AC" ZEROS_31 "1"
#define SERVICE      "VA" ZEROS_31 "1"
#define WORKSPACE    "WS" ZEROS_31 "1"
#define VERIFICATION "VE" ZEROS_31 "1"
#define TASK         "WT" ZEROS_31 "1"
#define WORKER       "WK" ZEROS_31 "1"
#define WORKER_NAME  "ana"
#define CUSTOMER     "+12025550101"
#define SECRET       "s3cr3t"

#define ANSWERS_MAX 8

/* An answer that was given, to compare with what was made of it. */
struct answer {
	enum http_client_result result;
	int                     status;
	bool                    is_json;
	struct json_object     *object; /* the body; NULL if it is no JSON object */
};

/* From now on, the answers are those of an input. */
void answers_begin(const uint8_t *data, size_t size);
void answers_end(void);

/* The one that was given as the nth, from 0; NULL: so many were not asked for. */
const struct answer *answers_given(size_t n);

/* A 2xx with a JSON object? */
bool answers_positive(size_t n);

/* Is the member of the nth answer this text? */
bool answers_say(size_t n, const char *key, const char *text);

/* A Twilio that answers so. */
extern const struct twilio answers_twilio;

#endif
