#include "log.h"

#include "buffer.h"
#include "clock.h"
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without memory nothing better can be said, and saying nothing would hide it. */
static const char last_resort[] =
    "<3>{\"level\":\"error\",\"event\":\"log_line_lost\",\"message\":\"no memory for the line\"}\n";

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_INFO:
		return "info";
	}
	return "error";
}

static const char *
priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "<3>";
	case LOG_LEVEL_WARNING:
		return "<4>";
	case LOG_LEVEL_INFO:
		return "<6>";
	}
	return "<3>";
}

/* systemd.exec(5): device and inode of the journal's socket.  A shell in between may have sent stderr elsewhere. */
static bool
stderr_is_journal(void)
{
	const char *journal = getenv("JOURNAL_STREAM");
	char found[64];
	struct stat status;

	if (journal == NULL || fstat(STDERR_FILENO, &status) != 0)
		return false;
	snprintf(found, sizeof(found), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(found, journal) == 0;
}

/* One write(2): lines of threads and processes that share stderr do not mix. */
static void
write_whole(const char *text, size_t length)
{
	ssize_t written = -1;

	do
		written = write(STDERR_FILENO, text, length);
	while (written < 0 && errno == EINTR);
}

static void
write_last_resort(void)
{
	size_t from = stderr_is_journal() ? 0 : strlen("<3>");

	write_whole(last_resort + from, sizeof(last_resort) - 1 - from);
}

/* Text from outside may be no UTF-8; the line is worth more than its odd bytes. */
static void
add_any_text(struct json_object *line, const char *key, const char *text)
{
	struct buffer plain = { 0 };

	if (json_utf8_valid(text, strlen(text))) {
		json_add_string(line, key, text);
		return;
	}
	buffer_init(&plain, LOG_LINE_MAX_BYTES);
	for (; *text != '\0'; text++)
		buffer_add(&plain, (*text & 0x80) != 0 ? "?" : text, 1);
	json_add(line, key, plain.failed ? NULL : json_new_string(buffer_text(&plain)));
	buffer_free(&plain);
}

/* The members every line has. */
static struct json_object *
new_line(enum log_level level, const char *event)
{
	char time[CLOCK_ISO8601_SIZE] = "";
	struct json_object *line = json_new_object();

	clock_format_ms(clock_now_ms(), time);
	json_add_string(line, "time", time);
	json_add_string(line, "level", level_name(level));
	add_any_text(line, "program", program_invocation_short_name);
	add_any_text(line, "event", event);
	return line;
}

/* False, and nothing written, if there is no line or it is too long. */
static bool
write_line(enum log_level level, struct json_object *line)
{
	struct buffer text = { 0 };
	bool fits = false;

	buffer_init(&text, LOG_LINE_MAX_BYTES);
	if (stderr_is_journal())
		buffer_add_text(&text, priority(level));
	fits = json_write(line, &text) && buffer_add(&text, "\n", 1);
	if (fits)
		write_whole(text.data, text.length);
	buffer_free(&text);
	return fits;
}

/* Stands in for a line that could not be written, and says why. */
static void
write_substitute(enum log_level level, const char *event, const char *why)
{
	struct json_object *line = new_line(level, event);

	json_add_string(line, "message", why);
	if (!write_line(level, line))
		write_last_resort();
	json_free(line);
}

void
log_message(enum log_level level, const char *event, const char *format, ...)
{
	int saved_errno = errno;
	char message[LOG_LINE_MAX_BYTES] = "";
	struct json_object *line = NULL;
	va_list arguments;
	int length = -1;

	va_start(arguments, format);
	length = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	line = new_line(level, event);
	add_any_text(line, "message", message);
	if (length < 0 || (size_t)length >= sizeof(message) || !write_line(level, line))
		write_substitute(level, event, "too long a message, or no memory");
	json_free(line);
	errno = saved_errno;
}

struct copying {
	struct json_object *line;
	bool                all; /* nothing was left out */
};

/* The standard members are the log's: a field of the same name does not replace them. */
static bool
copy_field(void *context, const char *key, struct json_object *value)
{
	struct copying *copying = context;
	struct json_object *copy = NULL;

	if (json_has(copying->line, key))
		return true;
	copy = json_copy(value);
	if (value == NULL)
		json_add_null(copying->line, key);
	else if (copy != NULL)
		json_add(copying->line, key, copy);
	else
		copying->all = false;
	return true;
}

/* What could be added is told, and that it is not all. */
void
log_fields(enum log_level level, const char *event, struct json_object *fields)
{
	int saved_errno = errno;
	struct copying copying = { new_line(level, event), json_complete(fields) };

	json_each(fields, copy_field, &copying);
	if (!copying.all)
		json_add_bool(copying.line, "incomplete", true);
	if (!write_line(level, copying.line))
		write_substitute(level, event, "too many fields, or no memory");
	json_free(copying.line);
	json_free(fields);
	errno = saved_errno;
}
