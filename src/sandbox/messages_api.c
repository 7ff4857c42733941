#include "messages_api.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"
#include "magic.h"
#include "verify_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX_CHARACTERS 1600
#define VALIDITY_MAX_S      36000

/* Verify's own error codes begin here; no text of Messaging is refused by one. */
#define VERIFY_CODES 60000

#define URI_SIZE 128

static bool
refuse(struct exchange *exchange, int code, const char *sentence)
{
	exchange_refuse(exchange, 400, code, "%s", sentence);
	return false;
}

/* False: answered already. */
static bool
has_sender(struct exchange *exchange)
{
	const char *from = exchange_field(exchange, "From"), *service = exchange_field(exchange, "MessagingServiceSid");

	if (from == NULL && service == NULL)
		return refuse(exchange, 21603, "A 'From' phone number is required.");
	if (service != NULL && strcmp(service, SANDBOX_MESSAGING_SID) != 0)
		return refuse(exchange, 21701, "The Messaging Service does not exist");
	if (from != NULL && strcmp(from, SANDBOX_CENTRE_NUMBER) != 0)
		return refuse(exchange, 21606,
		    "The 'From' phone number is not a valid, message-capable Twilio phone number for this account.");
	return true;
}

static bool
has_body(struct exchange *exchange)
{
	const char *body = exchange_field(exchange, "Body");

	if (body == NULL)
		return refuse(exchange, 21602, "Message body is required.");
	if (exchange_characters(body) > BODY_MAX_CHARACTERS)
		return refuse(exchange, 21617, "The concatenated message body exceeds the 1600 character limit.");
	return true;
}

static bool
is_valid(struct exchange *exchange)
{
	const char *to = exchange_field(exchange, "To"), *valid = exchange_field(exchange, "ValidityPeriod");
	const struct verify_channel *sms = verify_channel_find("sms");
	long seconds = valid == NULL ? VALIDITY_MAX_S : strtol(valid, NULL, 10);

	if (to == NULL)
		return refuse(exchange, 21604, "A 'To' phone number is required.");
	if (!verify_channel_takes(sms, to))
		return refuse(exchange, 21211, "Invalid 'To' Phone Number");
	if (seconds < 1 || seconds > VALIDITY_MAX_S)
		return refuse(exchange, 20001, "Invalid ValidityPeriod");
	return has_sender(exchange) && has_body(exchange);
}

/* With a messaging service, which chooses the sender later, it is accepted; otherwise queued. */
static struct json_object *
text_json(const struct exchange *exchange, const struct sandbox_text *text)
{
	struct json_object *object = json_new_object(), *resources = json_new_object();
	const char *service = exchange_field(exchange, "MessagingServiceSid");
	char uri[URI_SIZE], media[URI_SIZE];
	const struct exchange_text texts[] = {
		{ "sid", text->sid }, { "account_sid", SANDBOX_ACCOUNT_SID }, { "api_version", "2010-04-01" },
		{ "body", text->body }, { "to", text->to }, { "from", exchange_field(exchange, "From") },
		{ "messaging_service_sid", service }, { "status", service != NULL ? "accepted" : "queued" },
		{ "direction", "outbound-api" }, { "num_media", "0" }, { "num_segments", service != NULL ? "0" : "1" },
		{ "price", NULL }, { "price_unit", NULL }, { "error_message", NULL }, { "uri", uri }, { NULL, NULL },
	};

	snprintf(uri, sizeof(uri), "/2010-04-01/Accounts/%s/Messages/%s.json", SANDBOX_ACCOUNT_SID, text->sid);
	snprintf(media, sizeof(media), "/2010-04-01/Accounts/%s/Messages/%s/Media.json", SANDBOX_ACCOUNT_SID,
	    text->sid);
	exchange_add_texts(object, texts);
	json_add_null(object, "error_code");
	exchange_add_date(object, "date_created", text->time_ms);
	exchange_add_date(object, "date_updated", text->time_ms);
	json_add_null(object, "date_sent");
	json_add_string(resources, "media", media);
	json_add(object, "subresource_uris", resources);
	return object;
}

/* With the lock held. */
static void
send_text(struct exchange *exchange, bool arrives)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct sandbox_text *text = &sandbox->texts[sandbox->text_next % SANDBOX_TEXTS_MAX];

	memset(text, 0, sizeof(*text));
	if (!secret_random_hex(text->sid + 2, sizeof(text->sid) - 2)) {
		exchange_answer(exchange, 500, NULL);
		return;
	}
	memcpy(text->sid, "SM", 2);
	snprintf(text->to, sizeof(text->to), "%s", exchange_field(exchange, "To"));
	snprintf(text->body, sizeof(text->body), "%s", exchange_field(exchange, "Body"));
	text->time_ms = sandbox_now_ms(sandbox);
	text->order = ++sandbox->sends;
	text->delivered = arrives;
	sandbox->text_next++;
	exchange_answer(exchange, 201, text_json(exchange, text));
}

void
messages_api_send(struct exchange *exchange)
{
	const char *to = exchange_field(exchange, "To");
	const struct magic *magic = to == NULL ? NULL : magic_find(MAGIC_SEND, to);
	bool verifys = magic != NULL && magic->code >= VERIFY_CODES;
	bool texts = magic != NULL && (magic->only == NULL || strcmp(magic->only, "sms") == 0);

	if (strcmp(exchange->arguments[0], SANDBOX_ACCOUNT_SID) != 0) {
		exchange_not_found(exchange);
		return;
	}
	if (!is_valid(exchange) || (texts && !verifys && magic_intercepts(exchange, MAGIC_SEND, to)))
		return;
	sandbox_lock(exchange->sandbox);
	send_text(exchange, !texts || (!verifys && magic->effect != MAGIC_UNDELIVERED));
	sandbox_unlock(exchange->sandbox);
}
