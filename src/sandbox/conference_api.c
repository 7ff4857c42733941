#include "conference_api.h"

#include "base/json.h"
#include "exchange.h"
#include "legs.h"

#include <string.h>

#define CONFERENCES_MAX 50

static bool
is_account(const struct exchange *exchange)
{
	return strcmp(exchange->arguments[0], SANDBOX_ACCOUNT_SID) == 0;
}

/* ---- Conferences ----------------------------------------------------------- */

static const char *
status_of(const struct sandbox *sandbox, const struct sandbox_leg *leg)
{
	return legs_has_conference(sandbox, leg) ? "in-progress" : "completed";
}

static struct json_object *
conference_json(const struct sandbox *sandbox, const struct sandbox_leg *leg)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "sid", leg->conference_sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "friendly_name", leg->conference_name },
		{ "status", status_of(sandbox, leg) },
		{ "region", "us1" },
		{ "api_version", "2010-04-01" },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	exchange_add_date(object, "date_created", leg->start_ms);
	exchange_add_date(object, "date_updated", leg->start_ms);
	return object;
}

static bool
passes(const struct exchange *exchange, const struct sandbox_leg *leg)
{
	const char *name = exchange_query(exchange, "FriendlyName"), *status = exchange_query(exchange, "Status");

	return (name == NULL || strcmp(name, leg->conference_name) == 0) &&
	    (status == NULL || strcmp(status, status_of(exchange->sandbox, leg)) == 0);
}

void
conference_api_list(struct exchange *exchange)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct json_object *object = NULL, *conferences = NULL;

	if (!is_account(exchange)) {
		exchange_not_found(exchange);
		return;
	}
	object = json_new_object();
	conferences = json_new_array();
	sandbox_lock(sandbox);
	for (size_t i = sandbox->leg_count; i > 0 && json_length(conferences) < CONFERENCES_MAX; i--)
		if (passes(exchange, &sandbox->legs[i - 1]))
			json_append(conferences, conference_json(sandbox, &sandbox->legs[i - 1]));
	sandbox_unlock(sandbox);
	json_add(object, "conferences", conferences);
	json_add_int(object, "page", 0);
	json_add_int(object, "page_size", CONFERENCES_MAX);
	exchange_answer(exchange, 200, object);
}

/* ---- Participants ---------------------------------------------------------- */

/* With the lock held: the leg in whose conference there is this participant, the customer or (worker) the agent. */
static struct sandbox_leg *
find_participant(struct exchange *exchange, bool *worker)
{
	struct sandbox *sandbox = exchange->sandbox;
	char call_sid[SANDBOX_ADDRESS_SIZE];
	struct sandbox_leg *leg = NULL;

	if (!is_account(exchange) || !exchange_json_argument(exchange, 2, call_sid))
		return NULL;
	leg = legs_find(sandbox, call_sid);
	*worker = leg == NULL;
	if (leg == NULL)
		leg = legs_of_worker(sandbox, call_sid);
	if (leg == NULL || strcmp(leg->conference_sid, exchange->arguments[1]) != 0)
		return NULL;
	return (*worker ? legs_has_conference(sandbox, leg) : legs_in_conference(sandbox, leg)) ? leg : NULL;
}

static struct json_object *
participant_json(const struct sandbox_leg *leg, bool worker)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "call_sid", worker ? leg->worker_call_sid : leg->call_sid },
		{ "conference_sid", leg->conference_sid },
		{ "label", NULL },
		{ "status", "connected" },
		{ "api_version", "2010-04-01" },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	json_add_bool(object, "end_conference_on_exit", worker || leg->ends);
	json_add_bool(object, "start_conference_on_enter", true);
	json_add_bool(object, "hold", !worker && leg->hold);
	json_add_bool(object, "muted", false);
	json_add_bool(object, "coaching", false);
	exchange_add_date(object, "date_created", leg->start_ms);
	return object;
}

void
conference_api_fetch_participant(struct exchange *exchange)
{
	bool worker = false;
	const struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find_participant(exchange, &worker);
	if (leg != NULL)
		exchange_answer(exchange, 200, participant_json(leg, worker));
	else
		exchange_not_found(exchange);
	sandbox_unlock(exchange->sandbox);
}

/* What is said of the end while the participant is on hold has no effect, as Flex's project template found. */
static void
update(struct sandbox_leg *leg, const char *ends, const char *hold)
{
	if (ends != NULL && !leg->hold)
		leg->ends = strcmp(ends, "true") == 0;
	if (hold != NULL)
		leg->hold = strcmp(hold, "true") == 0;
}

void
conference_api_update_participant(struct exchange *exchange)
{
	bool worker = false;
	struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = find_participant(exchange, &worker);
	if (leg != NULL && !worker)
		update(leg, exchange_field(exchange, "EndConferenceOnExit"), exchange_field(exchange, "Hold"));
	if (leg != NULL)
		exchange_answer(exchange, 200, participant_json(leg, worker));
	else
		exchange_not_found(exchange);
	sandbox_unlock(exchange->sandbox);
}
