#include "signature.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

/* Of an address, what is not in its parts: "://", a port that goes without saying, and "?". */
#define MARKS_BYTES 8

/* An address in its parts; pointers into it. */
struct address {
	const char *scheme, *host, *port, *path;
	size_t      scheme_length, host_length, port_length;
};

/* scheme://host[:port][/path]; the host may be an IPv6 address in brackets. */
static bool
split(const char *url, struct address *address)
{
	const char *end = strstr(url, "://"), *colon = NULL;
	size_t authority = 0;

	memset(address, 0, sizeof(*address));
	if (end == NULL)
		return false;
	address->scheme = url;
	address->scheme_length = (size_t)(end - url);
	address->host = end + 3;
	authority = strcspn(address->host, "/");
	address->path = address->host + authority;
	address->host_length = authority;
	for (size_t i = authority; i > 0 && address->host[i - 1] != ']' && colon == NULL; i--)
		if (address->host[i - 1] == ':')
			colon = address->host + i - 1;
	if (colon == NULL)
		return true;
	address->host_length = (size_t)(colon - address->host);
	address->port = colon + 1;
	address->port_length = (size_t)(address->path - address->port);
	return true;
}

static bool
is_https(const struct address *address)
{
	return address->scheme_length == 5 && memcmp(address->scheme, "https", 5) == 0;
}

static void
add_port(struct buffer *out, const struct address *address)
{
	if (address->port == NULL) {
		buffer_add_text(out, is_https(address) ? ":443" : ":80");
		return;
	}
	buffer_add_text(out, ":");
	buffer_add(out, address->port, address->port_length);
}

static void
add_address(struct buffer *out, const struct address *address, bool with_port, const char *query)
{
	buffer_add(out, address->scheme, address->scheme_length);
	buffer_add_text(out, "://");
	buffer_add(out, address->host, address->host_length);
	if (with_port)
		add_port(out, address);
	buffer_add_text(out, address->path);
	if (query[0] != '\0')
		buffer_add_text(out, "?");
	buffer_add_text(out, query);
}

static int
by_name_and_value(const void *a, const void *b)
{
	const struct form_field *one = a, *other = b;
	int names = strcmp(one->name, other->name);

	return names != 0 ? names : strcmp(one->value, other->value);
}

static bool
same(const struct form_field *one, const struct form_field *other)
{
	return strcmp(one->name, other->name) == 0 && strcmp(one->value, other->value) == 0;
}

/* Names in byte order, each with its value; of a repeated name the different values. */
static void
add_fields(struct buffer *out, const struct form *form)
{
	struct form_field sorted[FORM_FIELDS_MAX];

	memcpy(sorted, form->fields, form->count * sizeof(sorted[0]));
	qsort(sorted, form->count, sizeof(sorted[0]), by_name_and_value);
	for (size_t i = 0; i < form->count; i++) {
		if (i > 0 && same(&sorted[i], &sorted[i - 1]))
			continue;
		buffer_add_text(out, sorted[i].name);
		buffer_add_text(out, sorted[i].value);
	}
}

/* All that is signed fits: names and values are never longer than the body they are from. */
static size_t
longest_text(const struct address *address, const char *query)
{
	return strlen(address->scheme) + MARKS_BYTES + strlen(query) + REQUEST_BODY_MAX_BYTES;
}

/* The text holds what the caller keyed in, so it is wiped. */
static enum signature_result
compare(const char *auth_token, const struct address *address, bool with_port, const char *query,
    const struct form *form, const char *signature)
{
	char expected[SECRET_SIGNATURE_SIZE];
	struct buffer text;
	enum signature_result result = SIGNATURE_NOT_CHECKED;

	buffer_init(&text, longest_text(address, query));
	add_address(&text, address, with_port, query);
	if (form != NULL)
		add_fields(&text, form);
	if (!text.failed && secret_sign_sha1(auth_token, buffer_text(&text), expected))
		result = secret_equal(expected, signature) ? SIGNATURE_VALID : SIGNATURE_WRONG;
	buffer_free(&text);
	secret_wipe(expected, sizeof(expected));
	return result;
}

enum signature_result
signature_check(const char *auth_token, const char *url, const char *query, const struct form *form,
    const char *signature)
{
	enum signature_result result = SIGNATURE_WRONG;
	struct address address;

	if (auth_token == NULL || auth_token[0] == '\0' || signature == NULL || !split(url, &address))
		return SIGNATURE_WRONG;
	result = compare(auth_token, &address, false, query, form, signature);
	if (result == SIGNATURE_WRONG)
		result = compare(auth_token, &address, true, query, form, signature);
	return result;
}

enum signature_result
signature_check_body(const char *body_sha256, const void *body, size_t length)
{
	char expected[SECRET_CODE_SIZE];

	if (!secret_sha256(body, length, expected))
		return SIGNATURE_NOT_CHECKED;
	return secret_equal(expected, body_sha256) ? SIGNATURE_VALID : SIGNATURE_WRONG;
}
