#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_END "\n---\n"

void
property(bool holds, const char *sentence)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", sentence);
	abort();
}

struct input
input_of(const uint8_t *data, size_t size)
{
	return (struct input){ .at = (const char *)data, .end = (const char *)data + size };
}

static char *
copy(const char *bytes, size_t length, size_t extra)
{
	char *copied = malloc(length + extra > 0 ? length + extra : 1);

	if (copied == NULL)
		abort();
	if (length > 0)
		memcpy(copied, bytes, length);
	if (extra > 0)
		copied[length] = '\0';
	return copied;
}

/* The length of what comes before the next separator, which is used up with it. */
static size_t
next(struct input *input, const char *separator, const char **begin)
{
	size_t left = (size_t)(input->end - input->at), width = strlen(separator);
	const char *end = left > 0 ? memmem(input->at, left, separator, width) : NULL;

	*begin = input->at;
	input->at = end != NULL ? end + width : input->end;
	return end != NULL ? (size_t)(end - *begin) : left;
}

char *
input_part(struct input *input, size_t *length)
{
	const char *begin = NULL;

	*length = next(input, PART_END, &begin);
	return copy(begin, *length, 0);
}

char *
input_text(struct input *input)
{
	const char *begin = NULL;
	size_t length = next(input, PART_END, &begin);

	return copy(begin, strnlen(begin, length), 1);
}

char *
input_line(struct input *input)
{
	const char *begin = NULL;
	size_t length = next(input, "\n", &begin);

	return copy(begin, strnlen(begin, length), 1);
}
