/*
 * log: one JSON object per line on stderr.
 *
 * Every line has time (UTC), level, program and event; text from outside is
 * escaped by the JSON writer, so no line can be forged.  Lines are written
 * with one write(2) each and are kept under LOG_LINE_MAX_BYTES.  Where stderr is
 * the journal, the level stands before the object once more, as <3>, <4> or <6>,
 * which it takes off and files the line under (sd-daemon(3)).
 * Callers never pass a passcode, a token or an unmasked number.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

struct json_object;

/* Pipes keep writes up to 4 KiB whole, syslog's receivers lines up to 2 KiB (RFC 5424, 6.1). */
#define LOG_LINE_MAX_BYTES 2000

enum log_level {
	LOG_LEVEL_ERROR,   /* somebody has to do something */
	LOG_LEVEL_WARNING, /* works, but should be looked at */
	LOG_LEVEL_INFO     /* starts, stops, outcomes */
};

/* A line with a message for people: {"time","level","program","event","message"}. */
void log_message(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * A line with fields of the caller's: the object's members behind the standard
 * ones, except those of the same names.  Takes fields over.  Of an object that
 * is not complete, or NULL, it tells the members that are, and "incomplete": true.
 */
void log_fields(enum log_level level, const char *event, struct json_object *fields);

#endif
