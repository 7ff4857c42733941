/*
 * buffer: text that grows, up to a limit.
 *
 * Every growing text of the project is one of these, so that no input can
 * make a process eat memory without end.  A buffer that could not grow (limit
 * or memory) stays failed: callers add as often as they like and ask once.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char  *data;     /* NUL-terminated, or NULL while nothing was added */
	size_t length;   /* bytes in use, the NUL not counted */
	size_t capacity; /* bytes allocated */
	size_t max;      /* most bytes of text it may ever hold */
	bool   failed;   /* something did not fit; the text is not to be used */
};

/* An empty buffer that may hold at most max_bytes of text. */
void buffer_init(struct buffer *buffer, size_t max_bytes);

/*
 * Appends; false (and failed for good) when it does not fit.  What is added
 * may not be part of the buffer itself.
 */
bool buffer_add(struct buffer *buffer, const void *bytes, size_t length);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text so far, never NULL; valid until the next add or buffer_free. */
const char *buffer_text(const struct buffer *buffer);

/* Forgets the text and the failure, and wipes the bytes; the limit stays. */
void buffer_clear(struct buffer *buffer);

/* Wipes and frees; leaves an empty buffer with the same limit. */
void buffer_free(struct buffer *buffer);

#endif
