/*
 * twiml: writes TwiML, the XML by which Twilio is told what to do with a call.
 * https://www.twilio.com/docs/voice/twiml
 *
 * The one place that writes XML, and it escapes whatever it is given.  A
 * writer of its own, because a dozen elements that are never read need nothing
 * of what an XML library parses, resolves and fetches.
 */
#ifndef TWILIO_TWIML_H
#define TWILIO_TWIML_H

#include "base/buffer.h"

#include <stdbool.h>

/* Twilio reads documents of up to 64 kB; ours are under 2. */
#define TWIML_MAX_BYTES 16384

#define TWIML_DEPTH_MAX 4

struct twiml {
	struct buffer out;
	const char   *open[TWIML_DEPTH_MAX]; /* elements that are not closed yet; literals */
	int           depth;
	bool          in_tag; /* attributes may still follow */
};

/* Begins a document with its <Response>.  twiml_free is due. */
void twiml_init(struct twiml *twiml);
void twiml_free(struct twiml *twiml);

/*
 * What cannot be written (a control character, no UTF-8, too deep, too long,
 * an attribute behind text) makes the whole document unusable; ask twiml_end.
 */
void twiml_begin(struct twiml *twiml, const char *element); /* a literal */
void twiml_attribute(struct twiml *twiml, const char *name, const char *value);
void twiml_number(struct twiml *twiml, const char *name, int value);
void twiml_text(struct twiml *twiml, const char *text);
void twiml_close(struct twiml *twiml);

/* Closes what is open.  The document, or NULL if it is unusable; valid until twiml_free. */
const char *twiml_end(struct twiml *twiml);

#endif
