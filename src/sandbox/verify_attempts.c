#include "verify_attempts.h"

#include "base/clock.h"
#include "base/json.h"
#include "exchange.h"
#include "magic.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS_URL "https://verify.twilio.com/v2/Attempts"

/* The query, judged; NULL or 0: no filter. */
struct filter {
	int64_t     after_ms, before_ms;
	const char *to, *country, *channel, *service_sid, *verification_sid, *status;
};

struct listing {
	struct filter        filter;
	struct exchange_page page;
};

struct search {
	const char         *sid;
	struct json_object *found;
};

/* Enough for the numbers of this sandbox; the rest is abroad somewhere. */
static const char *
country_of(const char *to)
{
	static const char *const countries[][2] = {
		{ "+1", "US" },
		{ "+33", "FR" },
		{ "+34", "ES" },
		{ "+39", "IT" },
		{ "+44", "GB" },
		{ "+49", "DE" },
	};

	for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++)
		if (strncmp(to, countries[i][0], strlen(countries[i][0])) == 0)
			return countries[i][1];
	return NULL;
}

/* The customer answers what came last. */
static bool
is_converted(const struct sandbox_verification *verification, const struct sandbox_send *send)
{
	return verification->status == SANDBOX_APPROVED &&
	    send == &verification->sends[verification->send_count - 1];
}

static const char *
conversion_of(const struct sandbox_verification *verification, const struct sandbox_send *send)
{
	return is_converted(verification, send) ? "converted" : "unconverted";
}

/* 001-01 is the network code that the ITU keeps for tests. */
static void
add_channel_data(struct json_object *attempt, const struct sandbox_verification *verification,
    const struct sandbox_send *send)
{
	const struct magic *fate = magic_find(MAGIC_SEND, verification->to);
	struct json_object *data = json_new_object();
	const struct exchange_text texts[] = {
		{ "verification_sid", verification->sid },
		{ "to", verification->to },
		{ "status", is_converted(verification, send) ? "confirmed" : "unconfirmed" },
		{ "message_status", send->delivered ? "delivered" : "undelivered" },
		{ "error_code", NULL },
		{ "country", country_of(verification->to) },
		{ "locale", send->locale[0] == '\0' ? "en" : send->locale },
		{ "mcc", "001" },
		{ "mnc", "01" },
		{ "carrier", "Sandbox Mobile" },
		{ NULL, NULL },
	};

	exchange_add_texts(data, texts);
	json_add_int(data, "code_length", SANDBOX_CODE_LENGTH);
	if (!send->delivered && fate != NULL)
		exchange_add_text(data, "error_code", "%d", fate->code);
	json_add(attempt, "channel_data", data);
}

static void
add_price(struct json_object *attempt)
{
	static const struct exchange_text texts[] = {
		{ "value", "0.00" },
		{ "currency", "usd" },
		{ NULL, NULL },
	};
	struct json_object *price = json_new_object();

	exchange_add_texts(price, texts);
	json_add(attempt, "price", price);
}

static struct json_object *
attempt_json(const struct sandbox_verification *verification, const struct sandbox_send *send)
{
	bool converted = is_converted(verification, send);
	struct json_object *attempt = json_new_object();
	const struct exchange_text texts[] = {
		{ "sid", send->sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "service_sid", SANDBOX_SERVICE_SID },
		{ "verification_sid", verification->sid },
		{ "conversion_status", conversion_of(verification, send) },
		{ "channel", send->channel },
		{ NULL, NULL },
	};
	int64_t updated_ms = converted ? verification->updated_ms : send->time_ms;

	exchange_add_texts(attempt, texts);
	exchange_add_time(attempt, "date_created", send->time_ms);
	exchange_add_time(attempt, "date_updated", updated_ms);
	add_price(attempt);
	add_channel_data(attempt, verification, send);
	exchange_add_text(attempt, "url", ATTEMPTS_URL "/%s", send->sid);
	return attempt;
}

/* A filter that is not set matches, and so does the same text. */
static bool
passes(const char *wanted, const char *value)
{
	return wanted == NULL || (value != NULL && strcmp(wanted, value) == 0);
}

static bool
visit(void *context, const struct sandbox_verification *verification,
    const struct sandbox_send *send)
{
	struct listing *listing = context;
	const struct filter *filter = &listing->filter;

	if (send->time_ms >= filter->after_ms &&
	    (filter->before_ms == 0 || send->time_ms <= filter->before_ms) &&
	    passes(filter->to, verification->to) &&
	    passes(filter->country, country_of(verification->to)) &&
	    passes(filter->channel, send->channel) &&
	    passes(filter->service_sid, SANDBOX_SERVICE_SID) &&
	    passes(filter->verification_sid, verification->sid) &&
	    passes(filter->status, conversion_of(verification, send)) &&
	    exchange_page_takes(&listing->page))
		exchange_page_add(&listing->page, attempt_json(verification, send));
	return true;
}

/* False: answered 400 already. */
static bool
read_time(struct exchange *exchange, const char *name, int64_t *time_ms)
{
	const char *text = exchange_query(exchange, name);

	if (text == NULL || clock_parse(text, time_ms))
		return true;
	exchange_refuse(exchange, 400, 20001,
	    "Invalid parameter %s: a time like 2026-11-22T09:00:00Z is expected", name);
	return false;
}

void
verify_attempts_list(struct exchange *exchange)
{
	struct listing listing = { .filter = {
		.to = exchange_query(exchange, "ChannelData.To"),
		.country = exchange_query(exchange, "Country"),
		.channel = exchange_query(exchange, "Channel"),
		.service_sid = exchange_query(exchange, "VerifyServiceSid"),
		.verification_sid = exchange_query(exchange, "VerificationSid"),
		.status = exchange_query(exchange, "Status"),
	} };

	if (!read_time(exchange, "DateCreatedAfter", &listing.filter.after_ms) ||
	    !read_time(exchange, "DateCreatedBefore", &listing.filter.before_ms) ||
	    !exchange_page_begin(exchange, &listing.page))
		return;
	sandbox_lock(exchange->sandbox);
	sandbox_each_send(exchange->sandbox, visit, &listing);
	sandbox_unlock(exchange->sandbox);
	exchange_page_end(exchange, &listing.page, "attempts");
}

static bool
compare(void *context, const struct sandbox_verification *verification,
    const struct sandbox_send *send)
{
	struct search *search = context;

	if (strcmp(send->sid, search->sid) != 0)
		return true;
	search->found = attempt_json(verification, send);
	return false;
}

void
verify_attempts_fetch(struct exchange *exchange)
{
	struct search search = { .sid = exchange->arguments[0] };

	sandbox_lock(exchange->sandbox);
	sandbox_each_send(exchange->sandbox, compare, &search);
	sandbox_unlock(exchange->sandbox);
	if (search.found == NULL)
		exchange_not_found(exchange);
	else
		exchange_answer(exchange, 200, search.found);
}
