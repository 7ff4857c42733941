#include "call.h"

#include "answer.h"
#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "call_answer.h"
#include "call_request.h"
#include "key_in.h"
#include "keypad.h"
#include "tally.h"
#include "task_result.h"
#include "turn.h"
#include "verification.h"

#include <string.h>

static const struct request_rules rules = { .methods = REQUEST_POST, .query_allowed = true };

/* A field for verification, which reads it as an agent's; borrowed. */
static void
set_field(struct turn *turn, const char *name, const char *value)
{
	turn->form.fields[turn->form.count++] = (struct form_field){ .name = name, .value = value };
}

static enum verification_state
state_now(const struct turn *turn)
{
	return verification_state(&turn->verification, clock_now_ms());
}

/* Twilio repeats a request whose answer it did not get: that sends no second code. */
static enum refusal
send_once(struct turn *turn, const struct call_request *call)
{
	enum refusal refusal = verification_look(turn);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (state_now(turn) == VERIFICATION_PENDING)
		return REFUSAL_NONE;
	if (state_now(turn) == VERIFICATION_APPROVED)
		return REFUSAL_ALREADY_APPROVED;
	/* Never by a call, which would find the line busy. */
	set_field(turn, "channel", "sms");
	set_field(turn, "locale", call_words_locale(call->language));
	return verification_start(turn);
}

static enum refusal
check(struct turn *turn, const struct call_request *call)
{
	if (call->digits[0] == '\0')
		return REFUSAL_MISSING_PARAMETER;
	set_field(turn, "verification_code", call->digits);
	return verification_check(turn);
}

/* What is done next, after a code was sent, or was right. */
static void
go_on(const struct turn *turn, const struct call_request *call, struct call_answer *answer)
{
	answer->ask = !call->keyed && state_now(turn) == VERIFICATION_PENDING;
	answer->sentence = CALL_CONNECTING;
	if (answer->ask)
		answer->sentence = CALL_SENT;
	else if (state_now(turn) == VERIFICATION_APPROVED)
		answer->sentence = CALL_VERIFIED;
}

/* After a refusal: once more, if there is a code to key in and a try left. */
static void
go_on_refused(const struct turn *turn, const struct call_request *call, enum refusal refusal,
    struct call_answer *answer)
{
	bool again = refusal == REFUSAL_INVALID_CODE ||
	    (refusal == REFUSAL_WRONG_CODE && state_now(turn) == VERIFICATION_PENDING && !turn->number_locked);

	go_on(turn, call, answer);
	answer->ask = call->keyed && again && call->attempt < CALL_TRIES_MAX;
	if (!answer->ask)
		return;
	answer->attempt = call->attempt + 1;
	answer->sentence = refusal == REFUSAL_INVALID_CODE ? CALL_NOT_WHOLE : CALL_WRONG;
}

static enum refusal
act(struct turn *turn, const struct call_request *call, struct call_answer *answer)
{
	enum refusal refusal = contact_resolve_call(turn, call->call_sid, call->from);

	*answer = (struct call_answer){ .attempt = call->attempt, .sentence = CALL_CONNECTING };
	if (refusal == REFUSAL_NONE)
		refusal = call->keyed ? check(turn, call) : send_once(turn, call);
	if (refusal == REFUSAL_NONE)
		go_on(turn, call, answer);
	else
		go_on_refused(turn, call, refusal, answer);
	return refusal;
}

static void
begin(struct turn *turn, const struct app *app)
{
	int ms = app->settings.request_timeout_ms;

	memset(turn, 0, sizeof(*turn));
	turn->app = app;
	turn->action = "start";
	turn->budget_ms = ms < CALL_TIMEOUT_MS ? ms : CALL_TIMEOUT_MS;
	turn->deadline_ms = clock_monotonic_ms() + turn->budget_ms;
}

static void
end(struct turn *turn, struct call_request *call)
{
	contact_free(&turn->contact);
	secret_wipe(&turn->form, sizeof(turn->form)); /* its fields are the call's */
	call_request_free(call);
}

/* The request's own fault, of which no call goes on. */
static void
refuse(struct turn *turn, enum refusal refusal, struct response *response)
{
	if (refusal == REFUSAL_METHOD_NOT_ALLOWED)
		response_header(response, "Allow", "POST");
	audit_write(turn, refusal);
	answer_write(turn, refusal, response);
}

static void
go_on_with(struct turn *turn, const struct call_request *call, struct response *response)
{
	struct call_answer answer;
	enum refusal refusal = REFUSAL_NONE;

	if (call->asked) {
		refusal = key_in_answer(turn, call, response);
	} else {
		keypad_act(turn);
		turn->action = call->keyed ? "check" : "start";
		refusal = act(turn, call, &answer);
		call_answer_write(turn, call, &answer, response);
	}
	audit_write(turn, refusal);
	tally_count(turn, refusal);
	task_result_leave(turn, response);
}

void
call_serve(const struct app *app, const struct request_input *input, struct response *response)
{
	struct turn turn;
	struct call_request call;
	enum refusal refusal = REFUSAL_NONE;

	begin(&turn, app);
	memset(&call, 0, sizeof(call));
	refusal = refusal_of_request(request_read(input, &rules, &turn.request));
	turn.deadline_ms -= turn.request.waited_ms; /* Twilio waits for its answer since the web server has it */
	if (refusal == REFUSAL_NONE && turn.request.method != REQUEST_POST)
		refusal = REFUSAL_METHOD_NOT_ALLOWED;
	if (refusal == REFUSAL_NONE)
		refusal = call_request_read(&turn, &call);
	if (refusal != REFUSAL_NONE)
		refuse(&turn, refusal, response);
	else
		go_on_with(&turn, &call, response);
	end(&turn, &call);
}
