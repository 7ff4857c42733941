/*
 * doctor: what the checks of flex-verify doctor share.
 *
 * A check looks at one thing and says how it is.  None sends a message to
 * anybody, begins a verification, or leaves an event in the ledger.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "callcenter/settings.h"
#include "cli.h"
#include "http/http_client.h"
#include "twilio/twilio.h"
#include "twilio/verify_service.h"

#include <stdbool.h>
#include <stdint.h>

/* Room for a friendly name, or for the names of all limits. */
#define DOCTOR_TEXT_SIZE 512

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_SKIP, /* could not be looked at, because of another failure */
	DOCTOR_WARN, /* works, but should be looked at */
	DOCTOR_FAIL  /* has to be put right */
};

struct doctor_finding {
	enum doctor_level level;
	char              text[DOCTOR_TEXT_SIZE]; /* printable ASCII, and no secret */
	const char       *advice; /* what to do, in one line; NULL if nothing is to be done */
};

/* What Twilio answered when asked for the Verify service. */
struct doctor_answer {
	enum twilio_result    result;
	struct twilio_trace   trace;
	struct verify_service service; /* with TWILIO_OK */
	int64_t               answered_at; /* our clock, Unix ms */
};

struct doctor {
	struct settings     settings;
	struct http_client *http;   /* NULL: it could not be made */
	struct twilio       twilio; /* as the programs have it */

	/* What Twilio said of the Verify service, to each of the credentials; not asked: trace.http_status is 0. */
	struct doctor_answer by_key, by_token;
	const struct verify_service *service; /* NULL: nobody could read it */
};

struct doctor_check {
	const char *name; /* one word, for people and for programs */
	void (*run)(struct doctor *doctor, struct doctor_finding *finding);
};

/* Tables of checks, in the order in which they are made; each ends with a NULL name. */
extern const struct doctor_check doctor_config_checks[], doctor_host_checks[], doctor_twilio_checks[],
    doctor_service_checks[], doctor_flex_checks[], doctor_customer_checks[];

/* What a check says last; the text is a printf format. */
void doctor_ok(struct doctor_finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_skip(struct doctor_finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_warn(struct doctor_finding *finding, const char *advice, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_fail(struct doctor_finding *finding, const char *advice, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* When an answer has to be there that is asked for now. */
int64_t doctor_deadline(const struct doctor *doctor);

/* The answer to the credentials that the programs send, and the one that tells most of the service. */
struct doctor_answer       *doctor_first(struct doctor *doctor);
const struct doctor_answer *doctor_best(struct doctor *doctor);

/* Did Twilio answer at all?  If not, the finding says that there is nothing to look at. */
bool doctor_reached(struct doctor *doctor, struct doctor_finding *finding);

/* Why a server could not be asked, in words. */
const char *doctor_obstacle(enum http_client_result result, enum http_client_obstacle obstacle);

/* flex-verify doctor ... */
enum cli_exit doctor_command(int argc, char **argv);

#endif
