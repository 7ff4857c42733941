/*
 * local_twilio: a struct twilio that talks to a local_server, for the tests of
 * src/twilio.  SIDs, tokens and numbers are invented.
 */
#ifndef TESTS_LOCAL_TWILIO_H
#define TESTS_LOCAL_TWILIO_H

#include "local_server.h"
#include "twilio/twilio.h"

#define ZEROS_31    "0000000000000000000000000000000"
#define ACCOUNT     "AC" ZEROS_31 "1"
#define API_KEY     "SK" ZEROS_31 "1"
#define SERVICE     "VA" ZEROS_31 "1"
#define OTHER_VA    "VA" ZEROS_31 "2"
#define WORKSPACE   "WS" ZEROS_31 "1"
#define CUSTOMER    "+12025550101"
#define ELSEWHERE   "+12025550102"
#define JSON_TYPE   "application/json"
#define DEADLINE_MS 10000

struct local_twilio {
	struct local_server *server;
	struct twilio        twilio;
};

void local_twilio_start(struct local_twilio *local);
void local_twilio_stop(struct local_twilio *local);

/* One answer to whatever is asked from now on. */
void local_twilio_answer(struct local_twilio *local, int status, const char *content_type, const char *body);

/* DEADLINE_MS from now. */
int64_t local_twilio_deadline(void);

#endif
