#include "voice_api.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"

#include <stdio.h>
#include <string.h>

/* ---- Listing ----------------------------------------------------------------- */

static const char *
status_of(const struct sandbox_call *call)
{
	return call->over ? "completed" : "in-progress";
}

static struct json_object *
call_json(const struct sandbox_call *call)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "sid", call->sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "to", call->to },
		{ "from", SANDBOX_CENTRE_NUMBER },
		{ "status", status_of(call) },
		{ "direction", "outbound-api" },
		{ "api_version", "2010-04-01" },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	exchange_add_date(object, "date_created", call->start_ms);
	exchange_add_date(object, "start_time", call->start_ms);
	exchange_add_date(object, "end_time", call->end_ms);
	return object;
}

static bool
passes(const struct exchange *exchange, const struct sandbox_call *call)
{
	const char *to = exchange_query(exchange, "To"), *status = exchange_query(exchange, "Status");

	return call->sid[0] != '\0' && (to == NULL || strcmp(to, call->to) == 0) &&
	    (status == NULL || strcmp(status, status_of(call)) == 0);
}

void
voice_api_list_calls(struct exchange *exchange)
{
	struct json_object *object = NULL, *calls = NULL;

	if (strcmp(exchange->arguments[0], SANDBOX_ACCOUNT_SID) != 0) {
		exchange_not_found(exchange);
		return;
	}
	object = json_new_object();
	calls = json_new_array();
	sandbox_lock(exchange->sandbox);
	for (size_t i = 0; i < SANDBOX_CALLS_MAX; i++)
		if (passes(exchange, &exchange->sandbox->calls[i]))
			json_append(calls, call_json(&exchange->sandbox->calls[i]));
	sandbox_unlock(exchange->sandbox);
	json_add(object, "calls", calls);
	json_add_int(object, "page", 0);
	json_add_int(object, "page_size", SANDBOX_CALLS_MAX);
	exchange_answer(exchange, 200, object);
}

/* ---- The desk ---------------------------------------------------------------- */

/* With the lock held.  NULL: no random numbers. */
static const struct sandbox_call *
dial(struct sandbox *sandbox, const char *to)
{
	struct sandbox_call *call = &sandbox->calls[sandbox->call_next % SANDBOX_CALLS_MAX];

	memset(call, 0, sizeof(*call));
	if (!secret_random_hex(call->sid + 2, sizeof(call->sid) - 2))
		return NULL;
	memcpy(call->sid, "CA", 2);
	snprintf(call->to, sizeof(call->to), "%s", to);
	call->start_ms = sandbox_now_ms(sandbox);
	sandbox->call_next++;
	return call;
}

/* With the lock held: the last call to that number is over.  NULL: there is none. */
static const struct sandbox_call *
hang_up(struct sandbox *sandbox, const char *to)
{
	struct sandbox_call *last = NULL;

	for (size_t i = 0; i < SANDBOX_CALLS_MAX; i++) {
		struct sandbox_call *call = &sandbox->calls[i];

		if (!call->over && strcmp(call->to, to) == 0 && (last == NULL || call->start_ms >= last->start_ms))
			last = call;
	}
	if (last == NULL)
		return NULL;
	last->over = true;
	last->end_ms = sandbox_now_ms(sandbox);
	return last;
}

void
voice_api_dial(struct exchange *exchange)
{
	const char *to = exchange_field(exchange, "to"), *over = exchange_field(exchange, "over");
	const struct sandbox_call *call = NULL;

	if (to == NULL || (over != NULL && strcmp(over, "yes") != 0)) {
		exchange_complain(exchange, 400, "Send to, the number, and over=yes if that call is over");
		return;
	}
	sandbox_lock(exchange->sandbox);
	call = over == NULL ? dial(exchange->sandbox, to) : hang_up(exchange->sandbox, to);
	if (call != NULL)
		exchange_answer(exchange, over == NULL ? 201 : 200, call_json(call));
	else
		exchange_complain(exchange, 409, "There is no call to that number");
	sandbox_unlock(exchange->sandbox);
}
