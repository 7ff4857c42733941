#include "audit.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "turn.h"

#include <string.h>

void
audit_fill(const struct turn *turn, const struct ledger_verification *v, const char *action, const char *outcome,
    struct ledger_event *event)
{
	memset(event, 0, sizeof(*event));
	event->at = clock_now_ms();
	event->twilio_code = turn->trace.twilio_code;
	turn_copy(event->verification, sizeof(event->verification), v->id);
	turn_copy(event->interaction, sizeof(event->interaction), turn->contact.interaction);
	turn_copy(event->task_sid, sizeof(event->task_sid), turn->contact.task.sid);
	turn_copy(event->action, sizeof(event->action), action);
	turn_copy(event->outcome, sizeof(event->outcome), outcome);
	turn_copy(event->agent_id, sizeof(event->agent_id), turn->agent.id);
	turn_copy(event->channel, sizeof(event->channel), v->channel);
	turn_copy(event->to_id, sizeof(event->to_id), turn->contact.to_id);
	turn_copy(event->to_mask, sizeof(event->to_mask),
	    v->to_mask[0] != '\0' ? v->to_mask : turn->contact.to_mask);
	turn_copy(event->request_id, sizeof(event->request_id), turn->request.id);
}

bool
audit_record_counted(const struct turn *turn, const char *action, const char *outcome, int sends, int failures)
{
	struct ledger_event event;

	audit_fill(turn, &turn->verification, action, outcome, &event);
	event.sends = sends;
	event.failures = failures;
	return ledger_append(turn->app->ledger, &event) == LEDGER_OK;
}

bool
audit_record(const struct turn *turn, const char *action, const char *outcome)
{
	return audit_record_counted(turn, action, outcome, 0, 0);
}

enum refusal
audit_refusal(const struct turn *turn, enum refusal refusal)
{
	return audit_record(turn, turn->action, refusal_text(refusal)->code) ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
}

/* Leaves out what is not known. */
static void
add_known(struct json_object *line, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_add_string(line, key, value);
}

static void
add_trace(struct json_object *line, const struct twilio_trace *trace)
{
	struct json_object *twilio = NULL;

	if (trace->duration_ms == 0 && trace->http_status == 0 && trace->transport == HTTP_CLIENT_OK)
		return;
	twilio = json_new_object();
	json_add_string(twilio, "transport", http_client_result_name(trace->transport));
	json_add_int(twilio, "status", trace->http_status);
	json_add_int(twilio, "code", trace->twilio_code);
	json_add_int(twilio, "ms", trace->duration_ms);
	add_known(twilio, "request_id", trace->request_id);
	json_add(line, "twilio", twilio);
}

static void
add_contact(struct json_object *line, const struct contact *contact)
{
	add_known(line, "task", contact->task.sid);
	if (contact->by_supervision)
		json_add_bool(line, "by_supervision", true);
	add_known(line, "interaction", contact->interaction);
	add_known(line, "to", contact->to_mask);
	add_known(line, "to_id", contact->to_id);
	add_known(line, "customer_id", contact->customer_id);
}

void
audit_write(const struct turn *turn, enum refusal refusal)
{
	struct json_object *line = json_new_object();
	int status = refusal == REFUSAL_NONE ? 200 : refusal_text(refusal)->status;

	json_add_string(line, "action", turn->action);
	json_add_string(line, "outcome", refusal == REFUSAL_NONE ? "done" : refusal_text(refusal)->code);
	json_add_int(line, "status", status);
	json_add_string(line, "request_id", turn->request.id);
	json_add_bool(line, "released", turn->released);
	add_known(line, "remote_addr", turn->request.remote_addr);
	add_known(line, "agent", turn->agent.id);
	add_contact(line, &turn->contact);
	add_known(line, "verification", turn->verification.id);
	add_known(line, "channel", turn->verification.channel);
	add_trace(line, &turn->trace);
	if (!json_complete(line))
		log_message(LOG_LEVEL_ERROR, "audit_failed", "the audit line of request %s could not be made",
		    turn->request.id);
	log_fields(status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "audit", line);
}
