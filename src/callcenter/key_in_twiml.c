#include "key_in_twiml.h"

#include "call_twiml.h"
#include "settings.h"

#define ACTION_MAX_BYTES 2048

/* The address holds no code, which comes in the body. */
static bool
write_action(const struct settings *settings, const struct key_in_question *question, struct buffer *out)
{
	return buffer_printf(out, "%s?step=asked&try=%d&row=%s&asking=%s&task=%s&language=%s",
	    settings->voice_public_url, question->attempt, question->row_id, question->asking_id, question->task_sid,
	    call_words_languages[question->language]);
}

/* Behind the Gather stands the way back, for whatever Twilio may make of one that ends without an answer of ours. */
void
key_in_twiml_ask(struct twiml *twiml, const struct settings *settings, const struct key_in_question *question)
{
	struct buffer action;
	struct call_twiml_question gather = { NULL, settings->code_length, KEY_IN_PATIENCE_S, true, question->language,
		question->sentence };

	buffer_init(&action, ACTION_MAX_BYTES);
	if (write_action(settings, question, &action))
		gather.action = buffer_text(&action);
	call_twiml_gather(twiml, &gather);
	buffer_free(&action);
	key_in_twiml_back(twiml, question->task_sid, question->ends_conference);
}

/* https://www.twilio.com/docs/voice/twiml/conference */
void
key_in_twiml_back(struct twiml *twiml, const char *task_sid, bool ends_conference)
{
	twiml_begin(twiml, "Dial");
	twiml_begin(twiml, "Conference");
	twiml_attribute(twiml, "beep", "false");
	twiml_attribute(twiml, "endConferenceOnExit", ends_conference ? "true" : "false");
	twiml_text(twiml, task_sid);
	twiml_close(twiml);
	twiml_close(twiml);
}
