#include "call_api.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"
#include "legs.h"

#include <stdio.h>
#include <string.h>

/* https://www.twilio.com/docs/voice/api/call-resource: Twiml */
#define TWIML_MAX_CHARACTERS 4000

/* ---- One call --------------------------------------------------------------- */

/* With the lock held; worker: it is the agent's.  NULL: answered 404 already. */
static struct sandbox_leg *
find(struct exchange *exchange, const char *call_sid, bool *worker)
{
	struct sandbox_leg *leg = NULL;

	if (strcmp(exchange->arguments[0], SANDBOX_ACCOUNT_SID) == 0) {
		leg = legs_find(exchange->sandbox, call_sid);
		*worker = leg == NULL;
		if (leg == NULL)
			leg = legs_of_worker(exchange->sandbox, call_sid);
	}
	if (leg == NULL)
		exchange_not_found(exchange);
	return leg;
}

static struct sandbox_leg *
find_call(struct exchange *exchange, bool *worker)
{
	char call_sid[SANDBOX_ADDRESS_SIZE];

	if (exchange_json_argument(exchange, 1, call_sid))
		return find(exchange, call_sid, worker);
	exchange_not_found(exchange);
	return NULL;
}

static bool
is_under_way(const struct sandbox *sandbox, const struct sandbox_leg *leg, bool worker)
{
	return worker ? legs_has_conference(sandbox, leg) : !leg->over;
}

static struct json_object *
call_json(const struct sandbox *sandbox, const struct sandbox_leg *leg, bool worker)
{
	struct json_object *object = json_new_object();
	bool outbound = worker || leg->outbound;
	const char *customer = worker ? "client:agent" : leg->customer;
	const struct exchange_text texts[] = {
		{ "sid", worker ? leg->worker_call_sid : leg->call_sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "to", outbound ? customer : SANDBOX_CENTRE_NUMBER },
		{ "from", outbound ? SANDBOX_CENTRE_NUMBER : customer },
		{ "status", is_under_way(sandbox, leg, worker) ? "in-progress" : "completed" },
		{ "direction", outbound ? "outbound-api" : "inbound" },
		{ "api_version", "2010-04-01" },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	exchange_add_date(object, "start_time", leg->start_ms);
	return object;
}

void
call_api_fetch(struct exchange *exchange)
{
	bool worker = false;
	const struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find_call(exchange, &worker);
	if (leg != NULL)
		exchange_answer(exchange, 200, call_json(exchange->sandbox, leg, worker));
	sandbox_unlock(exchange->sandbox);
}

/* An address that a verb calls has to be a whole one here. */
static bool
has_relative_action(const char *twiml)
{
	static const char action[] = " action=\"";

	for (const char *at = strstr(twiml, action); at != NULL; at = strstr(at + 1, action))
		if (strncmp(at + strlen(action), "http://", 7) != 0 && strncmp(at + strlen(action), "https://", 8) != 0)
			return true;
	return false;
}

/* False: answered already. */
static bool
may_be_told(struct exchange *exchange, const struct sandbox_leg *leg, bool worker)
{
	const char *twiml = exchange_field(exchange, "Twiml"), *status = exchange_field(exchange, "Status");

	if ((twiml == NULL) == (status == NULL) || (status != NULL && strcmp(status, "completed") != 0))
		exchange_refuse(exchange, 400, 20001, "This sandbox takes Twiml, or Status=completed");
	else if (!is_under_way(exchange->sandbox, leg, worker))
		exchange_refuse(exchange, 400, 21220, "Call is not in-progress. Cannot redirect.");
	else if (twiml != NULL && exchange_characters(twiml) > TWIML_MAX_CHARACTERS)
		exchange_refuse(exchange, 400, 20001, "Twiml has more than 4000 characters");
	else if (twiml != NULL && has_relative_action(twiml))
		exchange_refuse(exchange, 400, 15004, "Action Callback URL must be an absolute URL");
	else
		return true;
	return false;
}

void
call_api_update(struct exchange *exchange)
{
	const char *twiml = exchange_field(exchange, "Twiml");
	bool worker = false, done = true;
	struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find_call(exchange, &worker);
	if (leg != NULL && may_be_told(exchange, leg, worker)) {
		if (worker)
			legs_end_conference(exchange->sandbox, leg);
		else if (twiml != NULL)
			done = legs_redirect(exchange->sandbox, leg, twiml);
		else
			legs_hang_up(exchange->sandbox, leg);
		exchange_answer(exchange, 200, done ? call_json(exchange->sandbox, leg, worker) : NULL);
	}
	sandbox_unlock(exchange->sandbox);
}

/* ---- Recordings -------------------------------------------------------------- */

static const char *
recording_status(const struct sandbox_leg *leg)
{
	if (leg->over)
		return "completed";
	return leg->recording_paused ? "paused" : "in-progress";
}

static struct json_object *
recording_json(const struct sandbox_leg *leg)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "sid", leg->recording_sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "call_sid", leg->call_sid },
		{ "status", recording_status(leg) },
		{ "api_version", "2010-04-01" },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	return object;
}

static struct json_object *
recordings_json(const struct sandbox_leg *leg)
{
	struct json_object *object = json_new_object(), *recordings = json_new_array();

	if (leg->recording_sid[0] != '\0')
		json_append(recordings, recording_json(leg));
	json_add(object, "recordings", recordings);
	json_add_int(object, "page", 0);
	return object;
}

void
call_api_list_recordings(struct exchange *exchange)
{
	bool worker = false;
	const struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find(exchange, exchange->arguments[1], &worker);
	if (leg != NULL)
		exchange_answer(exchange, 200, recordings_json(leg));
	sandbox_unlock(exchange->sandbox);
}

void
call_api_record(struct exchange *exchange)
{
	bool worker = false;
	struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find(exchange, exchange->arguments[1], &worker);
	if (leg != NULL && (worker || leg->over)) {
		exchange_refuse(exchange, 400, 21220, "Requested resource is not eligible for recording");
	} else if (leg != NULL) {
		bool made = secret_random_hex(leg->recording_sid + 2, sizeof(leg->recording_sid) - 2);

		memcpy(leg->recording_sid, "RE", 2);
		leg->recording_paused = false;
		exchange_answer(exchange, 201, made ? recording_json(leg) : NULL);
	}
	sandbox_unlock(exchange->sandbox);
}

void
call_api_update_recording(struct exchange *exchange)
{
	const char *status = exchange_field(exchange, "Status");
	char recording_sid[SANDBOX_ADDRESS_SIZE];
	bool worker = false, paused = status != NULL && strcmp(status, "paused") == 0;
	struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find(exchange, exchange->arguments[1], &worker);
	if (leg == NULL) {
		sandbox_unlock(exchange->sandbox);
		return;
	}
	if (!exchange_json_argument(exchange, 2, recording_sid) || leg->recording_sid[0] == '\0' ||
	    strcmp(recording_sid, leg->recording_sid) != 0) {
		exchange_not_found(exchange);
	} else if (status == NULL || (!paused && strcmp(status, "in-progress") != 0)) {
		exchange_refuse(exchange, 400, 20001, "This sandbox pauses a recording and goes on with it");
	} else {
		leg->recording_paused = paused;
		exchange_answer(exchange, 200, recording_json(leg));
	}
	sandbox_unlock(exchange->sandbox);
}
