#include "verify_service.h"

#include "twilio_call.h"

#include <string.h>

/* On one page: a service may have fewer by far (https://www.twilio.com/docs/api/errors/60207). */
#define LIMITS_PAGE 50

/* A member that holds a text is present; null or an empty text is missing. */
static enum verify_service_part
part(struct json_object *object, const char *key, enum verify_service_part otherwise)
{
	const char *text = json_get_string(object, key);

	if (text != NULL && text[0] != '\0')
		return VERIFY_SERVICE_PRESENT;
	return otherwise;
}

/* Older services name a mailer, newer ones a sender of their own. */
static enum verify_service_part
read_email(struct json_object *object)
{
	enum verify_service_part email = VERIFY_SERVICE_UNKNOWN;

	if (json_has(object, "mailer_sid") || json_has(object, "email"))
		email = VERIFY_SERVICE_MISSING;
	email = part(object, "mailer_sid", email);
	return part(json_get_object(object, "email"), "from", email);
}

static enum verify_service_part
read_whatsapp(struct json_object *object)
{
	struct json_object *whatsapp = json_get_object(object, "whatsapp");
	enum verify_service_part found = whatsapp != NULL ? VERIFY_SERVICE_MISSING : VERIFY_SERVICE_UNKNOWN;

	found = part(whatsapp, "msg_service_sid", found);
	return part(whatsapp, "from", found);
}

static bool
read_switches(struct json_object *object, struct verify_service *service)
{
	return json_get_bool(object, "lookup_enabled", &service->lookup_enabled) &&
	    json_get_bool(object, "skip_sms_to_landlines", &service->skip_sms_to_landlines) &&
	    json_get_bool(object, "dtmf_input_required", &service->dtmf_input_required) &&
	    json_get_bool(object, "do_not_share_warning_enabled", &service->do_not_share_warning_enabled) &&
	    json_get_bool(object, "custom_code_enabled", &service->custom_code_enabled) &&
	    json_get_bool(object, "psd2_enabled", &service->psd2_enabled);
}

static enum twilio_result
read_service(const struct twilio *twilio, struct json_object *object, struct verify_service *service)
{
	const char *template_sid = json_get_string(object, "default_template_sid");
	int64_t code_length = 0;

	if (!twilio_same(object, "sid", twilio->verify_service_sid) ||
	    !twilio_copy(service->friendly_name, sizeof(service->friendly_name),
	    json_get_string(object, "friendly_name")))
		return TWILIO_BAD_ANSWER;
	if (!json_get_int(object, "code_length", &code_length) || code_length < 1 || code_length > 100 ||
	    !read_switches(object, service))
		return TWILIO_BAD_ANSWER;
	service->code_length = (int)code_length;
	if (twilio_sid_valid(template_sid, "HJ"))
		twilio_copy(service->default_template_sid, TWILIO_SID_SIZE, template_sid);
	service->email = read_email(object);
	service->whatsapp = read_whatsapp(object);
	return TWILIO_OK;
}

enum twilio_result
verify_service_read(const struct twilio *twilio, int64_t deadline_ms, struct verify_service *service,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	memset(service, 0, sizeof(*service));
	twilio_trace_clear(trace);
	if (!twilio_sid_valid(twilio->verify_service_sid, "VA"))
		return TWILIO_SETUP;
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VERIFY, "/v2/Services/%s", twilio->verify_service_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_service(twilio, call.answer, service);
	twilio_call_free(&call);
	return result;
}

static bool
has_limit(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (twilio_same(json_item(list, i), "unique_name", name))
			return true;
	return false;
}

enum twilio_result
verify_service_limits(const struct twilio *twilio, const char *const names[], size_t count, int64_t deadline_ms,
    bool has[], struct twilio_trace *trace)
{
	struct twilio_call call;
	struct json_object *list = NULL;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	if (!twilio_sid_valid(twilio->verify_service_sid, "VA"))
		return TWILIO_SETUP;
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VERIFY, "/v2/Services/%s/RateLimits?PageSize=%d",
	    twilio->verify_service_sid, LIMITS_PAGE);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK && (list = json_get_array(call.answer, "rate_limits")) == NULL)
		result = TWILIO_BAD_ANSWER;
	for (size_t i = 0; result == TWILIO_OK && i < count; i++)
		has[i] = has_limit(list, names[i]);
	twilio_call_free(&call);
	return result;
}
