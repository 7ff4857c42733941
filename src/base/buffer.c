#include "buffer.h"

#include "secret.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256

void
buffer_init(struct buffer *buffer, size_t max_bytes)
{
	*buffer = (struct buffer){ .max = max_bytes };
	if (max_bytes == SIZE_MAX)
		buffer->max--; /* room for the NUL */
}

/* The next capacity that holds wanted bytes of text and the NUL. */
static size_t
grown_capacity(const struct buffer *buffer, size_t wanted)
{
	size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;

	while (capacity <= wanted) {
		if (capacity > buffer->max / 2)
			return buffer->max + 1;
		capacity *= 2;
	}
	return capacity;
}

/*
 * Makes room for length more bytes and the NUL.  Not by realloc, which leaves
 * a copy of the text behind when it moves it: the text may be a secret.
 */
static bool
reserve(struct buffer *buffer, size_t length)
{
	size_t capacity = 0;
	char *data = NULL;

	if (buffer->failed || length > buffer->max - buffer->length) {
		buffer->failed = true;
		return false;
	}
	if (buffer->length + length < buffer->capacity)
		return true;
	capacity = grown_capacity(buffer, buffer->length + length);
	data = malloc(capacity);
	if (data == NULL) {
		buffer->failed = true;
		return false;
	}
	if (buffer->data != NULL) {
		memcpy(data, buffer->data, buffer->length);
		secret_wipe(buffer->data, buffer->capacity);
		free(buffer->data);
	}
	data[buffer->length] = '\0';
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

bool
buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!reserve(buffer, length))
		return false;
	if (length > 0)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
	return true;
}

bool
buffer_add_text(struct buffer *buffer, const char *text)
{
	return buffer_add(buffer, text, strlen(text));
}

bool
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int length = -1;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		buffer->failed = true;
	if (length < 0 || !reserve(buffer, (size_t)length))
		return false;

	va_start(arguments, format);
	vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->length += (size_t)length;
	return true;
}

const char *
buffer_text(const struct buffer *buffer)
{
	return buffer->data != NULL ? buffer->data : "";
}

void
buffer_clear(struct buffer *buffer)
{
	if (buffer->data != NULL)
		secret_wipe(buffer->data, buffer->capacity);
	buffer->length = 0;
	buffer->failed = false;
}

void
buffer_free(struct buffer *buffer)
{
	buffer_clear(buffer);
	free(buffer->data);
	buffer_init(buffer, buffer->max);
}
