#include "call_words.h"

#include "dialing_codes.h"
#include "phone_number.h"

#include <stddef.h>
#include <string.h>

static const struct language {
	const char *voice, *locale;
	const char *sentences[CALL_SENTENCE__MAX];
} languages[CALL_LANGUAGE__MAX] = {
	[CALL_ENGLISH] = { "en-US", "en", {
	    [CALL_SENT] = "We have sent you a code by text message. Please key it in now, or stay on the "
	                  "line for an agent.",
	    [CALL_WRONG] = "That code does not match. Please key it in once more.",
	    [CALL_NOT_WHOLE] = "That was not the whole code. Please key in all of its digits.",
	    [CALL_VERIFIED] = "Thank you, you are verified. We are connecting you.",
	    [CALL_CONNECTING] = "Thank you. We are connecting you.",
	    [CALL_KEY_IN] = "Please key in the code that we sent you. Your agent does not hear it.",
	    [CALL_KEYED_IN] = "Thank you, you are verified. Here is your agent again.",
	    [CALL_BACK] = "Thank you. Here is your agent again.",
	} },
	[CALL_SPANISH] = { "es-MX", "es", {
	    [CALL_SENT] = "Le hemos enviado un código por mensaje de texto. Márquelo ahora, o espere en la "
	                  "línea a que le atienda un agente.",
	    [CALL_WRONG] = "Ese código no coincide. Márquelo otra vez, por favor.",
	    [CALL_NOT_WHOLE] = "El código no está completo. Marque todas sus cifras, por favor.",
	    [CALL_VERIFIED] = "Gracias, su identidad está verificada. Le comunicamos con un agente.",
	    [CALL_CONNECTING] = "Gracias. Le comunicamos con un agente.",
	    [CALL_KEY_IN] = "Marque, por favor, el código que le enviamos. Su agente no lo oye.",
	    [CALL_KEYED_IN] = "Gracias, su identidad está verificada. Vuelve con su agente.",
	    [CALL_BACK] = "Gracias. Vuelve con su agente.",
	} },
};

const char *const call_words_languages[] = {
	[CALL_ENGLISH] = "en",
	[CALL_SPANISH] = "es",
	[CALL_LANGUAGE__MAX] = NULL,
};

static const char *const spanish_countries[] = {
	"AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GQ", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "PY",
	"SV", "UY", "VE",
};

enum call_language
call_words_language(const char *word)
{
	enum call_language language = CALL_ENGLISH;

	while (language < CALL_LANGUAGE__MAX && strcmp(call_words_languages[language], word) != 0)
		language++;
	return language;
}

enum call_language
call_words_of_country(const char *country, enum call_language otherwise)
{
	for (size_t i = 0; country != NULL && i < sizeof(spanish_countries) / sizeof(spanish_countries[0]); i++)
		if (strcmp(country, spanish_countries[i]) == 0)
			return CALL_SPANISH;
	return otherwise;
}

enum call_language
call_words_of_caller(const char *from, enum call_language otherwise)
{
	char number[PHONE_NUMBER_SIZE];

	return phone_number_normalise(from, number) ? call_words_of_country(dialing_codes_country(number), otherwise) :
						      otherwise;
}

const char *
call_words(enum call_language language, enum call_sentence sentence)
{
	return languages[language].sentences[sentence];
}

const char *
call_words_voice(enum call_language language)
{
	return languages[language].voice;
}

const char *
call_words_locale(enum call_language language)
{
	return languages[language].locale;
}
