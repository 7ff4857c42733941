#include "call_answer.h"

#include "base/clock.h"
#include "base/json.h"
#include "call_twiml.h"
#include "keypad.h"
#include "task_result.h"
#include "turn.h"

#include <string.h>

#define ACTION_MAX_BYTES 2048
#define TASK_MAX_BYTES   2048

static bool
is_verified(const struct turn *turn)
{
	return verification_state(&turn->verification, clock_now_ms()) == VERIFICATION_APPROVED;
}

/* What could not be sealed is incomplete. */
static void
add_seal(struct json_object *object, const struct turn *turn)
{
	char seal[KEYPAD_SEAL_SIZE];

	json_add(object, KEYPAD_SEAL_KEY, keypad_seal(turn, seal) ? json_new_string(seal) : NULL);
}

/* What is known of a call goes with it into the task: the seal always, as a lost answer is settled later. */
static struct json_object *
new_task(const struct turn *turn)
{
	struct json_object *task = json_new_object(), *result = is_verified(turn) ? task_result_new(turn) : NULL;

	add_seal(task, turn);
	if (result != NULL)
		json_add(task, TASK_RESULT_KEY, result);
	return task;
}

/* ---- TwiML ---- */

/* The address holds the number of the try and never a code, which comes in the body. */
static bool
write_action(const struct turn *turn, const struct call_request *call, int attempt, struct buffer *out)
{
	return buffer_printf(out, "%s?step=code&try=%d&language=%s", turn->app->settings.voice_public_url, attempt,
	    call_words_languages[call->language]);
}

static void
gather(struct twiml *twiml, const struct turn *turn, const struct call_request *call,
    const struct call_answer *answer)
{
	struct buffer action;
	struct call_twiml_question question = { NULL, turn->app->settings.code_length, CALL_PATIENCE_S, false,
		call->language, answer->sentence };

	buffer_init(&action, ACTION_MAX_BYTES);
	if (write_action(turn, call, answer->attempt, &action))
		question.action = buffer_text(&action);
	call_twiml_gather(twiml, &question);
	buffer_free(&action);
}

/* Without what goes with it the call still reaches an agent. */
void
call_answer_enqueue(struct twiml *twiml, const struct turn *turn)
{
	struct json_object *task = new_task(turn);
	struct buffer text;

	buffer_init(&text, TASK_MAX_BYTES);
	twiml_begin(twiml, "Enqueue");
	twiml_attribute(twiml, "workflowSid", turn->app->settings.voice_workflow_sid);
	if (json_write(task, &text)) {
		twiml_begin(twiml, "Task");
		twiml_text(twiml, buffer_text(&text));
		twiml_close(twiml);
	}
	twiml_close(twiml);
	buffer_free(&text);
	json_free(task);
}

static void
write_twiml(const struct turn *turn, const struct call_request *call, const struct call_answer *answer,
    struct response *response)
{
	struct twiml twiml;

	twiml_init(&twiml);
	if (answer->ask)
		gather(&twiml, turn, call, answer);
	/* Behind a Gather this is what is done when nothing is keyed in. */
	call_twiml_say(&twiml, call->language, answer->ask ? CALL_CONNECTING : answer->sentence);
	call_answer_enqueue(&twiml, turn);
	call_twiml_respond(&twiml, response);
	twiml_free(&twiml);
}

/* ---- JSON ---- */

static void
write_json(const struct turn *turn, const struct call_request *call, const struct call_answer *answer,
    struct response *response)
{
	struct json_object *object = json_new_object();

	json_add_string(object, "next", answer->ask ? "ask" : "agent");
	json_add_bool(object, "verified", is_verified(turn));
	json_add_string(object, "say", call_words(call->language, answer->sentence));
	json_add_string(object, "language", call_words_voice(call->language));
	json_add_int(object, "digits", turn->app->settings.code_length);
	json_add_int(object, "try", answer->attempt);
	add_seal(object, turn);
	response_json(response, 200, object);
}

void
call_answer_write(const struct turn *turn, const struct call_request *call, const struct call_answer *answer,
    struct response *response)
{
	if (call->json)
		write_json(turn, call, answer, response);
	else
		write_twiml(turn, call, answer, response);
}
