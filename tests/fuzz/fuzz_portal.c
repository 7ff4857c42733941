/*
 * The website that asks for a PIN.  Input: a line with the signature, "signed"
 * being a right one; the kind of the body; the body, in which NOW stands for
 * the time.  Whatever they are: nobody is believed whose signature is not that
 * of the very body, and whose time and nonce could be an earlier request's.
 */
#include "base/clock.h"
#include "base/secret.h"
#include "callcenter/portal.h"
#include "callcenter/turn.h"

#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "customer", "time", "nonce", NULL };

/* The next part, with the time put in. */
static void
take_body(struct input *input, struct buffer *body)
{
	char *text = input_text(input), *now = strstr(text, "NOW");
	char time[CLOCK_ISO8601_SIZE];

	clock_format(clock_now_ms(), time);
	if (now != NULL) {
		buffer_add(body, text, (size_t)(now - text));
		buffer_add_text(body, time);
		buffer_add_text(body, now + 3);
	} else {
		buffer_add_text(body, text);
	}
	free(text);
}

static void
check_identified(const struct turn *turn, bool is_signed)
{
	const char *time = form_get(&turn->form, "time"), *nonce = form_get(&turn->form, "nonce");
	int64_t at = 0, now = clock_now_ms();

	property(is_signed, "nobody is believed who has not the key");
	property(clock_parse(time, &at) && at > now - (PORTAL_SKEW_SECONDS + 10) * INT64_C(1000) &&
		at < now + (PORTAL_SKEW_SECONDS + 10) * INT64_C(1000),
	    "a request is of this time");
	property(strlen(nonce) >= PORTAL_NONCE_MIN_CHARS && strlen(nonce) < LEDGER_NONCE_SIZE, "a nonce has a length");
	property(strcmp(turn->agent.id, PORTAL_AGENT) == 0, "on record it is the portal that asks");
}

static void
check(const struct app *app, const char *signature, const char *kind, const struct buffer *body)
{
	char right[SECRET_CODE_SIZE], header[320];
	char *variables[] = { header, NULL };
	struct turn turn;
	enum form_result read = FORM_OK;
	bool is_signed = false;

	property(secret_authenticate_bytes(SECRET, body->data, body->length, right), "a signature can be made");
	is_signed = strcmp(signature, "signed") == 0 || strcmp(signature, right) == 0;
	snprintf(header, sizeof(header), "HTTP_X_FLEX_VERIFY_SIGNATURE=%.200s", is_signed ? right : signature);
	memset(&turn, 0, sizeof(turn));
	turn.app = app;
	turn.request.variables = variables;
	turn.request.body = buffer_text(body);
	turn.request.body_length = body->length;
	read = strcmp(kind, "json") == 0 ? form_read_json(&turn.form, buffer_text(body), body->length, names) :
					   form_read_urlencoded(&turn.form, buffer_text(body), body->length, names);
	if (read == FORM_OK && portal_identify(&turn) == REFUSAL_NONE)
		check_identified(&turn, is_signed);
	form_free(&turn.form);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char key[] = SECRET;
	static const struct app app = { .settings = { .portal_key = key, .contact_source = CONTACT_SOURCE_CUSTOMER } };
	struct input input = input_of(data, size);
	char *signature = input_text(&input), *kind = input_text(&input);
	struct buffer body;

	buffer_init(&body, SIZE_MAX / 2);
	take_body(&input, &body);
	if (body.length > 0)
		check(&app, signature, kind, &body);
	buffer_free(&body);
	free(signature);
	free(kind);
	return 0;
}
