#include "call_twiml.h"

#include <stddef.h>

#define CONTENT_TYPE "text/xml; charset=utf-8"

void
call_twiml_say(struct twiml *twiml, enum call_language language, enum call_sentence sentence)
{
	twiml_begin(twiml, "Say");
	twiml_attribute(twiml, "language", call_words_voice(language));
	twiml_text(twiml, call_words(language, sentence));
	twiml_close(twiml);
}

void
call_twiml_gather(struct twiml *twiml, const struct call_twiml_question *question)
{
	twiml_begin(twiml, "Gather");
	twiml_attribute(twiml, "input", "dtmf");
	twiml_number(twiml, "numDigits", question->digits);
	twiml_number(twiml, "timeout", question->patience_s);
	twiml_attribute(twiml, "finishOnKey", "#");
	if (question->or_nothing)
		twiml_attribute(twiml, "actionOnEmptyResult", "true");
	twiml_attribute(twiml, "method", "POST");
	if (question->action != NULL)
		twiml_attribute(twiml, "action", question->action);
	else
		twiml->out.failed = true;
	call_twiml_say(twiml, question->language, question->sentence);
	twiml_close(twiml);
}

void
call_twiml_respond(struct twiml *twiml, struct response *response)
{
	const char *document = twiml_end(twiml);

	if (document != NULL)
		response_text(response, 200, CONTENT_TYPE, document);
	else
		response_json(response, 500, NULL);
}
