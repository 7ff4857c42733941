#include "exchange.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DATE_SIZE 40

#define TEXT_MAX_BYTES 1024 /* an URL with the longest path of ours, or a message */
#define PAGE_URL_MAX_BYTES 65536 /* a query of REQUEST_BODY_MAX_BYTES, escaped */

static const char *
not_empty(const char *value)
{
	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
exchange_field(const struct exchange *exchange, const char *name)
{
	return not_empty(form_get(&exchange->fields, name));
}

const char *
exchange_query(const struct exchange *exchange, const char *name)
{
	return not_empty(form_get(&exchange->query, name));
}

void
exchange_answer(struct exchange *exchange, int status, struct json_object *object)
{
	response_json(exchange->response, status, object);
}

/* What snprintf cut may end in half a character, which is no JSON. */
static void
mend_end(char *text)
{
	size_t length = strlen(text);

	while (!json_utf8_valid(text, length))
		text[--length] = '\0';
}

void
exchange_refuse(struct exchange *exchange, int status, int code, const char *format, ...)
{
	struct json_object *error = json_new_object();
	char message[TEXT_MAX_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	mend_end(message);
	json_add_int(error, "code", code);
	json_add_string(error, "message", message);
	exchange_add_text(error, "more_info", "https://www.twilio.com/docs/errors/%d", code);
	json_add_int(error, "status", status);
	exchange_answer(exchange, status, error);
}

void
exchange_not_found(struct exchange *exchange)
{
	/* Twilio names the resource without the version in front. */
	const char *resource = strchr(exchange->path + (*exchange->path == '/'), '/');

	exchange_refuse(exchange, 404, 20404, "The requested resource %s was not found",
	    resource == NULL ? exchange->path : resource);
}

void
exchange_complain(struct exchange *exchange, int status, const char *sentence)
{
	struct json_object *error = json_new_object();

	json_add_string(error, "error", sentence);
	exchange_answer(exchange, status, error);
}

void
exchange_add_text(struct json_object *object, const char *key, const char *format, ...)
{
	char text[TEXT_MAX_BYTES];
	va_list arguments;
	int length = 0;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_add(object, key, (size_t)length < sizeof(text) ? json_new_string(text) : NULL);
}

void
exchange_add_texts(struct json_object *object, const struct exchange_text *texts)
{
	for (; texts->key != NULL; texts++)
		json_add_string(object, texts->key, texts->text);
}

void
exchange_add_time(struct json_object *object, const char *key, int64_t time_ms)
{
	char text[CLOCK_ISO8601_SIZE];

	clock_format(time_ms, text);
	json_add_string(object, key, text);
}

bool
exchange_json_argument(const struct exchange *exchange, size_t index, char argument[SANDBOX_ADDRESS_SIZE])
{
	static const char ending[] = ".json";
	const char *text = exchange->arguments[index];
	size_t length = strlen(text);

	if (length < strlen(ending) || strcmp(text + length - strlen(ending), ending) != 0)
		return false;
	snprintf(argument, SANDBOX_ADDRESS_SIZE, "%.*s", (int)(length - strlen(ending)), text);
	return true;
}

size_t
exchange_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void
exchange_add_date(struct json_object *object, const char *key, int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm parts;
	char text[DATE_SIZE];

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &parts);
	json_add_string(object, key, time_ms == 0 ? NULL : text);
}

/* A whole number from min to max; otherwise: it was not sent; -1: not such a number. */
static int
query_number(const struct exchange *exchange, const char *name, int min, int max, int otherwise)
{
	const char *text = exchange_query(exchange, name);
	char *end = NULL;
	long number = 0;

	if (text == NULL)
		return otherwise;
	number = strtol(text, &end, 10);
	if (*end != '\0' || number < min || number > max)
		return -1;
	return (int)number;
}

bool
exchange_page_begin(struct exchange *exchange, struct exchange_page *page)
{
	memset(page, 0, sizeof(*page));
	page->number = query_number(exchange, "Page", 0, 1000000, 0);
	page->size = query_number(exchange, "PageSize", 1, 1000, EXCHANGE_PAGE_DEFAULT);
	if (page->number < 0 || page->size < 0) {
		exchange_refuse(exchange, 400, 20001, "Page is 0 or more, PageSize is 1 to 1000");
		return false;
	}
	if (page->size > EXCHANGE_PAGE_MAX)
		page->size = EXCHANGE_PAGE_MAX;
	page->items = json_new_array();
	return true;
}

bool
exchange_page_takes(struct exchange_page *page)
{
	size_t first = (size_t)page->number * (size_t)page->size, place = page->seen++;

	return place >= first && place - first < (size_t)page->size;
}

void
exchange_page_add(struct exchange_page *page, struct json_object *item)
{
	json_append(page->items, item);
}

/* The list's URL with its filters, for another page. */
static void
add_page_url(struct exchange *exchange, struct json_object *meta, const char *key, int number,
    int size)
{
	struct buffer query, url;

	buffer_init(&query, PAGE_URL_MAX_BYTES);
	buffer_init(&url, PAGE_URL_MAX_BYTES);
	for (size_t i = 0; i < exchange->query.count; i++)
		if (strncmp(exchange->query.fields[i].name, "Page", 4) != 0)
			form_add(&query, exchange->query.fields[i].name,
			    exchange->query.fields[i].value);
	buffer_printf(&query, "%sPageSize=%d&Page=%d", query.length > 0 ? "&" : "", size, number);
	if (number > 0)
		buffer_printf(&query, "&PageToken=PA%d", number);
	buffer_printf(&url, "%s%s?%s", exchange->host, exchange->path, buffer_text(&query));
	json_add(meta, key, query.failed || url.failed ? NULL : json_new_string(buffer_text(&url)));
	buffer_free(&url);
	buffer_free(&query);
}

static struct json_object *
page_meta(struct exchange *exchange, const struct exchange_page *page, const char *key)
{
	struct json_object *meta = json_new_object();
	int number = page->number, size = page->size;
	bool more = page->seen > (size_t)(number + 1) * (size_t)size;

	json_add_int(meta, "page", number);
	json_add_int(meta, "page_size", size);
	json_add_string(meta, "key", key);
	json_add_null(meta, "previous_page_url");
	json_add_null(meta, "next_page_url");
	add_page_url(exchange, meta, "first_page_url", 0, size);
	add_page_url(exchange, meta, "url", number, size);
	if (number > 0)
		add_page_url(exchange, meta, "previous_page_url", number - 1, size);
	if (more)
		add_page_url(exchange, meta, "next_page_url", number + 1, size);
	return meta;
}

void
exchange_page_end(struct exchange *exchange, struct exchange_page *page, const char *key)
{
	struct json_object *list = json_new_object();

	json_add(list, key, page->items);
	json_add(list, "meta", page_meta(exchange, page, key));
	exchange_answer(exchange, 200, list);
}
