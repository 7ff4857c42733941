#include "cases.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"
#include "legs.h"
#include "magic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTES_MAX_BYTES 16384

/* The first of the tasks that come in later; none of the magic ones ends so. */
#define LATER_NUMBER 9001

/* What a task's attributes look like depends on where it came from. */
enum shape {
	SHAPE_CALL,         /* inbound, by TwiML's Enqueue */
	SHAPE_OUTBOUND,     /* dialled by the agent */
	SHAPE_CONVERSATION, /* a message, by Flex Conversations */
	SHAPE_EMPTY
};

struct task_case {
	int         number; /* the SID ends in it */
	enum shape  shape;
	const char *address; /* the customer's end */
	const char *channel_type; /* of a conversation */
	const char *name;
	int         interaction; /* of the call SID or conversation SID; 0: number */
	const char *status;
	const char *holders[SANDBOX_RESERVATIONS_MAX]; /* of Ana, Ben, Sam; NULL: not reserved */
	const char *note;
};

static const struct task_case everyday[] = {
	{ 1, SHAPE_CALL, "+12025550101", NULL, "Maria Santos", 0, "assigned", { "accepted" },
	    "a call" },
	{ 2, SHAPE_CONVERSATION, "+12025550102", "sms", "Jonas Weber", 0, "assigned",
	    { "accepted" }, "a text message" },
	{ 3, SHAPE_CALL, "+12025550103", NULL, "Aiko Tanaka", 0, "assigned", { NULL, "accepted" },
	    "a call" },
};

static const struct task_case special[] = {
	{ 1001, SHAPE_OUTBOUND, "+12025550104", NULL, "Outbound call", 0, "assigned",
	    { "accepted" },
	    "outbound call: the customer is outbound_to, from is the call centre" },
	{ 1002, SHAPE_CONVERSATION, "whatsapp:+12025550105", "whatsapp", "Priya Nair", 0,
	    "assigned", { "accepted" },
	    "WhatsApp: the address has a prefix" },
	{ 1003, SHAPE_CONVERSATION, "web-3f9c1e", "web", "Website visitor", 0, "assigned",
	    { "accepted" },
	    "web chat: no number" },
	{ 1004, SHAPE_CONVERSATION, "tomas.novak@example.com", "email", "Tomas Novak", 0,
	    "assigned", { "accepted" },
	    "e-mail: an address, no number" },
	{ 1005, SHAPE_CALL, "anonymous", NULL, "Anonymous", 0, "assigned", { "accepted" },
	    "caller ID withheld, as a word" },
	{ 1006, SHAPE_CALL, "+266696687", NULL, "+266696687", 0, "assigned", { "accepted" },
	    "caller ID withheld, spelled on the keypad (ANONYMOUS)" },
	{ 1007, SHAPE_CALL, "sip:reception@example.com", NULL, "reception", 0, "assigned",
	    { "accepted" }, "SIP caller" },
	{ 1008, SHAPE_CALL, "client:lobby", NULL, "lobby", 0, "assigned", { "accepted" },
	    "Twilio Client caller" },
	{ 1009, SHAPE_CALL, "+447700900123", NULL, "Nia Okafor", 0, "assigned", { "accepted" },
	    "a number abroad" },
	{ 1010, SHAPE_CALL, "+12025550130", NULL, "+12025550130", 0, "assigned", { "accepted" },
	    "a caller whom the customer look-up does not know" },
	{ 1011, SHAPE_CALL, "+12025550106", NULL, "<img src=x onerror=alert(1)>", 0, "assigned",
	    { "accepted" },
	    "hostile texts in name and customer record" },
	{ 1012, SHAPE_EMPTY, NULL, NULL, NULL, 0, "assigned", { "accepted" },
	    "no attributes at all" },
	{ 1013, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "wrapping", { "wrapping" },
	    "in wrap-up" },
	{ 1014, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "completed", { "completed" },
	    "completed" },
	{ 1015, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "canceled", { "canceled" },
	    "caller hung up in the queue" },
	{ 1016, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "reserved", { "pending" },
	    "rings at Ana, not accepted" },
	{ 1017, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "pending", { NULL },
	    "waits in the queue" },
	{ 1018, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "assigned",
	    { "rejected", "accepted" },
	    "rejected by Ana, accepted by Ben" },
	{ 1019, SHAPE_CALL, "+12025550107", NULL, "Lena Fischer", 0, "assigned",
	    { "timeout", NULL, "accepted" },
	    "timed out at Ana, accepted by Sam" },
	{ 1020, SHAPE_CALL, "+12025550108", NULL, "Omar Haddad", 1020, "completed", { "completed" },
	    "call, before its transfer to Ben: same call SID as 1021" },
	{ 1021, SHAPE_CALL, "+12025550108", NULL, "Omar Haddad", 1020, "assigned",
	    { NULL, "accepted" },
	    "call, after its transfer from Ana: same call SID as 1020" },
	{ 1022, SHAPE_CONVERSATION, "+12025550109", "sms", "Zoe Martin", 1022, "completed",
	    { "completed" },
	    "messages, before their transfer to Ben: same conversation SID as 1023" },
	{ 1023, SHAPE_CONVERSATION, "+12025550109", "sms", "Zoe Martin", 1022, "assigned",
	    { NULL, "accepted" },
	    "messages, after their transfer from Ana: same conversation SID as 1022" },
	{ 1024, SHAPE_CALL, "+12025550110", NULL, "Ivan Petrov", 0, "assigned",
	    { "accepted", "accepted" },
	    "warm transfer: Ana and Ben hold it at the same time" },
	{ 1030, SHAPE_CALL, "+12025550111", NULL, "Elena Rossi", 0, "assigned", { "accepted" },
	    "calls from another number than the one on file, +12025550112" },
	{ 1031, SHAPE_CALL, "+12025550113", NULL, "Harold Jensen", 0, "assigned", { "accepted" },
	    "the number on file is a landline" },
	{ 1032, SHAPE_CALL, "+12025550114", NULL, "Mei Lin", 0, "assigned", { "accepted" },
	    "an e-mail address on file, and no number" },
	{ 1033, SHAPE_CALL, "+12025550115", NULL, "Samir Khan", 0, "assigned", { "accepted" },
	    "the number on file was changed yesterday" },
	{ 1034, SHAPE_CALL, "+12025550116", NULL, "Tom Becker", 0, "assigned", { "accepted" },
	    "shares the number with 1035; the task says who it is" },
	{ 1035, SHAPE_CALL, "+12025550116", NULL, "Ella Becker", 0, "assigned", { "accepted" },
	    "shares the number with 1034; the task says who it is" },
};

/* What the tasks of this file have of a call that was put in by TwiML: nothing. */
static const struct cases_contact seeded;

/* Tasks that name their customer, as a flow before the agent may have found out. */
static const struct {
	int         number;
	const char *customer;
} identified[] = {
	{ 1034, "C-100116" },
	{ 1035, "C-100117" },
};

static void
add_call(struct json_object *attributes, const struct task_case *row, const char *call_sid)
{
	const struct exchange_text texts[] = {
		{ "type", "inbound" },
		{ "direction", "inbound" },
		{ "name", row->name },
		{ "from", row->address },
		{ "to", SANDBOX_CENTRE_NUMBER },
		{ "caller", row->address },
		{ "called", SANDBOX_CENTRE_NUMBER },
		{ "call_sid", call_sid },
		{ "call_status", "in-progress" },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "api_version", "2010-04-01" },
		{ "to_country", "US" },
		{ NULL, NULL },
	};

	exchange_add_texts(attributes, texts);
}

static void
add_outbound(struct json_object *attributes, const struct task_case *row)
{
	const struct exchange_text texts[] = {
		{ "type", "outbound" },
		{ "direction", "outbound" },
		{ "name", row->address },
		{ "from", SANDBOX_CENTRE_NUMBER },
		{ "outbound_to", row->address },
		{ NULL, NULL },
	};

	exchange_add_texts(attributes, texts);
}

/* What Flex adds once a call is connected. */
static void
add_conference(struct json_object *attributes, const struct sandbox_leg *leg)
{
	struct json_object *conference = json_new_object(), *participants = json_new_object();

	json_add_string(participants, "worker", leg->worker_call_sid);
	json_add_string(participants, "customer", leg->call_sid);
	json_add_string(conference, "sid", leg->conference_sid);
	json_add_string(conference, "friendlyName", leg->conference_name);
	json_add(conference, "participants", participants);
	json_add(attributes, "conference", conference);
}

static void
add_customer(struct json_object *attributes, int number)
{
	for (size_t i = 0; i < sizeof(identified) / sizeof(*identified); i++)
		if (identified[i].number == number)
			json_add_string(attributes, "customer_id", identified[i].customer);
}

static void
add_conversation(struct json_object *attributes, const struct task_case *row, int64_t round,
    int number)
{
	char conversation[SANDBOX_SID_SIZE], interaction[SANDBOX_SID_SIZE];
	char channel[SANDBOX_SID_SIZE];
	const struct exchange_text texts[] = {
		{ "channelType", row->channel_type },
		{ "direction", "inbound" },
		{ "initiatedBy", "customer" },
		{ "taskCreateSource", "interaction" },
		{ "name", row->name },
		{ "customerName", row->name },
		{ "from", row->address },
		{ "customerAddress", row->address },
		{ "conversationSid", conversation },
		{ "flexInteractionSid", interaction },
		{ "flexInteractionChannelSid", channel },
		{ NULL, NULL },
	};

	identity_sid_of_round(conversation, "CH", round, number);
	identity_sid_of_round(interaction, "KD", round, number);
	identity_sid_of_round(channel, "UO", round, number);
	exchange_add_texts(attributes, texts);
}

static bool
copy_member(void *context, const char *key, struct json_object *value)
{
	if (value == NULL)
		json_add_null(context, key);
	else
		json_add(context, key, json_copy(value));
	return true;
}

/*
 * Tasks keep their SIDs, but each round has calls and conversations of its
 * own, as when the customer calls again: what was verified on the last call is
 * not verified on the next one.
 */
static void
add_attributes(struct json_object *attributes, const struct task_case *row, const struct sandbox_leg *leg,
    int64_t round)
{
	int interaction = row->interaction != 0 ? row->interaction : row->number;

	switch (row->shape) {
	case SHAPE_CALL:
		add_call(attributes, row, leg->call_sid);
		add_customer(attributes, row->number);
		add_conference(attributes, leg);
		break;
	case SHAPE_OUTBOUND:
		add_outbound(attributes, row);
		add_conference(attributes, leg);
		break;
	case SHAPE_CONVERSATION:
		add_conversation(attributes, row, round, interaction);
		break;
	case SHAPE_EMPTY:
		break;
	}
}

/* The attributes as TaskRouter keeps them: JSON as text.  NULL without memory. */
static char *
attributes_text(const struct task_case *row, const struct cases_contact *contact, const struct sandbox_leg *leg,
    int64_t round)
{
	struct json_object *attributes = json_new_object();
	struct buffer out;
	char *text = NULL;

	buffer_init(&out, ATTRIBUTES_MAX_BYTES);
	add_attributes(attributes, row, leg, round);
	/* As Enqueue has it: the attributes of the call, and over them those of <Task>. */
	json_each(contact->task, copy_member, attributes);
	if (json_write(attributes, &out))
		text = strdup(buffer_text(&out));
	buffer_free(&out);
	json_free(attributes);
	return text;
}

/* False: it is a call, and there is no room for one more. */
static bool
add_leg(struct sandbox *sandbox, const struct task_case *row, const char *enqueued_sid, struct sandbox_task *task)
{
	char call_sid[SANDBOX_SID_SIZE];

	if (row->shape != SHAPE_CALL && row->shape != SHAPE_OUTBOUND)
		return true;
	identity_sid_of_round(call_sid, "CA", sandbox->round, row->interaction != 0 ? row->interaction : row->number);
	task->leg = legs_add(sandbox, task->sid, enqueued_sid != NULL ? enqueued_sid : call_sid, row->number);
	if (task->leg == NULL)
		return false;
	task->leg->outbound = row->shape == SHAPE_OUTBOUND;
	snprintf(task->leg->customer, sizeof(task->leg->customer), "%s", row->address);
	return true;
}

static const char *
channel_of(const struct task_case *row)
{
	if (row->shape == SHAPE_CONVERSATION)
		return strcmp(row->channel_type, "sms") == 0 ? "sms" : "chat";
	return row->shape == SHAPE_EMPTY ? "default" : "voice";
}

/* A reservation's SID ends in its task's number and its worker's. */
static void
add_reservations(struct sandbox_task *task, const struct task_case *row)
{
	for (int i = 0; i < SANDBOX_RESERVATIONS_MAX; i++) {
		struct sandbox_reservation *reservation =
		    &task->reservations[task->reservation_count];

		if (row->holders[i] == NULL)
			continue;
		identity_sid(reservation->sid, "WR", row->number * 10 + i + 1);
		reservation->worker = i + 1;
		reservation->updated_ms = task->created_ms;
		snprintf(reservation->status, sizeof(reservation->status), "%s", row->holders[i]);
		task->reservation_count++;
	}
}

static struct sandbox_task *
add_task(struct sandbox *sandbox, const struct task_case *row, const struct cases_contact *contact, bool is_everyday)
{
	struct sandbox_task *task = &sandbox->tasks[sandbox->task_count];
	size_t legs = sandbox->leg_count;

	if (sandbox->task_count == SANDBOX_TASKS_MAX)
		return NULL;
	memset(task, 0, sizeof(*task));
	identity_sid(task->sid, "WT", row->number);
	if (add_leg(sandbox, row, contact->call_sid, task))
		task->attributes = attributes_text(row, contact, task->leg, sandbox->round);
	if (task->attributes == NULL) {
		sandbox->leg_count = legs;
		return NULL;
	}
	snprintf(task->status, sizeof(task->status), "%s", row->status);
	task->channel = channel_of(row);
	snprintf(task->note, sizeof(task->note), "%s", row->note);
	task->everyday = is_everyday;
	task->created_ms = sandbox_now_ms(sandbox);
	task->updated_ms = task->created_ms;
	task->sends_before = sandbox->sends;
	add_reservations(task, row);
	sandbox->task_count++;
	return task;
}

/* Rows about tasks have the number; rows about phone numbers end in it. */
static int
task_number(const struct magic *magic)
{
	size_t length = strlen(magic->key);

	return length < 4 ? 0 : (int)strtol(magic->key + length - 4, NULL, 10);
}

/* "send: refused with this status and code (403, 60205)" */
static void
write_note(const struct magic *magic, char note[SANDBOX_NOTE_SIZE])
{
	char numbers[32] = "";

	if (magic->status != 0 && magic->code != 0)
		snprintf(numbers, sizeof(numbers), " (%d, %d)", magic->status, magic->code);
	else if (magic->status != 0)
		snprintf(numbers, sizeof(numbers), " (%d)", magic->status);
	snprintf(note, SANDBOX_NOTE_SIZE, "%s: %s%s", magic_call_name(magic->call),
	    magic_effect_name(magic->effect), numbers);
}

static bool
add_magic_task(struct sandbox *sandbox, const struct magic *magic)
{
	char note[SANDBOX_NOTE_SIZE];
	struct task_case row = { task_number(magic), SHAPE_CALL, magic->key, NULL, magic->key, 0,
		"assigned", { "accepted" }, note };

	switch (magic->call) {
	case MAGIC_CODE:
	case MAGIC_TOKEN:
		return true;
	case MAGIC_TASK:
	case MAGIC_RESERVATIONS:
		row.address = "+12025550107";
		row.name = "Lena Fischer";
		break;
	case MAGIC_SEND:
	case MAGIC_CHECK:
	case MAGIC_UPDATE:
	case MAGIC_CUSTOMER:
		break;
	}
	write_note(magic, note);
	return add_task(sandbox, &row, &seeded, false) != NULL;
}

bool
cases_seed(struct sandbox *sandbox)
{
	const struct magic *magic = NULL;
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(everyday) / sizeof(*everyday); i++)
		ok = add_task(sandbox, &everyday[i], &seeded, true) != NULL;
	for (size_t i = 0; ok && i < sizeof(special) / sizeof(*special); i++)
		ok = add_task(sandbox, &special[i], &seeded, false) != NULL;
	for (size_t i = 0; ok && (magic = magic_row(i)) != NULL; i++)
		ok = add_magic_task(sandbox, magic);
	return ok;
}

/* ---- Contacts that come in later --------------------------------------------- */

bool
cases_channel_is_known(const char *channel)
{
	static const char *const channels[] = { "voice", "sms", "whatsapp", "web", "email" };

	for (size_t i = 0; channel != NULL && i < sizeof(channels) / sizeof(*channels); i++)
		if (strcmp(channels[i], channel) == 0)
			return true;
	return false;
}

static struct sandbox_task *
add_later(struct sandbox *sandbox, struct task_case *row, const struct cases_contact *contact, int worker)
{
	row->number = LATER_NUMBER + (int)sandbox->task_count;
	row->holders[worker - 1] = strcmp(row->status, "assigned") == 0 ? "accepted" : "pending";
	return add_task(sandbox, row, contact, true);
}

struct sandbox_task *
cases_open(struct sandbox *sandbox, const struct cases_contact *contact)
{
	struct task_case row = { .shape = SHAPE_CONVERSATION, .address = contact->from,
		.channel_type = contact->channel, .status = "reserved", .note = "" };

	row.name = contact->name == NULL ? contact->from : contact->name;
	if (strcmp(contact->channel, "voice") == 0)
		row.shape = contact->outbound ? SHAPE_OUTBOUND : SHAPE_CALL;
	if (contact->outbound)
		row.status = "assigned";
	return add_later(sandbox, &row, contact, contact->worker);
}

struct sandbox_task *
cases_hand_over(struct sandbox *sandbox, const struct sandbox_task *task, int worker)
{
	struct task_case row = { .shape = SHAPE_EMPTY, .status = "reserved", .note = "" };
	char *attributes = strdup(task->attributes);
	struct sandbox_task *next = attributes == NULL ? NULL : add_later(sandbox, &row, &seeded, worker);

	if (next == NULL) {
		free(attributes);
		return NULL;
	}
	free(next->attributes);
	next->attributes = attributes;
	next->channel = task->channel;
	next->leg = task->leg;
	next->sends_before = task->sends_before;
	return next;
}

/* Its SID is new in every round: what was made of it before is not to be found again. */
struct sandbox_task *
cases_create(struct sandbox *sandbox, const char *channel, const char *attributes)
{
	static const char *const channels[] = { "voice", "sms", "chat", "default" };
	struct task_case row = { .shape = SHAPE_EMPTY, .status = "reserved", .note = "made by a client" };
	char *text = strdup(attributes);
	struct sandbox_task *task = text == NULL ? NULL : add_later(sandbox, &row, &seeded, 1);

	if (task == NULL || !secret_random_hex(task->sid + 2, sizeof(task->sid) - 2)) {
		free(text);
		return NULL;
	}
	free(task->attributes);
	task->attributes = text;
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++)
		if (channel != NULL && strcmp(channels[i], channel) == 0)
			task->channel = channels[i];
	return task;
}

void
cases_forget(struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->task_count; i++)
		free(sandbox->tasks[i].attributes);
	sandbox->task_count = 0;
	legs_forget(sandbox);
}
