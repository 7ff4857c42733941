#include "request.h"

#include "base/clock.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BEARER_SCHEME "Bearer"

/* No web server waits for an answer that long; a clock was set meanwhile. */
#define WAITED_MAX_MS 300000

/*
 * What must not be there twice: nginx passes a repeated header as a repeated
 * variable, and whoever reads one of them may read another one than the next
 * reader.  HTTP_CONTENT_TYPE is where nginx shows a second Content-Type.
 */
static const char *const unique_variables[] = {
	"HTTP_AUTHORIZATION", "HTTP_ORIGIN", "CONTENT_TYPE", "HTTP_CONTENT_TYPE", "REMOTE_USER",
};

static const struct {
	const char         *name;
	enum request_method method;
} methods[] = {
	{ "GET", REQUEST_GET },
	{ "HEAD", REQUEST_HEAD },
	{ "POST", REQUEST_POST },
	{ "DELETE", REQUEST_DELETE },
	{ "OPTIONS", REQUEST_OPTIONS },
};

static const struct {
	const char            *name;
	enum request_body_type type;
} media_types[] = {
	{ "application/x-www-form-urlencoded", REQUEST_BODY_FORM },
	{ "application/json", REQUEST_BODY_JSON },
};

/* The value if the variable has that name, else NULL. */
static const char *
value_of(const char *variable, const char *name)
{
	size_t length = strlen(name);

	return strncmp(variable, name, length) == 0 && variable[length] == '=' ?
	    variable + length + 1 : NULL;
}

static size_t
count_of(char *const *variables, const char *name)
{
	size_t count = 0;

	for (; *variables != NULL; variables++)
		count += value_of(*variables, name) != NULL;
	return count;
}

const char *
request_variable(const struct request *request, const char *name)
{
	for (char *const *variable = request->variables; *variable != NULL; variable++) {
		const char *value = value_of(*variable, name);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* Web servers pass variables without a value too; to a CGI program that is the same as none. */
static const char *
non_empty(const struct request *request, const char *name)
{
	const char *value = request_variable(request, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *
first_of(const struct request *request, const char *name, const char *other, const char *otherwise)
{
	const char *value = non_empty(request, name);

	if (value == NULL && other != NULL)
		value = non_empty(request, other);
	return value != NULL ? value : otherwise;
}

static bool
is_printable_word(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x21 || *text > 0x7e)
			return false;
	return true;
}

static enum request_method
method_of(const struct request *request)
{
	const char *name = first_of(request, "REQUEST_METHOD", NULL, "");

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	return REQUEST_OTHER;
}

static void
read_id(struct request *request)
{
	const char *id = first_of(request, "REQUEST_ID", NULL, "");

	if (strlen(id) == REQUEST_ID_SIZE - 1 &&
	    strspn(id, "0123456789abcdef") == REQUEST_ID_SIZE - 1)
		memcpy(request->id, id, REQUEST_ID_SIZE);
	else if (!secret_random_hex(request->id, sizeof(request->id)))
		memset(request->id, '0', REQUEST_ID_SIZE - 1);
}

/* REQUEST_START is nginx's $msec, by this host's clock: Unix seconds with three decimals. */
static int
read_wait(const struct request *request)
{
	const char *start = first_of(request, "REQUEST_START", NULL, "");
	char *end = NULL;
	double seconds = strtod(start, &end);
	double waited_ms = 0;

	if (start[0] < '0' || start[0] > '9' || *end != '\0')
		return 0;
	waited_ms = (double)clock_now_ms() - seconds * 1000;
	return waited_ms > 0 && waited_ms <= WAITED_MAX_MS ? (int)waited_ms : 0;
}

/* RFC 6454, 7.1: one origin.  Apache joins repeated headers with ", ". */
static enum request_result
read_origin(struct request *request)
{
	const char *origin = request_variable(request, "HTTP_ORIGIN");

	if (origin == NULL)
		return REQUEST_OK;
	if (origin[0] == '\0' || !is_printable_word(origin) || strchr(origin, ',') != NULL)
		return REQUEST_MALFORMED_HEADER;
	request->origin = origin;
	return REQUEST_OK;
}

/* RFC 6750, 2.1.  Another scheme is for somebody else, a broken Bearer is a broken request. */
static enum request_result
read_bearer_token(struct request *request)
{
	const char *token = first_of(request, "HTTP_AUTHORIZATION", NULL, "");
	size_t scheme = strcspn(token, " \t");

	if (scheme != strlen(BEARER_SCHEME) || strncasecmp(token, BEARER_SCHEME, scheme) != 0)
		return REQUEST_OK;
	token += scheme;
	token += strspn(token, " ");
	if (strlen(token) > REQUEST_TOKEN_MAX_BYTES)
		return REQUEST_TOKEN_TOO_LONG;
	if (token[0] == '\0' || !is_printable_word(token))
		return REQUEST_MALFORMED_HEADER;
	request->bearer_token = token;
	return REQUEST_OK;
}

static bool
is_utf8_label(const char *value)
{
	size_t length = strcspn(value, "; \t");

	if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
		value++;
		length -= 2;
	}
	return length == strlen("utf-8") && strncasecmp(value, "utf-8", length) == 0;
}

/* The parameters of a media type: any, but no other charset than ours. */
static bool
parameters_are_fine(const char *at)
{
	at += strspn(at, " \t");
	while (*at == ';') {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, "charset=", 8) == 0 && !is_utf8_label(at + 8))
			return false;
		at += strcspn(at, ";");
	}
	return *at == '\0';
}

static enum request_body_type
body_type_of(const struct request *request)
{
	const char *type = non_empty(request, "CONTENT_TYPE");

	if (type == NULL)
		return request->body_length == 0 ? REQUEST_BODY_NONE : REQUEST_BODY_OTHER;
	for (size_t i = 0; i < sizeof(media_types) / sizeof(media_types[0]); i++) {
		size_t length = strlen(media_types[i].name);

		if (strncasecmp(type, media_types[i].name, length) == 0 &&
		    parameters_are_fine(type + length))
			return media_types[i].type;
	}
	return REQUEST_BODY_OTHER;
}

static void
fill(const struct request_input *input, struct request *request)
{
	memset(request, 0, sizeof(*request));
	request->variables = input->variables;
	request->body = input->body;
	request->body_length = input->body_length;
	request->method = method_of(request);
	request->body_type = body_type_of(request);
	request->path = first_of(request, "DOCUMENT_URI", "SCRIPT_NAME", "");
	request->query = first_of(request, "QUERY_STRING", NULL, "");
	request->remote_addr = first_of(request, "REMOTE_ADDR", NULL, "");
	request->remote_user = non_empty(request, "REMOTE_USER");
	request->waited_ms = read_wait(request);
	read_id(request);
}

/* A web server that goes away may leave any of the variables unsent. */
static bool
is_incomplete(const struct request_input *input, const struct request *request)
{
	return input->arrival == REQUEST_TRUNCATED || request->remote_addr[0] == '\0' ||
	    non_empty(request, "REQUEST_METHOD") == NULL;
}

static bool
has_repeated_header(const struct request *request)
{
	for (size_t i = 0; i < sizeof(unique_variables) / sizeof(unique_variables[0]); i++)
		if (count_of(request->variables, unique_variables[i]) > 1)
			return true;
	return false;
}

/* OPTIONS always: a browser asks with it before it sends what is allowed. */
static bool
is_method_allowed(const struct request *request, const struct request_rules *rules)
{
	return request->method == REQUEST_OPTIONS ||
	    (request->method != REQUEST_OTHER && (request->method & rules->methods) != 0);
}

static bool
is_type_supported(const struct request *request)
{
	if (request->method != REQUEST_POST && request->body_length == 0)
		return true;
	return request->body_type != REQUEST_BODY_OTHER;
}

enum request_result
request_read(const struct request_input *input, const struct request_rules *rules,
    struct request *request)
{
	enum request_result origin = REQUEST_OK;
	enum request_result token = REQUEST_OK;

	fill(input, request);
	if (is_incomplete(input, request))
		return REQUEST_INCOMPLETE;
	if (has_repeated_header(request))
		return REQUEST_REPEATED_HEADER;
	origin = read_origin(request);
	token = read_bearer_token(request);
	if (!is_method_allowed(request, rules))
		return REQUEST_METHOD_NOT_ALLOWED;
	if (input->arrival == REQUEST_TOO_LARGE || input->body_length > REQUEST_BODY_MAX_BYTES)
		return REQUEST_BODY_TOO_LARGE;
	if (request->query[0] != '\0' && !rules->query_allowed)
		return REQUEST_QUERY_NOT_ALLOWED;
	if (origin != REQUEST_OK)
		return origin;
	if (token != REQUEST_OK)
		return token;
	return is_type_supported(request) ? REQUEST_OK : REQUEST_TYPE_NOT_SUPPORTED;
}

const char *
request_result_name(enum request_result result)
{
	switch (result) {
	case REQUEST_OK:
		return "REQUEST_OK";
	case REQUEST_INCOMPLETE:
		return "REQUEST_INCOMPLETE";
	case REQUEST_BODY_TOO_LARGE:
		return "REQUEST_BODY_TOO_LARGE";
	case REQUEST_REPEATED_HEADER:
		return "REQUEST_REPEATED_HEADER";
	case REQUEST_MALFORMED_HEADER:
		return "REQUEST_MALFORMED_HEADER";
	case REQUEST_TOKEN_TOO_LONG:
		return "REQUEST_TOKEN_TOO_LONG";
	case REQUEST_METHOD_NOT_ALLOWED:
		return "REQUEST_METHOD_NOT_ALLOWED";
	case REQUEST_QUERY_NOT_ALLOWED:
		return "REQUEST_QUERY_NOT_ALLOWED";
	case REQUEST_TYPE_NOT_SUPPORTED:
		return "REQUEST_TYPE_NOT_SUPPORTED";
	}
	return "not a request_result";
}
