/*
 * clock: wall time for records, monotonic time for deadlines.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_MINUTE_MS INT64_C(60000)
#define CLOCK_HOUR_MS	(60 * CLOCK_MINUTE_MS)
#define CLOCK_DAY_MS	(24 * CLOCK_HOUR_MS)

#define CLOCK_ISO8601_SIZE 25 /* 2026-11-22T09:00:00.123Z and the NUL */

/* Milliseconds since 1970-01-01T00:00:00Z; may jump. */
int64_t clock_now_ms(void);

/* Milliseconds since some moment in the past; never jumps. */
int64_t clock_monotonic_ms(void);

/* ISO 8601 in UTC to the second: 2026-11-22T09:00:00Z. */
void clock_format(int64_t unix_ms, char out[CLOCK_ISO8601_SIZE]);

/* The same with milliseconds: 2026-11-22T09:00:00.123Z. */
void clock_format_ms(int64_t unix_ms, char out[CLOCK_ISO8601_SIZE]);

/* Reads either form; false unless it is exactly one of them and a real date. */
bool clock_parse(const char *text, int64_t *unix_ms);

/* Reads a date of RFC 2822 in UTC, as Twilio's older APIs write it: Sat, 28 Nov 2026 09:00:00 +0000. */
bool clock_parse_rfc2822(const char *text, int64_t *unix_ms);

#endif
