/*
 * json_scan: goes through a JSON text before json-c reads it, and after json-c
 * has written it; private to json.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What is counted twice, in a text and in json-c's tree, to see that they say
 * the same: json-c drops repeated members, and when it runs out of memory it
 * may leave bytes out of a string or of its output without a word, a comma for one.
 */
struct json_tally {
	size_t scalars;      /* keys, strings, numbers, true, false and null */
	size_t marks;        /* { } [ ] : and , */
	size_t string_bytes; /* in all keys and strings, unescaped */
	size_t pairs;        /* of a text: escaped surrogate pairs */
	bool   incomplete;   /* of a tree: something could not be added somewhere in it */
};

/*
 * Refuses what json-c lets through in its strict mode, token by token; how
 * the tokens may follow each other is left to json-c.  Bytes are taken as they
 * are: json_utf8_valid is for them.  If true, *tally counts what the text has.
 */
bool json_scan(const char *text, size_t length, int depth_max, struct json_tally *tally);

/*
 * Appends text that passed the scan, with each escaped surrogate pair as the
 * character that it stands for: json-c (0.16) takes some of them, those whose
 * last 16 bits are a surrogate's, for halves of pairs, and loses them.
 */
void json_decode_pairs(const char *text, size_t length, struct buffer *out);

#endif
