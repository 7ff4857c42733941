/*
 * What Twilio asks about a call, and what a caller keyed in.  Input: a line
 * with the signature, "signed" being a right one, and the kind of the body;
 * the query; the body.  Whatever they are: nothing is read that Twilio did not
 * sign, and what is read is a call of this account.
 */
#include "base/secret.h"
#include "callcenter/call_request.h"
#include "callcenter/turn.h"
#include "twilio/signature.h"

#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES 65536
#define PUBLIC_URL "https://verify.example/verify-call"

struct parts {
	char *signature; /* the first word; what follows is the kind */
	char *kind;
	char *query;
	char *body;
	size_t length;
};

static void
take_parts(const uint8_t *data, size_t size, struct parts *parts)
{
	struct input input = input_of(data, size);

	parts->signature = input_text(&input);
	parts->kind = parts->signature + strcspn(parts->signature, " ");
	if (*parts->kind != '\0')
		*parts->kind++ = '\0';
	parts->query = input_text(&input);
	parts->body = input_part(&input, &parts->length);
}

static int
by_name_and_value(const void *a, const void *b)
{
	const struct form_field *one = a, *other = b;
	int names = strcmp(one->name, other->name);

	return names != 0 ? names : strcmp(one->value, other->value);
}

/* As Twilio signs: the address, and of a form each name with its value, in order. */
static void
sign(const struct parts *parts, char signature[SECRET_SIGNATURE_SIZE])
{
	struct form form;
	struct buffer text;

	buffer_init(&text, TEXT_MAX_BYTES);
	buffer_printf(&text, PUBLIC_URL "%s%s", parts->query[0] != '\0' ? "?" : "", parts->query);
	if (strcmp(parts->kind, "json") != 0) {
		(void)form_read_signed(&form, parts->body, parts->length);
		qsort(form.fields, form.count, sizeof(form.fields[0]), by_name_and_value);
		for (size_t i = 0; i < form.count; i++)
			if (i == 0 || by_name_and_value(&form.fields[i - 1], &form.fields[i]) != 0)
				buffer_printf(&text, "%s%s", form.fields[i].name, form.fields[i].value);
		form_free(&form);
	}
	property(secret_sign_sha1(SECRET, buffer_text(&text), signature), "a signature can be made");
	buffer_free(&text);
}

static void
check_read(const struct call_request *call, bool is_signed)
{
	property(is_signed, "nothing is read that Twilio did not sign");
	property(strcmp(form_get(&call->fields, "AccountSid"), ACCOUNT) == 0, "the call is one of this account");
	property(twilio_sid_valid(call->call_sid, "CA") && call->from != NULL, "it has its SID and its caller");
	property(call->digits != NULL, "what was keyed in is a text, be it an empty one");
	property(call->attempt >= 1 && call->attempt <= CALL_TRIES_MAX, "a try is one of three");
	property(!call->asked || (!call->json && strlen(call->row_id) == 16 && strlen(call->asking_id) == 16 &&
	    twilio_sid_valid(call->task_sid, "WT")), "an asking has its row, its id and its task");
	property(call->language < CALL_LANGUAGE__MAX, "a language is one that is spoken");
}

static void
check(const struct app *app, const struct parts *parts)
{
	char right[SECRET_SIGNATURE_SIZE], header[SECRET_SIGNATURE_SIZE + 256];
	char *variables[] = { header, NULL };
	struct turn turn;
	struct call_request call;
	bool is_signed = false;

	sign(parts, right);
	is_signed = strcmp(parts->signature, "signed") == 0 || strcmp(parts->signature, right) == 0;
	snprintf(header, sizeof(header), "HTTP_X_TWILIO_SIGNATURE=%.200s", is_signed ? right : parts->signature);
	memset(&turn, 0, sizeof(turn));
	turn.app = app;
	turn.request.variables = variables;
	turn.request.body = parts->body;
	turn.request.body_length = parts->length;
	turn.request.query = parts->query;
	turn.request.body_type = strcmp(parts->kind, "json") == 0 ? REQUEST_BODY_JSON : REQUEST_BODY_FORM;
	if (call_request_read(&turn, &call) == REFUSAL_NONE)
		check_read(&call, is_signed);
	call_request_free(&call);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char account[] = ACCOUNT, token[] = SECRET, url[] = PUBLIC_URL;
	static const struct app app = { .settings = {
		.account_sid = account,
		.auth_token = token,
		.voice_public_url = url,
	} };
	struct parts parts;

	take_parts(data, size, &parts);
	check(&app, &parts);
	free(parts.signature);
	free(parts.query);
	free(parts.body);
	return 0;
}
