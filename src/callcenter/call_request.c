#include "call_request.h"

#include "turn.h"
#include "twilio/signature.h"

#include <string.h>

/* Plain words, which nobody writes in two ways: what was signed is what arrives. */
static const char *const query_names[] = { "step", "try", "language", "row", "asking", "task", "bodySHA256", NULL };

/* Of a JSON body, which Studio's users write themselves. */
static const char *const json_names[] = { "CallSid", "AccountSid", "From", "Digits", NULL };

static enum refusal
read_body(const struct request *request, struct call_request *call)
{
	switch (request->body_type) {
	case REQUEST_BODY_JSON:
		call->json = true;
		return refusal_of_form(form_read_json(&call->fields, request->body, request->body_length, json_names));
	case REQUEST_BODY_FORM:
	case REQUEST_BODY_NONE:
		return refusal_of_form(form_read_signed(&call->fields, request->body, request->body_length));
	case REQUEST_BODY_OTHER:
		return REFUSAL_UNSUPPORTED_MEDIA_TYPE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

static enum refusal
refusal_of_signature(enum signature_result result)
{
	switch (result) {
	case SIGNATURE_NOT_CHECKED:
		return REFUSAL_INTERNAL_ERROR;
	case SIGNATURE_WRONG:
		return REFUSAL_NOT_FROM_TWILIO;
	case SIGNATURE_VALID:
		return REFUSAL_NONE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

static enum refusal
check_signature(const struct turn *turn, const struct call_request *call)
{
	const struct settings *settings = &turn->app->settings;
	const struct request *request = &turn->request;
	const char *signature = request_variable(request, "HTTP_X_TWILIO_SIGNATURE");
	enum signature_result result = signature_check(settings->auth_token, settings->voice_public_url,
	    request->query, call->json ? NULL : &call->fields, signature);

	/* Of a body that is no form the address alone is signed, and holds the body's hash. */
	if (result == SIGNATURE_VALID && call->json)
		result = signature_check_body(form_get(&call->query, "bodySHA256"), request->body,
		    request->body_length);
	return refusal_of_signature(result);
}

/* The one value of a field; NULL: it is not there, or several are. */
static const char *
only_value(const struct form *form, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].name, name) != 0)
			continue;
		if (value != NULL)
			return NULL;
		value = form->fields[i].value;
	}
	return value;
}

static enum refusal
read_fields(const struct turn *turn, struct call_request *call)
{
	const char *account = only_value(&call->fields, "AccountSid");

	call->call_sid = only_value(&call->fields, "CallSid");
	call->from = only_value(&call->fields, "From");
	call->digits = only_value(&call->fields, "Digits");
	if (call->digits == NULL)
		call->digits = "";
	if (account == NULL || strcmp(account, turn->app->settings.account_sid) != 0)
		return REFUSAL_NOT_FROM_TWILIO;
	if (call->call_sid == NULL || !twilio_sid_valid(call->call_sid, "CA") || call->from == NULL)
		return REFUSAL_MALFORMED_REQUEST;
	return REFUSAL_NONE;
}

static bool
is_id(const char *text)
{
	return text != NULL && strlen(text) == LEDGER_ID_SIZE - 1 &&
	    strspn(text, "0123456789abcdef") == LEDGER_ID_SIZE - 1;
}

/* Studio, which wants JSON, does not ask so. */
static bool
read_asking(struct call_request *call)
{
	call->row_id = form_get(&call->query, "row");
	call->asking_id = form_get(&call->query, "asking");
	call->task_sid = form_get(&call->query, "task");
	return is_id(call->row_id) && is_id(call->asking_id) && twilio_sid_valid(call->task_sid, "WT") && !call->json;
}

static enum refusal
read_step(struct call_request *call)
{
	const char *step = form_get(&call->query, "step"), *attempt = form_get(&call->query, "try");

	call->attempt = 1;
	call->asked = step != NULL && strcmp(step, "asked") == 0;
	call->keyed = call->asked || (step != NULL && strcmp(step, "code") == 0);
	if ((step != NULL && !call->keyed) || (call->asked && !read_asking(call)))
		return REFUSAL_INVALID_ACTION;
	if (attempt == NULL)
		return REFUSAL_NONE;
	if (attempt[0] < '1' || attempt[0] > '0' + CALL_TRIES_MAX || attempt[1] != '\0')
		return REFUSAL_INVALID_ACTION;
	call->attempt = attempt[0] - '0';
	return REFUSAL_NONE;
}

static enum refusal
read_language(const struct turn *turn, struct call_request *call)
{
	const char *word = form_get(&call->query, "language");
	enum call_language usual = (enum call_language)turn->app->settings.voice_language;

	call->language = word != NULL ? call_words_language(word) : call_words_of_caller(call->from, usual);
	return call->language < CALL_LANGUAGE__MAX ? REFUSAL_NONE : REFUSAL_INVALID_LOCALE;
}

enum refusal
call_request_read(struct turn *turn, struct call_request *call)
{
	const struct request *request = &turn->request;
	enum refusal refusal = REFUSAL_NONE;

	memset(call, 0, sizeof(*call));
	if (turn->app->settings.voice_public_url == NULL ||
	    turn->app->settings.contact_source == CONTACT_SOURCE_REQUEST)
		return REFUSAL_VOICE_OFF;
	refusal = refusal_of_form(form_read_urlencoded(&call->query, request->query, strlen(request->query),
	    query_names));
	if (refusal == REFUSAL_NONE)
		refusal = read_body(request, call);
	if (refusal == REFUSAL_NONE)
		refusal = check_signature(turn, call);
	if (refusal == REFUSAL_NONE)
		refusal = read_fields(turn, call);
	if (refusal == REFUSAL_NONE)
		refusal = read_step(call);
	return refusal == REFUSAL_NONE ? read_language(turn, call) : refusal;
}

void
call_request_free(struct call_request *call)
{
	form_free(&call->query);
	form_free(&call->fields);
}
