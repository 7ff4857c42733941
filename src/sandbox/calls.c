#include "calls.h"

#include "base/json.h"
#include "base/secret.h"
#include "cases.h"
#include "desk_tasks.h"
#include "exchange.h"
#include "identity.h"

#include <stdio.h>
#include <string.h>

/* Where verify-call is, by the address of sandbox.env. */
#define WEBHOOK "/verify-call"

#define TEXT_MAX_BYTES     4096
#define TASK_DEPTH_MAX     16
#define CALL_PARAMETERS    11

struct parameter {
	const char *name, *value;
};

/* In byte order, in which they are signed; a value of NULL is not sent. */
static void
fill(struct parameter parameters[CALL_PARAMETERS], const char *call, const char *from, const char *digits)
{
	const struct parameter all[CALL_PARAMETERS] = {
		{ "AccountSid", SANDBOX_ACCOUNT_SID },
		{ "ApiVersion", "2010-04-01" },
		{ "CallSid", call },
		{ "CallStatus", digits == NULL ? "ringing" : "in-progress" },
		{ "Called", SANDBOX_CENTRE_NUMBER },
		{ "Caller", from },
		{ "Digits", digits },
		{ "Direction", "inbound" },
		{ "From", from },
		{ "FromCountry", "US" },
		{ "To", SANDBOX_CENTRE_NUMBER },
	};

	memcpy(parameters, all, sizeof(all));
}

/* https://www.twilio.com/docs/usage/webhooks/webhooks-security */
static bool
sign(const char *port, const char *query, const struct parameter *parameters, char signature[SECRET_SIGNATURE_SIZE])
{
	struct buffer text;
	bool made = false;

	buffer_init(&text, TEXT_MAX_BYTES);
	buffer_printf(&text, "http://127.0.0.1:%s" WEBHOOK "%s", port, query);
	for (size_t i = 0; i < CALL_PARAMETERS; i++)
		if (parameters[i].value != NULL)
			buffer_printf(&text, "%s%s", parameters[i].name, parameters[i].value);
	made = !text.failed && secret_sign_sha1(SANDBOX_AUTH_TOKEN, buffer_text(&text), signature);
	buffer_free(&text);
	return made;
}

static void
add_body(struct json_object *object, const struct parameter *parameters)
{
	struct buffer body;

	buffer_init(&body, TEXT_MAX_BYTES);
	for (size_t i = 0; i < CALL_PARAMETERS; i++)
		if (parameters[i].value != NULL)
			form_add(&body, parameters[i].name, parameters[i].value);
	json_add(object, "body", body.failed ? NULL : json_new_string(buffer_text(&body)));
	buffer_free(&body);
}

/* An action's query, with the ? in front; it goes into an address. */
static bool
query_is_plain(const char *query)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=&-_";

	return query[0] == '\0' || (query[0] == '?' && query[1 + strspn(query + 1, plain)] == '\0');
}

static bool
make_call(char call[SANDBOX_SID_SIZE])
{
	memcpy(call, "CA", 2);
	return secret_random_hex(call + 2, SANDBOX_SID_SIZE - 2);
}

static bool
is_call(const char *call)
{
	return strlen(call) == SANDBOX_SID_SIZE - 1 && strncmp(call, "CA", 2) == 0 &&
	    strspn(call + 2, "0123456789abcdef") == SANDBOX_SID_SIZE - 3;
}

static struct json_object *
request_json(const char *port, const char *query, const char *call, const struct parameter *parameters)
{
	struct json_object *object = json_new_object();
	char signature[SECRET_SIGNATURE_SIZE];

	json_add_string(object, "call", call);
	json_add_string(object, "query", query);
	add_body(object, parameters);
	json_add(object, "signature", sign(port, query, parameters, signature) ? json_new_string(signature) : NULL);
	return object;
}

void
calls_sign(struct exchange *exchange)
{
	const char *from = exchange_field(exchange, "from"), *call = exchange_field(exchange, "call");
	const char *query = exchange_field(exchange, "query");
	const char *port = request_variable(exchange->request, "SERVER_PORT");
	struct parameter parameters[CALL_PARAMETERS];
	char sid[SANDBOX_SID_SIZE];

	if (call == NULL && make_call(sid))
		call = sid;
	if (query == NULL)
		query = "";
	if (from == NULL || port == NULL || call == NULL || !is_call(call) || !query_is_plain(query)) {
		exchange_complain(exchange, 400,
		    "Send from, and for a call that goes on call (CA...), query, and digits if there are any");
		return;
	}
	/* Digits may be there and empty: then it was asked for them. */
	fill(parameters, call, from, form_get(&exchange->fields, "digits"));
	exchange_answer(exchange, 200, request_json(port, query, call, parameters));
}

/* ---- Enqueue ---------------------------------------------------------------- */

void
calls_enqueue(struct exchange *exchange)
{
	const char *task_text = exchange_field(exchange, "task");
	struct cases_contact contact = {
		.channel = "voice",
		.from = exchange_field(exchange, "from"),
		.name = exchange_field(exchange, "name"),
		.worker = desk_tasks_worker(exchange_field(exchange, "worker")),
		.call_sid = exchange->arguments[0],
	};
	const struct sandbox_task *task = NULL;

	if (contact.worker == 0 || contact.from == NULL || task_text == NULL || !is_call(contact.call_sid) ||
	    json_parse(task_text, strlen(task_text), TASK_DEPTH_MAX, &contact.task) != JSON_OK) {
		exchange_complain(exchange, 400,
		    "Send worker (WK...), from, task (a JSON object), and name if you like");
		return;
	}
	sandbox_lock(exchange->sandbox);
	task = cases_open(exchange->sandbox, &contact);
	if (task != NULL)
		desk_tasks_answer(exchange, 201, task, contact.worker);
	else
		exchange_complain(exchange, 409, "There are too many tasks; POST /sandbox/reset");
	sandbox_unlock(exchange->sandbox);
	json_free(contact.task);
}
