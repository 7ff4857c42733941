#include "leg_desk.h"

#include "base/json.h"
#include "exchange.h"
#include "legs.h"

#include <string.h>

static struct json_object *
leg_json(const struct sandbox *sandbox, const struct sandbox_leg *leg, bool alone)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "call", leg->call_sid },
		{ "from", leg->customer },
		{ "conference", legs_has_conference(sandbox, leg) ? "in-progress" : "completed" },
		{ "twiml", leg->twiml },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	json_add_bool(object, "over", leg->over);
	json_add_bool(object, "connected", legs_in_conference(sandbox, leg));
	json_add_bool(object, "alone", alone);
	json_add_bool(object, "ends", leg->ends);
	json_add_bool(object, "recording", leg->recording_sid[0] != '\0' && !leg->recording_paused);
	json_add_int(object, "documents", leg->documents);
	return object;
}

void
leg_desk_show(struct exchange *exchange)
{
	const struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = legs_find(exchange->sandbox, exchange->arguments[0]);
	if (leg != NULL)
		exchange_answer(exchange, 200, leg_json(exchange->sandbox, leg, false));
	else
		exchange_complain(exchange, 404, "There is no such call");
	sandbox_unlock(exchange->sandbox);
}

void
leg_desk_document(struct exchange *exchange)
{
	const struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = legs_find(exchange->sandbox, exchange->arguments[0]);
	if (leg != NULL && leg->twiml != NULL)
		response_text(exchange->response, 200, "text/xml; charset=utf-8", leg->twiml);
	else
		exchange_complain(exchange, 404, "There is no such call, or it is in its conference");
	sandbox_unlock(exchange->sandbox);
}

/* With the lock held.  False: it is none of the actions. */
static bool
act(struct exchange *exchange, struct sandbox_leg *leg, bool *alone)
{
	const char *action = exchange_field(exchange, "action"), *ends = exchange_field(exchange, "ends");
	const char *name = exchange_field(exchange, "conference");

	if (action == NULL)
		return false;
	if (strcmp(action, "hang_up") == 0)
		legs_hang_up(exchange->sandbox, leg);
	else if (strcmp(action, "hold") == 0 || strcmp(action, "unhold") == 0)
		leg->hold = strcmp(action, "hold") == 0;
	else if (strcmp(action, "join") == 0 && name != NULL)
		*alone = !legs_join(exchange->sandbox, leg, name, ends != NULL && strcmp(ends, "true") == 0);
	else
		return false;
	return true;
}

void
leg_desk_act(struct exchange *exchange)
{
	bool alone = false;
	struct sandbox_leg *leg = NULL;

	sandbox_lock(exchange->sandbox);
	leg = legs_find(exchange->sandbox, exchange->arguments[0]);
	if (leg == NULL || leg->over)
		exchange_complain(exchange, 404, "There is no such call");
	else if (act(exchange, leg, &alone))
		exchange_answer(exchange, 200, leg_json(exchange->sandbox, leg, alone));
	else
		exchange_complain(exchange, 400, "Send action: hang_up, hold, unhold, or join with conference");
	sandbox_unlock(exchange->sandbox);
}
