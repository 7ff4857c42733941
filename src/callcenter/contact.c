#include "contact.h"

#include "base/json.h"
#include "base/secret.h"
#include "contact_on_file.h"
#include "dialing_codes.h"
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

/* Names, SIP URIs, "anonymous" and the like are no number; neither are those that spell it. */
static bool
read_customer_end(struct contact *contact, char number[PHONE_NUMBER_SIZE])
{
	return phone_number_normalise(customer_end(contact), number) && !phone_number_withheld(number);
}

static enum refusal
take_task_number(struct contact *contact)
{
	char number[PHONE_NUMBER_SIZE];

	if (!read_customer_end(contact, number))
		return REFUSAL_NO_NUMBER;
	turn_copy(contact->phone, sizeof(contact->phone), number);
	contact->texts = true;
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
	return strcmp(number, turn->contact.phone) == 0 ? REFUSAL_NONE : REFUSAL_NUMBER_MISMATCH;
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

/* The task that the request names, open and held by the agent. */
static enum refusal
open_task(struct turn *turn)
{
	const char *task_sid = turn_field(turn, "task");
	enum refusal refusal = REFUSAL_NONE;

	if (task_sid == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (!twilio_sid_valid(task_sid, "WT"))
		return REFUSAL_INVALID_TASK;
	refusal = fetch_task(turn, task_sid);
	name_interaction(&turn->contact);
	return refusal;
}

static enum refusal
take_number(struct turn *turn)
{
	enum refusal refusal = take_task_number(&turn->contact);

	return refusal == REFUSAL_NONE ? compare_number(turn) : refusal;
}

/* ---- the customer on file ---- */

/* A caller ID is a hint for the agent and proves nothing: anybody can have any shown. */
static void
compare_caller(struct contact *contact, const char *caller)
{
	contact->caller_known = caller != NULL && contact->phone[0] != '\0';
	contact->caller_matches = contact->caller_known && strcmp(caller, contact->phone) == 0;
	contact->by_whatsapp = contact->by_whatsapp && contact->caller_matches;
}

/* A landline gets no texts, and calls may be off. */
static bool
has_channel(const struct turn *turn)
{
	for (char *const *name = turn->app->settings.channels; *name != NULL; name++)
		if (contact_channel_fits(turn, *name))
			return true;
	return false;
}

static enum refusal
take_customer(struct turn *turn)
{
	struct contact *contact = &turn->contact;
	char number[PHONE_NUMBER_SIZE];
	const char *caller = read_customer_end(contact, number) ? number : NULL;
	enum refusal refusal = contact_on_file(turn, caller);

	if (refusal == REFUSAL_NONE)
		refusal = compare_number(turn);
	if (refusal == REFUSAL_NONE && !has_channel(turn) && !settings_pins(&turn->app->settings))
		refusal = REFUSAL_NO_NUMBER;
	compare_caller(contact, caller);
	return refusal;
}

/* ---- all sources ---- */

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
	contact->texts = true;
	if (phone_number_normalise(to, number))
		turn_copy(contact->phone, sizeof(contact->phone), number);
	else if (phone_number_is_email(to) && settings_channel_allowed(&turn->app->settings, "email"))
		turn_copy(contact->email, sizeof(contact->email), to);
	return contact_identity(contact)[0] != '\0' ? REFUSAL_NONE : REFUSAL_INVALID_NUMBER;
}

/* By the task, which is fetched, or by the call, which has none yet. */
static enum refusal
take_address(struct turn *turn)
{
	switch ((enum contact_source)turn->app->settings.contact_source) {
	case CONTACT_SOURCE_TASK:
		return take_number(turn);
	case CONTACT_SOURCE_CUSTOMER:
		return take_customer(turn);
	case CONTACT_SOURCE_REQUEST:
		break;
	}
	return REFUSAL_INTERNAL_ERROR;
}

static enum refusal
resolve(struct turn *turn)
{
	enum refusal refusal = REFUSAL_NONE;

	if (turn->app->settings.contact_source == CONTACT_SOURCE_REQUEST)
		return resolve_request(turn);
	refusal = open_task(turn);
	return refusal == REFUSAL_NONE ? take_address(turn) : refusal;
}

/* Whoever is paid for texts to numbers abroad has some sent there.  An e-mail address has no country. */
static enum refusal
judge_country(const struct turn *turn, struct contact *contact)
{
	const struct settings *settings = &turn->app->settings;
	const char *country = dialing_codes_country(contact->phone);

	if (settings->countries[0] == NULL || contact->phone[0] == '\0')
		return REFUSAL_NONE;
	if (country != NULL && settings_has_word(settings->countries, country))
		return REFUSAL_NONE;
	contact->phone_refusal = REFUSAL_COUNTRY_NOT_ALLOWED;
	return contact->email[0] != '\0' || settings_pins(settings) ? REFUSAL_NONE : REFUSAL_COUNTRY_NOT_ALLOWED;
}

/* Limits are of the customer, so of both addresses together; of one without any, who has a PIN only, by his id. */
static enum refusal
identify(const struct turn *turn, struct contact *contact)
{
	const char *address = contact_identity(contact);

	if (!secret_keyed_hash(turn->app->settings.log_key, address[0] != '\0' ? address : contact->customer_id,
		contact->to_id))
		return REFUSAL_INTERNAL_ERROR;
	phone_number_mask(address, contact->to_mask);
	if (turn->app->settings.contact_source == CONTACT_SOURCE_REQUEST)
		turn_copy(contact->interaction, sizeof(contact->interaction), contact->to_id);
	return REFUSAL_NONE;
}

static enum refusal
finish(struct turn *turn, enum refusal refusal)
{
	struct contact *contact = &turn->contact;

	if (refusal == REFUSAL_NONE)
		refusal = judge_country(turn, contact);
	if (refusal == REFUSAL_NONE)
		refusal = identify(turn, contact);
	contact->resolved = refusal == REFUSAL_NONE;
	return refusal;
}

enum refusal
contact_resolve(struct turn *turn)
{
	return finish(turn, resolve(turn));
}

enum refusal
contact_find_holder(struct turn *turn, const char *task_sid)
{
	const struct taskrouter_worker worker = agent_worker(&turn->agent);
	struct contact *contact = &turn->contact;
	struct taskrouter_hold hold;
	enum twilio_result result = TWILIO_NOT_FOUND;

	if (task_sid[0] != '\0')
		result = taskrouter_fetch(&turn->app->twilio, task_sid, &worker, turn->deadline_ms, &contact->task,
		    &hold, &turn->trace);
	if (result == TWILIO_NOT_FOUND) /* nobody holds what is gone */
		return REFUSAL_NONE;
	if (result != TWILIO_OK)
		return refusal_of_fetch(result);
	contact->has_task = true;
	contact->by_supervision = !hold.held;
	return REFUSAL_NONE;
}

enum refusal
contact_resolve_call(struct turn *turn, const char *call_sid, const char *from)
{
	struct taskrouter_task *call = &turn->contact.task;

	if (!turn_copy(call->call_sid, sizeof(call->call_sid), call_sid))
		return REFUSAL_MALFORMED_REQUEST;
	turn_copy(call->from, sizeof(call->from), from);
	name_interaction(&turn->contact);
	return finish(turn, take_address(turn));
}

void
contact_take_row(struct contact *contact, const struct ledger_verification *v)
{
	turn_copy(contact->interaction, sizeof(contact->interaction), v->interaction);
	turn_copy(contact->to_id, sizeof(contact->to_id), v->to_id);
	turn_copy(contact->to_mask, sizeof(contact->to_mask), v->to_mask);
	turn_copy(contact->customer_id, sizeof(contact->customer_id), v->customer_id);
	turn_copy(contact->task.sid, sizeof(contact->task.sid), v->task_sid);
}

/* ---- addresses ---- */

const char *
contact_identity(const struct contact *contact)
{
	return contact->phone[0] != '\0' ? contact->phone : contact->email;
}

bool
contact_by_email(const char *channel)
{
	return strcmp(channel, "email") == 0;
}

const char *
contact_address(const struct contact *contact, const char *channel)
{
	return contact_by_email(channel) ? contact->email : contact->phone;
}

const char *
contact_address_of(const struct contact *contact, const struct ledger_verification *v)
{
	const char *address = contact_address(contact, v->channel);
	char mask[PHONE_MASK_SIZE];

	if (address[0] == '\0')
		return NULL;
	phone_number_mask(address, mask);
	return strcmp(mask, v->to_mask) == 0 ? address : NULL;
}

enum refusal
contact_channel_refusal(const struct turn *turn, const char *channel)
{
	const struct contact *contact = &turn->contact;
	bool fits = contact->texts || strcmp(channel, "call") == 0;

	if (!settings_channel_allowed(&turn->app->settings, channel) || contact_address(contact, channel)[0] == '\0')
		return REFUSAL_CHANNEL_NOT_ALLOWED;
	if (contact_by_email(channel))
		return REFUSAL_NONE;
	if (contact->phone_refusal != REFUSAL_NONE)
		return contact->phone_refusal;
	return fits ? REFUSAL_NONE : REFUSAL_CHANNEL_NOT_ALLOWED;
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
	return contact_channel_refusal(turn, channel) == REFUSAL_NONE;
}

void
contact_free(struct contact *contact)
{
	if (contact->has_task)
		taskrouter_task_free(&contact->task);
	json_free(contact->record);
	secret_wipe(contact, sizeof(*contact));
}
