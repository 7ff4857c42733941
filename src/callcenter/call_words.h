/*
 * call_words: what a caller hears before an agent has the call, and in which
 * language.  A language more is a row here and a word in call_words_languages.
 */
#ifndef CALLCENTER_CALL_WORDS_H
#define CALLCENTER_CALL_WORDS_H

enum call_language {
	CALL_ENGLISH,
	CALL_SPANISH,
	CALL_LANGUAGE__MAX
};

enum call_sentence {
	CALL_SENT,      /* a code is on its way: key it in */
	CALL_WRONG,     /* another one, please */
	CALL_NOT_WHOLE,
	CALL_VERIFIED,
	CALL_CONNECTING, /* not verified: the agent sees to it */
	CALL_KEY_IN,     /* while he talks to an agent: key the code in */
	CALL_KEYED_IN,   /* verified, and back to the agent */
	CALL_BACK,       /* back to the agent */
	CALL_SENTENCE__MAX
};

/* The languages' words in the configuration and in addresses, by enum call_language; ended by NULL. */
extern const char *const call_words_languages[];

/* The language of a word; CALL_LANGUAGE__MAX: it is none of them. */
enum call_language call_words_language(const char *word);

/* The language of most people in a country (ISO 3166), or otherwise. */
enum call_language call_words_of_country(const char *country, enum call_language otherwise);

/* The language that a caller is spoken to in: that of his number's country, or otherwise. */
enum call_language call_words_of_caller(const char *from, enum call_language otherwise);

const char *call_words(enum call_language language, enum call_sentence sentence);

/* How Twilio's Say names it (https://www.twilio.com/docs/voice/twiml/say), and Verify its texts. */
const char *call_words_voice(enum call_language language);
const char *call_words_locale(enum call_language language);

#endif
