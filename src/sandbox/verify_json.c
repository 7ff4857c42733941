#include "verify_json.h"

#include "base/json.h"
#include "exchange.h"
#include "verify_channel.h"
#include "verify_service.h"

const char *
verify_json_status(enum sandbox_status status)
{
	switch (status) {
	case SANDBOX_PENDING:
		return "pending";
	case SANDBOX_APPROVED:
		return "approved";
	case SANDBOX_CANCELED:
		return "canceled";
	case SANDBOX_MAX_ATTEMPTS_REACHED:
		return "max_attempts_reached";
	case SANDBOX_EXPIRED:
		return "expired";
	}
	return "";
}

static void
add_sends(struct json_object *object, const struct sandbox_verification *verification)
{
	struct json_object *sends = json_new_array();

	for (int i = 0; i < verification->send_count; i++) {
		const struct sandbox_send *send = &verification->sends[i];
		const struct verify_channel *channel = verify_channel_find(send->channel);
		struct json_object *item = json_new_object();

		exchange_add_time(item, "time", send->time_ms);
		json_add_string(item, "channel", channel->attempt_name);
		json_add_string(item, "attempt_sid", send->sid);
		json_append(sends, item);
	}
	json_add(object, "send_code_attempts", sends);
}

/* What both shapes begin with. */
static void
add_common(struct json_object *object, const struct sandbox_verification *verification,
    enum sandbox_status status)
{
	const struct sandbox_send *last = &verification->sends[verification->send_count - 1];
	const struct exchange_text texts[] = {
		{ "sid", verification->sid },
		{ "service_sid", SANDBOX_SERVICE_SID },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "to", verification->to },
		{ "channel", last->channel },
		{ "status", verify_json_status(status) },
		{ "amount", NULL },
		{ "payee", NULL },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	json_add_bool(object, "valid", status == SANDBOX_APPROVED);
	exchange_add_time(object, "date_created", verification->created_ms);
	exchange_add_time(object, "date_updated", verification->updated_ms);
}

struct json_object *
verify_json_verification(const struct sandbox_verification *verification,
    enum sandbox_status status)
{
	static const char url[] = VERIFY_SERVICE_URL "/Verifications/%s";
	struct json_object *object = json_new_object();

	add_common(object, verification, status);
	add_sends(object, verification);
	json_add(object, "lookup", json_new_object());
	json_add_null(object, "sna");
	exchange_add_text(object, "url", url, verification->sid);
	return object;
}

struct json_object *
verify_json_check(const struct sandbox_verification *verification)
{
	struct json_object *object = json_new_object();

	add_common(object, verification, verification->status);
	json_add(object, "sna_attempts_error_codes", json_new_array());
	return object;
}
