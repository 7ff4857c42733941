/*
 * fuzz: what every target is made of.
 *
 * A target takes bytes that could be anything, gives them to the product, and
 * says what must hold whatever they were.  libFuzzer makes such bytes (make
 * fuzz), and so does replay.c, which make test runs without clang.
 *
 * An input is text in parts, so that seeds can be read and written by people:
 * parts end with a line "---", and where a part is made of lines, lines with
 * "\n".  Every part is handed out as memory of its own and of exactly its
 * size, so that a sanitizer sees the first byte read behind it.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target: one input.  Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process, with the sentence, unless it holds. */
void property(bool holds, const char *sentence);

/* What is left of an input. */
struct input {
	const char *at, *end;
};

struct input input_of(const uint8_t *data, size_t size);

/* The next part, or line; the caller's to free.  Of what is used up, all is "". */
char *input_part(struct input *input, size_t *length); /* as it is: without a NUL behind it */
char *input_text(struct input *input);                 /* the next part as a string */
char *input_line(struct input *input);                 /* a string */

#endif
