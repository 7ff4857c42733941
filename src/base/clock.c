#include "clock.h"

#include <string.h>
#include <time.h>

#define MS_PER_S 1000

/* The years that four digits can name: 0000-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS  INT64_C(253402300799999)

static const char shape_s[] = "0000-00-00T00:00:00Z";
static const char shape_ms[CLOCK_ISO8601_SIZE] = "0000-00-00T00:00:00.000Z";

/* Where the parts of the text stand. */
enum {
	YEAR_AT = 0,
	MONTH_AT = 5,
	DAY_AT = 8,
	HOUR_AT = 11,
	MINUTE_AT = 14,
	SECOND_AT = 17,
	MS_AT = 20
};

static int64_t
read_clock_ms(clockid_t id)
{
	struct timespec now = { 0 };

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	return read_clock_ms(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms(void)
{
	return read_clock_ms(CLOCK_MONOTONIC);
}

static void
put_digits(char *at, int width, int value)
{
	while (width-- > 0) {
		at[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
clock_format_ms(int64_t unix_ms, char out[CLOCK_ISO8601_SIZE])
{
	struct tm parts = { 0 };
	int64_t from_first = 0;
	time_t seconds = 0;

	if (unix_ms < FIRST_MS)
		unix_ms = FIRST_MS;
	if (unix_ms > LAST_MS)
		unix_ms = LAST_MS;
	/* Counted from the first moment, a remainder is never negative. */
	from_first = unix_ms - FIRST_MS;
	seconds = (time_t)(from_first / MS_PER_S + FIRST_MS / MS_PER_S);
	gmtime_r(&seconds, &parts);

	memcpy(out, shape_ms, sizeof(shape_ms));
	put_digits(out + YEAR_AT, 4, parts.tm_year + 1900);
	put_digits(out + MONTH_AT, 2, parts.tm_mon + 1);
	put_digits(out + DAY_AT, 2, parts.tm_mday);
	put_digits(out + HOUR_AT, 2, parts.tm_hour);
	put_digits(out + MINUTE_AT, 2, parts.tm_min);
	put_digits(out + SECOND_AT, 2, parts.tm_sec);
	put_digits(out + MS_AT, 3, (int)(from_first % MS_PER_S));
}

void
clock_format(int64_t unix_ms, char out[CLOCK_ISO8601_SIZE])
{
	clock_format_ms(unix_ms, out);
	memcpy(out + MS_AT - 1, "Z", 2);
}

/* A digit wherever the shape has one, and else the shape's own character. */
static bool
has_shape(const char *text, const char *shape)
{
	if (strlen(text) != strlen(shape))
		return false;
	for (; *shape != '\0'; shape++, text++) {
		bool same = *shape == '0' ? *text >= '0' && *text <= '9' : *text == *shape;

		if (!same)
			return false;
	}
	return true;
}

static int
read_digits(const char *at, int width)
{
	int value = 0;

	while (width-- > 0)
		value = value * 10 + (*at++ - '0');
	return value;
}

bool
clock_parse(const char *text, int64_t *unix_ms)
{
	char again[CLOCK_ISO8601_SIZE] = "";
	struct tm parts = { 0 };
	bool with_ms = has_shape(text, shape_ms);
	int64_t ms = 0;

	if (!with_ms && !has_shape(text, shape_s))
		return false;
	parts.tm_year = read_digits(text + YEAR_AT, 4) - 1900;
	parts.tm_mon = read_digits(text + MONTH_AT, 2) - 1;
	parts.tm_mday = read_digits(text + DAY_AT, 2);
	parts.tm_hour = read_digits(text + HOUR_AT, 2);
	parts.tm_min = read_digits(text + MINUTE_AT, 2);
	parts.tm_sec = read_digits(text + SECOND_AT, 2);
	ms = (int64_t)timegm(&parts) * MS_PER_S + (with_ms ? read_digits(text + MS_AT, 3) : 0);

	/* timegm makes 30 February a day in March: only a real date comes out as it went in. */
	if (with_ms)
		clock_format_ms(ms, again);
	else
		clock_format(ms, again);
	if (strcmp(again, text) != 0)
		return false;
	*unix_ms = ms;
	return true;
}

/* strptime knows the C locale's names, which are the RFC's: no program sets another. */
bool
clock_parse_rfc2822(const char *text, int64_t *unix_ms)
{
	struct tm parts = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S +0000", &parts);

	if (end == NULL || *end != '\0')
		return false;
	*unix_ms = (int64_t)timegm(&parts) * MS_PER_S;
	return true;
}
