/*
 * tap_words: what the text around a link says.  A language more is a row here.
 */
#ifndef CALLCENTER_TAP_WORDS_H
#define CALLCENTER_TAP_WORDS_H

#include "base/buffer.h"

#include <stdbool.h>

struct turn;

/* A company's name, our words, the address of the page and a token. */
#define TAP_TEXT_MAX_BYTES 1024

/* Is it a language tag, such as panels send, or none (NULL)?  One that there are no words in is English. */
bool tap_words_locale_known(const char *locale);

/*
 * The whole text, in the language of the field locale, or else of the country
 * of the contact's number.  Its letters are those of GSM 03.38, so that a short
 * name and address fit into one text.
 */
bool tap_words_text(const struct turn *turn, const char *token, struct buffer *body);

/* Is the interaction a call?  Otherwise it is written. */
bool tap_words_is_call(const char *interaction);

#endif
