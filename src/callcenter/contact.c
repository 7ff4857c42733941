#include "contact.h"

#include "base/secret.h"
#include "turn.h"

#include <string.h>

static enum refusal
refusal_of_fetch(enum twilio_result result)
{
	if (result == TWILIO_NOT_FOUND)
		return REFUSAL_TASK_NOT_FOUND;
	if (result == TWILIO_OK || result == TWILIO_CREDENTIALS)
		return refusal_of_twilio(result);
	return REFUSAL_TASK_UNAVAILABLE;
}

static bool
task_closed(const struct taskrouter_task *task)
{
	return strcmp(task->assignment_status, "completed") == 0 || strcmp(task->assignment_status, "canceled") == 0;
}

/* Only who was offered the contact is told that it has ended. */
static bool
had_task(const struct turn *turn, const struct taskrouter_hold *hold)
{
	return hold->worker_name[0] != '\0' && task_closed(&turn->contact.task);
}

static bool
may_act_on_any_task(const struct turn *turn)
{
	return turn->agent.supervisor && (turn->app->settings.supervisor_any_task || turn->contact.any_task);
}

static enum refusal
fetch_task(struct turn *turn, const char *task_sid)
{
	struct agent *agent = &turn->agent;
	const struct taskrouter_worker worker = agent_worker(agent);
	struct taskrouter_hold hold;
	enum refusal refusal = refusal_of_fetch(taskrouter_fetch(&turn->app->twilio, task_sid,
	    agent->identified ? &worker : NULL, turn->deadline_ms, &turn->contact.task, &hold, &turn->trace));

	if (refusal != REFUSAL_NONE)
		return refusal;
	turn->contact.has_task = true;
	turn->contact.by_supervision = agent->identified && !hold.held;
	if (turn->contact.by_supervision && !may_act_on_any_task(turn))
		return had_task(turn, &hold) ? REFUSAL_TASK_CLOSED : REFUSAL_NOT_YOUR_TASK;
	if (hold.worker_name[0] != '\0')
		turn_copy(agent->name, sizeof(agent->name), hold.worker_name);
	return task_closed(&turn->contact.task) ? REFUSAL_TASK_CLOSED : REFUSAL_NONE;
}

/* The customer's end of the task: of an outbound call the callee, of a conversation the address, else the caller. */
static const char *
customer_end(struct contact *contact)
{
	static const char whatsapp[] = "whatsapp:";
	const struct taskrouter_task *task = &contact->task;

	if (strcmp(task->direction, "outbound") == 0)
		return task->outbound_to;
	if (strncmp(task->customer_address, whatsapp, strlen(whatsapp)) == 0) {
		contact->by_whatsapp = true;
		return task->customer_address + strlen(whatsapp);
	}
	return task->customer_address[0] != '\0' ? task->customer_address : task->from;
}

static enum refusal
take_task_number(struct contact *contact)
{
	char number[PHONE_NUMBER_SIZE];

	/* Names, SIP URIs, "anonymous" and the like are no number; neither are those that spell it. */
	if (!phone_number_normalise(customer_end(contact), number) || phone_number_withheld(number))
		return REFUSAL_NO_NUMBER;
	turn_copy(contact->address, sizeof(contact->address), number);
	return REFUSAL_NONE;
}

/* A number that the demo's client sends beside the task may not be another one. */
static enum refusal
compare_number(const struct turn *turn)
{
	const char *to = turn_field(turn, "to");
	char number[PHONE_NUMBER_SIZE];

	if (to == NULL)
		return REFUSAL_NONE;
	if (!phone_number_normalise(to, number))
		return REFUSAL_INVALID_NUMBER;
	return strcmp(number, turn->contact.address) == 0 ? REFUSAL_NONE : REFUSAL_NUMBER_MISMATCH;
}

static void
name_interaction(struct contact *contact)
{
	const struct taskrouter_task *task = &contact->task;
	const char *key = task->call_sid;

	if (key[0] == '\0')
		key = task->conversation_sid;
	if (key[0] == '\0')
		key = task->sid;
	turn_copy(contact->interaction, sizeof(contact->interaction), key);
}

static enum refusal
resolve_task(struct turn *turn)
{
	const char *task_sid = turn_field(turn, "task");
	enum refusal refusal = REFUSAL_NONE;

	if (task_sid == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (!twilio_sid_valid(task_sid, "WT"))
		return REFUSAL_INVALID_TASK;
	refusal = fetch_task(turn, task_sid);
	if (refusal == REFUSAL_NONE)
		refusal = take_task_number(&turn->contact);
	if (refusal == REFUSAL_NONE)
		refusal = compare_number(turn);
	name_interaction(&turn->contact);
	return refusal;
}

static enum refusal
resolve_request(struct turn *turn)
{
	struct contact *contact = &turn->contact;
	const char *to = turn_field(turn, "to");
	char number[PHONE_NUMBER_SIZE];

	if (to == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (turn_field(turn, "task") != NULL)
		return REFUSAL_UNKNOWN_FIELD;
	if (phone_number_normalise(to, number))
		turn_copy(contact->address, sizeof(contact->address), number);
	else if (phone_number_is_email(to) && settings_channel_allowed(&turn->app->settings, "email"))
		contact->by_email = turn_copy(contact->address, sizeof(contact->address), to);
	return contact->address[0] != '\0' ? REFUSAL_NONE : REFUSAL_INVALID_NUMBER;
}

enum refusal
contact_resolve(struct turn *turn)
{
	struct contact *contact = &turn->contact;
	bool by_task = turn->app->settings.contact_source == CONTACT_SOURCE_TASK;
	enum refusal refusal = by_task ? resolve_task(turn) : resolve_request(turn);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!secret_keyed_hash(turn->app->settings.log_key, contact->address, contact->to_id))
		return REFUSAL_INTERNAL_ERROR;
	phone_number_mask(contact->address, contact->to_mask);
	if (!by_task)
		turn_copy(contact->interaction, sizeof(contact->interaction), contact->to_id);
	contact->resolved = true;
	return REFUSAL_NONE;
}

enum refusal
contact_resolve_any(struct turn *turn)
{
	turn->contact.any_task = true;
	return contact_resolve(turn);
}

bool
contact_channel_fits(const struct turn *turn, const char *channel)
{
	bool email = strcmp(channel, "email") == 0;

	return settings_channel_allowed(&turn->app->settings, channel) && email == turn->contact.by_email;
}

void
contact_free(struct contact *contact)
{
	if (contact->has_task)
		taskrouter_task_free(&contact->task);
	secret_wipe(contact, sizeof(*contact));
}
