#include "desk.h"

#include "base/json.h"
#include "exchange.h"
#include "magic.h"
#include "verify_channel.h"
#include "verify_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX_BYTES 256

/* Ten years; enough for every expiry, and no sum overflows. */
#define ADVANCE_MAX_S 315360000

struct inbox {
	struct sandbox     *sandbox;
	const char         *to; /* NULL: all */
	bool                lost; /* also what never arrived */
	size_t              texts; /* so many of the ring's are left, the oldest ones */
	struct json_object *messages;
	size_t              count;
};

void
desk_answer_array(struct exchange *exchange, const char *key, struct json_object *array)
{
	struct json_object *answer = json_new_object();

	json_add(answer, key, array);
	exchange_answer(exchange, 200, answer);
}

/* ---- Messages -------------------------------------------------------------- */

static struct json_object *
message_json(const struct sandbox *sandbox, const struct sandbox_verification *verification,
    const struct sandbox_send *send)
{
	struct json_object *message = json_new_object();
	enum sandbox_status status = sandbox_verification_status(sandbox, verification);
	struct buffer body;

	buffer_init(&body, MESSAGE_MAX_BYTES);
	verify_channel_message(send->channel, verification->code, &body);
	const struct exchange_text texts[] = {
		{ "to", verification->to },
		{ "channel", send->channel },
		{ "body", buffer_text(&body) },
		{ "code", verification->code },
		{ "sid", verification->sid },
		{ "attempt_sid", send->sid },
		{ "locale", send->locale[0] == '\0' ? NULL : send->locale },
		{ "status", verify_json_status(status) },
		{ NULL, NULL },
	};
	exchange_add_texts(message, texts);
	json_add_int(message, "checks", verification->checks);
	json_add_int(message, "number", (int64_t)send->order);
	json_add_bool(message, "delivered", send->delivered);
	exchange_add_time(message, "date_created", send->time_ms);
	buffer_free(&body);
	return message;
}

static struct json_object *
text_json(const struct sandbox_text *text)
{
	struct json_object *message = json_new_object();
	const struct exchange_text texts[] = {
		{ "to", text->to },
		{ "channel", "sms" },
		{ "body", text->body },
		{ "code", NULL },
		{ "sid", text->sid },
		{ "attempt_sid", text->sid },
		{ "locale", NULL },
		{ "status", NULL },
		{ NULL, NULL },
	};

	exchange_add_texts(message, texts);
	json_add_int(message, "checks", 0);
	json_add_int(message, "number", (int64_t)text->order);
	json_add_bool(message, "delivered", text->delivered);
	exchange_add_time(message, "date_created", text->time_ms);
	return message;
}

/* Those that are newer than a send. */
static void
add_texts(struct inbox *inbox, uint64_t order)
{
	const struct sandbox *sandbox = inbox->sandbox;

	for (; inbox->texts > 0 && inbox->count < DESK_MESSAGES_MAX; inbox->texts--) {
		size_t oldest = sandbox->text_next > SANDBOX_TEXTS_MAX ? sandbox->text_next - SANDBOX_TEXTS_MAX : 0;
		const struct sandbox_text *text =
		    &sandbox->texts[(oldest + inbox->texts - 1) % SANDBOX_TEXTS_MAX];

		if (text->order < order)
			return;
		if ((!text->delivered && !inbox->lost) || (inbox->to != NULL && strcmp(inbox->to, text->to) != 0))
			continue;
		json_append(inbox->messages, text_json(text));
		inbox->count++;
	}
}

static bool
visit(void *context, const struct sandbox_verification *verification,
    const struct sandbox_send *send)
{
	struct inbox *inbox = context;

	add_texts(inbox, send->order);
	if (inbox->count == DESK_MESSAGES_MAX)
		return false;
	if ((!send->delivered && !inbox->lost) ||
	    (inbox->to != NULL && strcmp(inbox->to, verification->to) != 0))
		return true;
	json_append(inbox->messages, message_json(inbox->sandbox, verification, send));
	inbox->count++;
	return true;
}

void
desk_messages(struct exchange *exchange)
{
	const char *to = exchange_query(exchange, "to");
	struct inbox inbox = { .sandbox = exchange->sandbox,
		.lost = exchange_query(exchange, "lost") != NULL, .messages = json_new_array() };
	char number[SANDBOX_ADDRESS_SIZE];

	/* For people at a keyboard: a + that was not escaped arrives as a blank. */
	if (to != NULL) {
		snprintf(number, sizeof(number), "%s", to);
		if (number[0] == ' ')
			number[0] = '+';
		inbox.to = number;
	}
	sandbox_lock(exchange->sandbox);
	inbox.texts = exchange->sandbox->text_next < SANDBOX_TEXTS_MAX ? exchange->sandbox->text_next :
									   SANDBOX_TEXTS_MAX;
	sandbox_each_send(exchange->sandbox, visit, &inbox);
	add_texts(&inbox, 0);
	sandbox_unlock(exchange->sandbox);
	desk_answer_array(exchange, "messages", inbox.messages);
}

/* ---- Magic ----------------------------------------------------------------- */

static void
add_number(struct json_object *object, const char *key, int number)
{
	if (number == 0)
		json_add_null(object, key);
	else
		json_add_int(object, key, number);
}

static struct json_object *
magic_json(const struct magic *magic)
{
	struct json_object *object = json_new_object();
	const struct exchange_text texts[] = {
		{ "on", magic_call_name(magic->call) },
		{ "key", magic->key },
		{ "channel", magic->only },
		{ "member", magic->value == NULL ? NULL : magic->text },
		{ "effect", magic_effect_name(magic->effect) },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	add_number(object, "status", magic->status);
	add_number(object, "code", magic->code);
	return object;
}

void
desk_magic(struct exchange *exchange)
{
	struct json_object *rows = json_new_array();
	const struct magic *magic = NULL;

	for (size_t i = 0; (magic = magic_row(i)) != NULL; i++)
		json_append(rows, magic_json(magic));
	desk_answer_array(exchange, "magic", rows);
}

/* ---- Clock and reset -------------------------------------------------------- */

void
desk_clock(struct exchange *exchange)
{
	struct json_object *answer = json_new_object();
	int64_t now_ms = 0, advance_ms = 0;

	sandbox_lock(exchange->sandbox);
	now_ms = sandbox_now_ms(exchange->sandbox);
	advance_ms = exchange->sandbox->clock_advance_ms;
	sandbox_unlock(exchange->sandbox);
	exchange_add_time(answer, "now", now_ms);
	json_add_int(answer, "advanced_seconds", advance_ms / 1000);
	exchange_answer(exchange, 200, answer);
}

/* From a form or from JSON; -1: not there, or not a whole number of seconds in range. */
static int64_t
read_advance(const struct exchange *exchange)
{
	const char *field = exchange_field(exchange, "advance_seconds");
	const struct request *request = exchange->request;
	struct json_object *body = NULL;
	char *end = NULL;
	int64_t seconds = -1;

	if (field != NULL) {
		seconds = strtol(field, &end, 10);
		if (*end != '\0')
			seconds = -1;
	} else if (request->body_type == REQUEST_BODY_JSON &&
	    json_parse(request->body, request->body_length, 1, &body) == JSON_OK) {
		if (!json_get_int(body, "advance_seconds", &seconds))
			seconds = -1;
		json_free(body);
	}
	return seconds > ADVANCE_MAX_S ? -1 : seconds;
}

void
desk_advance_clock(struct exchange *exchange)
{
	int64_t seconds = read_advance(exchange);
	bool fits = false;

	if (seconds < 0) {
		exchange_complain(exchange, 400,
		    "Send {\"advance_seconds\":601}, a whole number from 0 to 315360000");
		return;
	}
	sandbox_lock(exchange->sandbox);
	fits = exchange->sandbox->clock_advance_ms / 1000 + seconds <= ADVANCE_MAX_S;
	if (fits)
		exchange->sandbox->clock_advance_ms += seconds * 1000;
	sandbox_unlock(exchange->sandbox);
	if (fits)
		desk_clock(exchange);
	else
		exchange_complain(exchange, 400,
		    "The clock is ten years ahead already; POST /sandbox/reset");
}

void
desk_reset(struct exchange *exchange)
{
	bool ok = false;

	sandbox_lock(exchange->sandbox);
	ok = sandbox_reset(exchange->sandbox);
	sandbox_unlock(exchange->sandbox);
	if (ok)
		desk_clock(exchange);
	else
		exchange_answer(exchange, 500, NULL);
}
