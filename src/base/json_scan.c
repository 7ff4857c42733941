#include "json_scan.h"

#include "json.h"

#include <string.h>

struct scan {
	const unsigned char *at, *end;
	int                  depth, depth_max;
	struct json_tally    tally;
};

/* The sequences of RFC 3629, 4: by first byte, the length and the range of the second byte. */
static const struct utf8_row {
	unsigned char first_min, first_max;
	unsigned char length;
	unsigned char second_min, second_max;
} utf8_rows[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

#define UTF8_ROW_COUNT (sizeof(utf8_rows) / sizeof(utf8_rows[0]))

/* The length of the sequence at the start of bytes; 0 if it is none. */
static size_t
utf8_sequence(const unsigned char *bytes, size_t length)
{
	const struct utf8_row *row = utf8_rows;
	const struct utf8_row *end = utf8_rows + UTF8_ROW_COUNT;

	while (row < end && !(bytes[0] >= row->first_min && bytes[0] <= row->first_max))
		row++;
	if (row == end || row->length > length)
		return 0;
	if (row->length > 1 && (bytes[1] < row->second_min || bytes[1] > row->second_max))
		return 0;
	for (size_t i = 2; i < row->length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return row->length;
}

bool
json_utf8_valid(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t step = 0;

	for (size_t at = 0; at < length; at += step) {
		step = utf8_sequence(bytes + at, length - at);
		if (step == 0)
			return false;
	}
	return true;
}

static bool
scan_one_of(struct scan *scan, const char *characters)
{
	/* strchr would find the NUL that ends the list. */
	if (scan->at == scan->end || *scan->at == '\0' || strchr(characters, *scan->at) == NULL)
		return false;
	scan->at++;
	return true;
}

static bool
scan_digits(struct scan *scan)
{
	bool any = false;

	while (scan_one_of(scan, "0123456789"))
		any = true;
	return any;
}

/* RFC 8259, 6; json-c takes "00", "-01" and "1." as well. */
static bool
scan_number(struct scan *scan)
{
	bool zero = false;

	scan_one_of(scan, "-");
	zero = scan_one_of(scan, "0"); /* first: which side of an == is evaluated first is the compiler's choice */
	if (zero == scan_digits(scan))
		return false; /* digits behind a leading 0, or none at all */
	if (scan_one_of(scan, ".") && !scan_digits(scan))
		return false;
	if (!scan_one_of(scan, "eE"))
		return true;
	scan_one_of(scan, "+-");
	return scan_digits(scan);
}

/* json-c takes NaN and Infinity as well. */
static bool
scan_literal(struct scan *scan)
{
	static const char *const literals[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		size_t length = strlen(literals[i]);

		if ((size_t)(scan->end - scan->at) < length ||
		    memcmp(scan->at, literals[i], length) != 0)
			continue;
		scan->at += length;
		return true;
	}
	return false;
}

/* The four hex digits behind \u: a UTF-16 code unit. */
static bool
scan_unit(struct scan *scan, unsigned *unit)
{
	static const char hex_digits[] = "0123456789abcdef0123456789ABCDEF";

	*unit = 0;
	for (int i = 0; i < 4; i++) {
		if (!scan_one_of(scan, hex_digits))
			return false;
		*unit = *unit * 16 + (unsigned)(strchr(hex_digits, scan->at[-1]) - hex_digits) % 16;
	}
	return true;
}

/*
 * Behind a backslash.  No NUL, since json-c's keys end at one, and no half of
 * a surrogate pair (RFC 7493, 2.1), which each reader replaces in its own way.
 */
static bool
scan_escape(struct scan *scan)
{
	unsigned unit = 0;
	unsigned low = 0;

	if (!scan_one_of(scan, "u")) {
		scan->tally.string_bytes++;
		return scan_one_of(scan, "\"\\/bfnrt");
	}
	if (!scan_unit(scan, &unit) || unit == 0)
		return false;
	if (unit < 0xd800 || unit > 0xdfff) {
		scan->tally.string_bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
		return true;
	}
	scan->tally.string_bytes += 4;
	scan->tally.pairs++;
	return unit <= 0xdbff && scan_one_of(scan, "\\") && scan_one_of(scan, "u") &&
	    scan_unit(scan, &low) && low >= 0xdc00 && low <= 0xdfff;
}

static bool
scan_string(struct scan *scan)
{
	scan->at++;
	while (scan->at < scan->end) {
		unsigned char byte = *scan->at++;

		if (byte == '"')
			return true;
		if (byte < 0x20 || (byte == '\\' && !scan_escape(scan)))
			return false;
		if (byte != '\\')
			scan->tally.string_bytes++;
	}
	return false;
}

/* A structural character (RFC 8259, 2). */
static bool
scan_mark(struct scan *scan)
{
	scan->tally.marks++;
	if (scan_one_of(scan, "{["))
		return ++scan->depth <= scan->depth_max;
	if (scan_one_of(scan, "}]"))
		return --scan->depth >= 0;
	return scan_one_of(scan, ":,");
}

static bool
scan_token(struct scan *scan)
{
	if (scan_one_of(scan, " \t\r\n"))
		return true;
	if (*scan->at != '\0' && strchr("{}[]:,", *scan->at) != NULL)
		return scan_mark(scan);
	scan->tally.scalars++;
	if (*scan->at == '"')
		return scan_string(scan);
	if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9'))
		return scan_number(scan);
	return scan_literal(scan);
}

bool
json_scan(const char *text, size_t length, int depth_max, struct json_tally *tally)
{
	struct scan scan = { .at = (const unsigned char *)text, .depth_max = depth_max };

	scan.end = scan.at + length;
	while (scan.at < scan.end)
		if (!scan_token(&scan))
			return false;
	*tally = scan.tally;
	return true;
}

/* A character of four bytes (RFC 3629, 3) from its pair (RFC 2781, 2.2). */
static void
add_character(struct buffer *out, unsigned high, unsigned low)
{
	unsigned code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	const unsigned char bytes[] = {
		(unsigned char)(0xf0 | code >> 18),
		(unsigned char)(0x80 | (code >> 12 & 0x3f)),
		(unsigned char)(0x80 | (code >> 6 & 0x3f)),
		(unsigned char)(0x80 | (code & 0x3f)),
	};

	buffer_add(out, bytes, sizeof(bytes));
}

void
json_decode_pairs(const char *text, size_t length, struct buffer *out)
{
	struct scan scan = { .at = (const unsigned char *)text };
	const unsigned char *copied = scan.at;

	scan.end = scan.at + length;
	while (scan.at < scan.end) {
		const unsigned char *escape = scan.at;
		unsigned high = 0, low = 0;

		if (*scan.at++ != '\\')
			continue;
		if (*scan.at++ != 'u' || !scan_unit(&scan, &high) || high < 0xd800 || high > 0xdfff)
			continue;
		scan.at += strlen("\\u");
		scan_unit(&scan, &low);
		buffer_add(out, copied, (size_t)(escape - copied));
		add_character(out, high, low);
		copied = scan.at;
	}
	buffer_add(out, copied, (size_t)(scan.end - copied));
}
