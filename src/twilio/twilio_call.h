/*
 * twilio_call: one request to Twilio and its answer; internal to src/twilio.
 *
 * An API function builds calls, exchanges them, reads the JSON and frees them.
 * What goes wrong while a call is built is kept in it, and the exchange ends so.
 * SIDs are checked with twilio_sid_valid before they come into a path.
 */
#ifndef TWILIO_TWILIO_CALL_H
#define TWILIO_TWILIO_CALL_H

#include "base/json.h"
#include "twilio.h"

/* Answers nest three levels deep; a deeper one is none of theirs. */
#define TWILIO_JSON_DEPTH_MAX 8

/* 4096 characters of three bytes, a task's attributes with every byte escaped, are the longest value that is sent. */
#define TWILIO_BODY_MAX_BYTES 40960

/* A repeat is worth a pause this long; an agent is waiting. */
#define TWILIO_REPEAT_PAUSE_MS     200
#define TWILIO_REPEAT_PAUSE_MAX_MS 1000

enum twilio_host {
	TWILIO_HOST_VERIFY,
	TWILIO_HOST_IAM,
	TWILIO_HOST_TASKROUTER,
	TWILIO_HOST_VOICE,
	TWILIO_HOST_MESSAGING
};

/* May a call be made once more when its answer did not come, or said "later"? */
enum twilio_repeat {
	TWILIO_NEVER_REPEAT, /* it sends, checks or changes something */
	TWILIO_REPEAT_ONCE
};

struct twilio_call {
	enum twilio_result  built; /* TWILIO_OK, or why it is not made */
	struct http_call    http;
	struct buffer       url;
	struct buffer       body;   /* form-encoded or JSON; wiped by twilio_call_free */
	int                 code;   /* of a refusal; 0 if none */
	struct json_object *answer; /* NULL unless the result was TWILIO_OK */
};

void twilio_call_init(struct twilio_call *call);
void twilio_call_free(struct twilio_call *call);

/* The call is not made: its exchange ends with why.  The first why stays. */
void twilio_call_refuse(struct twilio_call *call, enum twilio_result why);

/* Sets method, URL and credentials.  The path is a printf format. */
void twilio_call_address(struct twilio_call *call, const struct twilio *twilio, const char *method,
    enum twilio_host host, const char *path, ...) __attribute__((format(printf, 5, 6)));

/* Adds a parameter to the URL, behind the path. */
void twilio_call_parameter(struct twilio_call *call, const char *name, const char *value);

/* Adds a field to a form-encoded body. */
void twilio_call_field(struct twilio_call *call, const char *name, const char *value);

/* Makes the body JSON.  Takes object over. */
void twilio_call_json(struct twilio_call *call, struct json_object *object);

/*
 * Makes the call and reads the answer: TWILIO_OK for 2xx and a JSON object,
 * which is then in call->answer.  Nothing is sent of a call that could not be built.
 */
enum twilio_result twilio_exchange(const struct twilio *twilio, struct twilio_call *call, enum twilio_repeat repeat,
    int64_t deadline_ms, struct twilio_trace *trace);

/* The same with two calls at once: the result and the trace are those of the first one that failed. */
enum twilio_result twilio_exchange_both(const struct twilio *twilio, struct twilio_call *a, struct twilio_call *b,
    enum twilio_repeat repeat, int64_t deadline_ms, struct twilio_trace *trace);

/* Before a call: until there is an exchange, all is 0 and retry_after_s is -1.  NULL is fine. */
void twilio_trace_clear(struct twilio_trace *trace);

/* Is the member a string, and exactly this one? */
bool twilio_same(struct json_object *object, const char *key, const char *expected);

/* Copies text whole; false, and out is "", when it is NULL or does not fit. */
bool twilio_copy(char *out, size_t size, const char *text);

#endif
