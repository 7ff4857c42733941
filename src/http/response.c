#include "response.h"

#include "base/json.h"

#include <string.h>
#include <strings.h>

#define JSON_CONTENT_TYPE "application/json; charset=utf-8"

/* What is answered when there is nothing else: it needs no memory. */
#define PLAIN_500_BODY                                                                            \
	"{\"success\":false,\"code\":\"internal_error\","                                         \
	"\"message\":\"The server could not answer this request. Please try again.\"}"

/* On every answer, whatever its status: OWASP REST Security Cheat Sheet, security headers. */
static const struct {
	const char *name;
	const char *value;
} security_headers[] = {
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Strict-Transport-Security", "max-age=31536000" },
};

/* Written by this file, or taken as orders by a web server: not for callers to set. */
static const char *const reserved_headers[] = {
	"Status", "Location", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection",
	"X-Accel-Redirect", "X-Sendfile",
};

static const struct {
	int         status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 423, "Locked" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unnamed";
}

void
response_init(struct response *response)
{
	response->status = 0;
	response->content_type = NULL;
	buffer_init(&response->headers, RESPONSE_HEADERS_MAX_BYTES);
	buffer_init(&response->body, RESPONSE_BODY_MAX_BYTES);
	response->work = response->release = NULL;
	response->work_context = NULL;
}

static void
release_work(struct response *response)
{
	if (response->release != NULL)
		response->release(response->work_context);
	response->work = response->release = NULL;
	response->work_context = NULL;
}

void
response_free(struct response *response)
{
	buffer_free(&response->headers);
	buffer_free(&response->body);
	response->status = 0;
	response->content_type = NULL;
	release_work(response);
}

static bool
is_header_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-";

	return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

/* Visible ASCII and blanks: CR or LF would begin a header of somebody else's choice. */
static bool
is_header_value(const char *value)
{
	for (; *value != '\0'; value++)
		if (*value < ' ' || *value > '~')
			return false;
	return true;
}

static bool
is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved_headers) / sizeof(reserved_headers[0]); i++)
		if (strcasecmp(name, reserved_headers[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		if (strcasecmp(name, security_headers[i].name) == 0)
			return true;
	return false;
}

static bool
is_set(const struct response *response, const char *name)
{
	size_t length = strlen(name);
	const char *line = buffer_text(&response->headers);

	for (; *line != '\0'; line += strcspn(line, "\n") + 1)
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return true;
	return false;
}

bool
response_header(struct response *response, const char *name, const char *value)
{
	if (!is_header_name(name) || !is_header_value(value) || is_reserved(name) ||
	    is_set(response, name))
		return false;
	return buffer_printf(&response->headers, "%s: %s\r\n", name, value);
}

/* Leaves the 500 that response_write makes of it. */
static void
fail(struct response *response)
{
	response->status = 500;
	response->content_type = NULL;
	buffer_clear(&response->body);
}

void
response_json(struct response *response, int status, struct json_object *object)
{
	buffer_clear(&response->body);
	response->status = status;
	response->content_type = JSON_CONTENT_TYPE;
	if (!json_write(object, &response->body))
		fail(response);
	json_free(object);
}

void
response_text(struct response *response, int status, const char *content_type, const char *body)
{
	buffer_clear(&response->body);
	response->status = status;
	response->content_type = content_type;
	if (content_type == NULL)
		return;
	if (!is_header_value(content_type) || !buffer_add_text(&response->body, body))
		fail(response);
}

void
response_after(struct response *response, response_work *work, void *context, response_work *release)
{
	release_work(response);
	response->work = work;
	response->work_context = context;
	response->release = release;
}

void
response_work_now(struct response *response)
{
	if (response->work != NULL)
		response->work(response->work_context);
	response->work = NULL;
}

/* RFC 9110, 15.3.5 and 15.4.5. */
static bool
has_no_body(int status)
{
	return status == 204 || status == 304;
}

static bool
is_usable(const struct response *response)
{
	return response->status >= 200 && response->status <= 599 && !response->headers.failed &&
	    !response->body.failed && (response->status != 500 || response->content_type != NULL);
}

static void
write_head(struct buffer *out, int status, const char *headers)
{
	buffer_printf(out, "Status: %d %s\r\n", status, phrase_of(status));
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		buffer_printf(out, "%s: %s\r\n", security_headers[i].name, security_headers[i].value);
	buffer_add_text(out, headers);
}

static void
write_body(struct buffer *out, const char *content_type, const char *body, size_t length)
{
	if (content_type != NULL)
		buffer_printf(out, "Content-Type: %s\r\n", content_type);
	buffer_printf(out, "Content-Length: %zu\r\n\r\n", length);
	buffer_add(out, body, length);
}

bool
response_write(const struct response *response, struct buffer *out)
{
	const char *headers = response->headers.failed ? "" : buffer_text(&response->headers);
	bool usable = is_usable(response);

	write_head(out, usable ? response->status : 500, headers);
	if (!usable)
		write_body(out, JSON_CONTENT_TYPE, PLAIN_500_BODY, strlen(PLAIN_500_BODY));
	else if (has_no_body(response->status))
		buffer_add_text(out, "\r\n");
	else
		write_body(out, response->content_type, buffer_text(&response->body), response->body.length);
	return !out->failed;
}
