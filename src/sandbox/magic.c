#include "magic.h"

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OTHER_SID(prefix) prefix "ffffffffffffffffffffffffffffffff"

/*
 * Numbers are from the range for fiction; each also has a task, whose SID ends
 * in its last four digits.
 */
static const struct magic rows[] = {
	/* Sends that Twilio refuses. */
	{ MAGIC_SEND, "+12025550140", .only = "sms", .effect = MAGIC_REFUSES, .status = 403,
	    .code = 60205, .text = "SMS is not supported by landline phone number" },
	{ MAGIC_SEND, "+12025550141", .only = "sms", .effect = MAGIC_REFUSES, .status = 403,
	    .code = 60410, .risk_check = true,
	    .text = "The destination phone number has been temporarily blocked by Twilio due to "
		    "fraudulent activities" },
	{ MAGIC_SEND, "+12025550142", .effect = MAGIC_REFUSES, .status = 403, .code = 60605,
	    .text = "The destination phone number has been blocked by Verify Geo-Permissions",
	    .risk_check = true },
	{ MAGIC_SEND, "+12025550143", .only = "sms", .effect = MAGIC_REFUSES, .status = 400,
	    .code = 60223, .text = "Delivery channel disabled: SMS" },
	{ MAGIC_SEND, "+12025550144", .effect = MAGIC_REFUSES, .status = 429, .code = 60212,
	    .text = "Too many concurrent requests for phone number" },
	{ MAGIC_SEND, "+12025550145", .effect = MAGIC_REFUSES, .status = 429, .code = 20429,
	    .text = "Too many requests" },
	{ MAGIC_SEND, "+12025550146", .only = "sms", .effect = MAGIC_REFUSES, .status = 400,
	    .code = 21610, .text = "Attempt to send to unsubscribed recipient" },
	{ MAGIC_SEND, "+12025550147", .effect = MAGIC_REFUSES, .status = 403, .code = 60238,
	    .text = "Verification blocked by Twilio" },
	{ MAGIC_SEND, "+12025550148", .only = "sms", .effect = MAGIC_REFUSES, .status = 400,
	    .code = 21614, .text = "'To' number is not a valid mobile number" },
	{ MAGIC_SEND, "+12025550149", .effect = MAGIC_REFUSES, .status = 400, .code = 21608,
	    .text = "The number is unverified. Trial accounts cannot send messages to unverified "
		    "numbers" },
	{ MAGIC_SEND, "+12025550150", .effect = MAGIC_REFUSES, .status = 429, .code = 60203,
	    .text = "Max send attempts reached" },
	{ MAGIC_SEND, "+12025550151", .effect = MAGIC_REFUSES, .status = 401, .code = 20003,
	    .text = "Authenticate" },

	/* Sends that go wrong. */
	{ MAGIC_SEND, "+12025550152", .effect = MAGIC_REFUSES, .status = 500, .code = 20500,
	    .text = "An internal server error has occurred" },
	{ MAGIC_SEND, "+12025550153", .effect = MAGIC_PAGE, .status = 500 },
	{ MAGIC_SEND, "+12025550154", .effect = MAGIC_PAGE, .status = 503 },
	{ MAGIC_SEND, "+12025550155", .effect = MAGIC_PAGE, .status = 201 },
	{ MAGIC_SEND, "+12025550156", .effect = MAGIC_REDIRECTS, .status = 307 },
	{ MAGIC_SEND, "+12025550157", .effect = MAGIC_FLOODS, .status = 201 },
	{ MAGIC_SEND, "+12025550158", .effect = MAGIC_IGNORES },
	{ MAGIC_SEND, "+12025550159", .effect = MAGIC_LOSES },
	{ MAGIC_SEND, "+12025550160", .effect = MAGIC_DELAYS },
	{ MAGIC_SEND, "+12025550161", .effect = MAGIC_TRUNCATES },
	{ MAGIC_SEND, "+12025550162", .effect = MAGIC_REPLACES, .text = "to",
	    .value = "+12025550199" },
	{ MAGIC_SEND, "+12025550163", .effect = MAGIC_REPLACES,
	    .text = "service_sid", .value = OTHER_SID("VA") },
	{ MAGIC_SEND, "+12025550164", .effect = MAGIC_REPLACES, .text = "status",
	    .value = "approved" },
	{ MAGIC_SEND, "+12025550165", .only = "sms", .effect = MAGIC_UNDELIVERED, .code = 30006 },

	/* Checks that go wrong; sending to these numbers works. */
	{ MAGIC_CHECK, "+12025550170", .effect = MAGIC_LOSES },
	{ MAGIC_CHECK, "+12025550171", .effect = MAGIC_DELAYS },
	{ MAGIC_CHECK, "+12025550172", .effect = MAGIC_TRUNCATES },
	{ MAGIC_CHECK, "+12025550173", .effect = MAGIC_REPLACES,
	    .text = "sid", .value = OTHER_SID("VE") },
	{ MAGIC_CHECK, "+12025550174", .effect = MAGIC_REPLACES,
	    .text = "to", .value = "+12025550199" },
	{ MAGIC_CHECK, "+12025550175", .effect = MAGIC_REPLACES,
	    .text = "service_sid", .value = OTHER_SID("VA") },
	{ MAGIC_CHECK, "+12025550176", .effect = MAGIC_PAGE, .status = 503 },
	{ MAGIC_CHECK, "+12025550177", .effect = MAGIC_REFUSES, .status = 500, .code = 20500,
	    .text = "An internal server error has occurred" },
	{ MAGIC_CHECK, "+12025550178", .effect = MAGIC_REFUSES, .status = 429, .code = 20429,
	    .text = "Too many requests" },
	{ MAGIC_CHECK, "+12025550179", .effect = MAGIC_REDIRECTS, .status = 307 },
	{ MAGIC_CHECK, "+12025550180", .effect = MAGIC_PAGE, .status = 200 },

	/* Cancelling that goes wrong. */
	{ MAGIC_UPDATE, "+12025550181", .effect = MAGIC_PAGE, .status = 503 },
	{ MAGIC_UPDATE, "+12025550182", .effect = MAGIC_LOSES },

	/* The customer look-up; verifying these numbers works. */
	{ MAGIC_CUSTOMER, "+12025550185", .effect = MAGIC_PAGE, .status = 500 },
	{ MAGIC_CUSTOMER, "+12025550186", .effect = MAGIC_DELAYS },
	{ MAGIC_CUSTOMER, "+12025550187", .effect = MAGIC_IGNORES },
	{ MAGIC_CUSTOMER, "+12025550188", .effect = MAGIC_TRUNCATES },
	{ MAGIC_CUSTOMER, "+12025550189", .effect = MAGIC_PAGE, .status = 200 },
	{ MAGIC_CUSTOMER, "+12025550190", .effect = MAGIC_REDIRECTS, .status = 302 },
	{ MAGIC_CUSTOMER, "+12025550191", .effect = MAGIC_FLOODS, .status = 200 },

	/* Codes, none of which is ever sent: where a check happens, it is a wrong one. */
	{ MAGIC_CODE, "999001", .effect = MAGIC_REPLACES, .text = "sid", .value = OTHER_SID("VE") },
	{ MAGIC_CODE, "999002", .effect = MAGIC_TRUNCATES },
	{ MAGIC_CODE, "999012", .effect = MAGIC_DELAYS },
	{ MAGIC_CODE, "999200", .effect = MAGIC_PAGE, .status = 200 },
	{ MAGIC_CODE, "999307", .effect = MAGIC_REDIRECTS, .status = 307 },
	{ MAGIC_CODE, "999400", .effect = MAGIC_REFUSES, .status = 400, .code = 60200,
	    .text = "Invalid parameter `To`" },
	{ MAGIC_CODE, "999404", .effect = MAGIC_REFUSES, .status = 404, .code = 20404,
	    .text = "The requested resource /Services/" SANDBOX_SERVICE_SID
		    "/VerificationCheck was not found" },
	{ MAGIC_CODE, "999429", .effect = MAGIC_REFUSES, .status = 429, .code = 20429,
	    .text = "Too many requests" },
	{ MAGIC_CODE, "999443", .effect = MAGIC_IGNORES },
	{ MAGIC_CODE, "999444", .effect = MAGIC_LOSES },
	{ MAGIC_CODE, "999500", .effect = MAGIC_REFUSES, .status = 500, .code = 20500,
	    .text = "An internal server error has occurred" },
	{ MAGIC_CODE, "999503", .effect = MAGIC_PAGE, .status = 503 },

	/* Agents' tokens; sandbox-slow and sandbox-truncated are Ana's. */
	{ MAGIC_TOKEN, "sandbox-html", .effect = MAGIC_PAGE, .status = 200 },
	{ MAGIC_TOKEN, "sandbox-503", .effect = MAGIC_PAGE, .status = 503 },
	{ MAGIC_TOKEN, "sandbox-500", .effect = MAGIC_REFUSES, .status = 500, .code = 20500,
	    .text = "An internal server error has occurred" },
	{ MAGIC_TOKEN, "sandbox-429", .effect = MAGIC_REFUSES, .status = 429, .code = 20429,
	    .text = "Too many requests" },
	{ MAGIC_TOKEN, "sandbox-closed", .effect = MAGIC_IGNORES },
	{ MAGIC_TOKEN, "sandbox-redirect", .effect = MAGIC_REDIRECTS, .status = 307 },
	{ MAGIC_TOKEN, "sandbox-flood", .effect = MAGIC_FLOODS, .status = 200 },
	{ MAGIC_TOKEN, "sandbox-slow", .effect = MAGIC_DELAYS },
	{ MAGIC_TOKEN, "sandbox-truncated", .effect = MAGIC_TRUNCATES },

	/* Tasks, all of them Ana's. */
	{ MAGIC_TASK, "3001", .effect = MAGIC_REPLACES, .text = "sid", .value = OTHER_SID("WT") },
	{ MAGIC_TASK, "3002", .effect = MAGIC_TRUNCATES },
	{ MAGIC_TASK, "3012", .effect = MAGIC_DELAYS },
	{ MAGIC_TASK, "3200", .effect = MAGIC_PAGE, .status = 200 },
	{ MAGIC_TASK, "3307", .effect = MAGIC_REDIRECTS, .status = 307 },
	{ MAGIC_TASK, "3429", .effect = MAGIC_REFUSES, .status = 429, .code = 20429,
	    .text = "Too many requests" },
	{ MAGIC_TASK, "3443", .effect = MAGIC_IGNORES },
	{ MAGIC_TASK, "3500", .effect = MAGIC_REFUSES, .status = 500, .code = 20500,
	    .text = "An internal server error has occurred" },
	{ MAGIC_TASK, "3503", .effect = MAGIC_PAGE, .status = 503 },
	{ MAGIC_RESERVATIONS, "4012", .effect = MAGIC_DELAYS },
	{ MAGIC_RESERVATIONS, "4200", .effect = MAGIC_PAGE, .status = 200 },
	{ MAGIC_RESERVATIONS, "4443", .effect = MAGIC_IGNORES },
	{ MAGIC_RESERVATIONS, "4503", .effect = MAGIC_PAGE, .status = 503 },
};

const struct magic *
magic_find(enum magic_call call, const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].call == call && strcmp(rows[i].key, key) == 0)
			return &rows[i];
	return NULL;
}

const struct magic *
magic_row(size_t index)
{
	return index < sizeof(rows) / sizeof(*rows) ? &rows[index] : NULL;
}

bool
magic_intercepts(struct exchange *exchange, enum magic_call call, const char *key)
{
	exchange->magic = magic_find(call, key);
	if (exchange->magic == NULL)
		return false;
	switch (exchange->magic->effect) {
	case MAGIC_REFUSES:
	case MAGIC_PAGE:
	case MAGIC_REDIRECTS:
	case MAGIC_FLOODS:
	case MAGIC_IGNORES:
		return true;
	case MAGIC_DELAYS:
	case MAGIC_LOSES:
	case MAGIC_TRUNCATES:
	case MAGIC_REPLACES:
	case MAGIC_UNDELIVERED:
		break;
	}
	return false;
}

static void
answer_refusal(struct exchange *exchange, const struct magic *magic)
{
	if (magic->code == 20429)
		response_header(exchange->response, "Retry-After", "1");
	exchange_refuse(exchange, magic->status, magic->code, "%s", magic->text);
}

static void
answer_page(struct exchange *exchange, int status)
{
	char page[512];

	snprintf(page, sizeof(page),
	    "<html>\n<head><title>%d</title></head>\n<body>\n<center><h1>%d</h1></center>\n"
	    "<hr><center>a page of the sandbox, not JSON</center>\n</body>\n</html>\n",
	    status, status);
	response_text(exchange->response, status, "text/html; charset=utf-8", page);
}

/* response_header keeps both of these headers from every other program; here they are constants. */
static void
answer_redirect(struct exchange *exchange, int status)
{
	response_text(exchange->response, status, "text/plain; charset=utf-8", "elsewhere\n");
	buffer_add_text(&exchange->response->headers,
	    "Location: https://elsewhere.example.com/\r\n");
}

static void
close_connection(struct exchange *exchange)
{
	response_text(exchange->response, 200, "text/plain; charset=utf-8", "");
	buffer_add_text(&exchange->response->headers,
	    "X-Accel-Redirect: " MAGIC_CLOSE_LOCATION "\r\n");
}

static void
answer_flood(struct exchange *exchange, int status)
{
	char *text = malloc(MAGIC_FLOOD_BYTES + 1);

	if (text == NULL)
		return;
	memset(text, ' ', MAGIC_FLOOD_BYTES);
	text[0] = '{';
	text[MAGIC_FLOOD_BYTES - 1] = '}';
	text[MAGIC_FLOOD_BYTES] = '\0';
	response_text(exchange->response, status, "application/json", text);
	free(text);
}

static void
delay(void)
{
	struct timespec left = { MAGIC_DELAY_S, 0 };

	while (nanosleep(&left, &left) != 0)
		continue;
}

static void
truncate_answer(struct response *response)
{
	char *half = strndup(buffer_text(&response->body), response->body.length / 2);

	buffer_clear(&response->body);
	if (half != NULL)
		buffer_add_text(&response->body, half);
	free(half);
}

/* Replaces the first string member of that name; an answer without it stays as it is. */
static void
replace_member(struct response *response, const char *member, const char *value)
{
	char name[64];
	char *text = strdup(buffer_text(&response->body)), *start = NULL, *end = NULL;

	snprintf(name, sizeof(name), "\"%s\":\"", member);
	start = text == NULL ? NULL : strstr(text, name);
	end = start == NULL ? NULL : strchr(start + strlen(name), '"');
	if (end != NULL) {
		buffer_clear(&response->body);
		buffer_add(&response->body, text, (size_t)(start - text) + strlen(name));
		buffer_add_text(&response->body, value);
		buffer_add_text(&response->body, end);
	}
	free(text);
}

void
magic_spoil(struct exchange *exchange)
{
	const struct magic *magic = exchange->magic;

	if (magic == NULL)
		return;
	switch (magic->effect) {
	case MAGIC_REFUSES:
		answer_refusal(exchange, magic);
		break;
	case MAGIC_PAGE:
		answer_page(exchange, magic->status);
		break;
	case MAGIC_REDIRECTS:
		answer_redirect(exchange, magic->status);
		break;
	case MAGIC_FLOODS:
		answer_flood(exchange, magic->status);
		break;
	case MAGIC_IGNORES:
	case MAGIC_LOSES:
		close_connection(exchange);
		break;
	case MAGIC_DELAYS:
		delay();
		break;
	case MAGIC_TRUNCATES:
		truncate_answer(exchange->response);
		break;
	case MAGIC_REPLACES:
		replace_member(exchange->response, magic->text, magic->value);
		break;
	case MAGIC_UNDELIVERED:
		break;
	}
}

const char *
magic_call_name(enum magic_call call)
{
	switch (call) {
	case MAGIC_SEND:
		return "send";
	case MAGIC_CHECK:
		return "check";
	case MAGIC_CODE:
		return "code";
	case MAGIC_UPDATE:
		return "update";
	case MAGIC_TOKEN:
		return "token";
	case MAGIC_TASK:
		return "task";
	case MAGIC_RESERVATIONS:
		return "reservations";
	case MAGIC_CUSTOMER:
		return "customer";
	}
	return "";
}

const char *
magic_effect_name(enum magic_effect effect)
{
	switch (effect) {
	case MAGIC_REFUSES:
		return "refused with this status and code";
	case MAGIC_PAGE:
		return "answered with this status and an HTML page, not acted upon";
	case MAGIC_REDIRECTS:
		return "redirected to another host, not acted upon";
	case MAGIC_FLOODS:
		return "answered with 200 kB, not acted upon";
	case MAGIC_IGNORES:
		return "connection closed, not acted upon";
	case MAGIC_DELAYS:
		return "acted upon, answered 12 s later";
	case MAGIC_LOSES:
		return "acted upon, connection closed without an answer";
	case MAGIC_TRUNCATES:
		return "acted upon, the JSON of the answer ends in the middle";
	case MAGIC_REPLACES:
		return "acted upon, one member of the answer is another's";
	case MAGIC_UNDELIVERED:
		return "accepted, but the message never arrives";
	}
	return "";
}
