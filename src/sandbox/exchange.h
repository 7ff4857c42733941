/*
 * exchange: one request and its answer, as the sandbox's APIs see them, and
 * the shapes that Twilio's answers have.
 */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "state.h"

struct json_object;
struct magic;

#define EXCHANGE_ARGUMENTS_MAX 3

/* A page of a list: 200 of the longest items fit into one answer. */
#define EXCHANGE_PAGE_DEFAULT 50
#define EXCHANGE_PAGE_MAX     200

struct exchange {
	struct sandbox       *sandbox;
	const struct request *request;
	struct response      *response;
	struct form           query, fields;
	const char           *host; /* whose API this is: "https://verify.twilio.com" */
	const char           *path; /* as that host sees it: "/v2/Services/..." */
	const struct magic   *magic; /* NULL: nothing special */
	char arguments[EXCHANGE_ARGUMENTS_MAX][SANDBOX_ADDRESS_SIZE]; /* of the path */
};

/* A field of the body, or NULL; an empty one counts as not sent. */
const char *exchange_field(const struct exchange *exchange, const char *name);

/* The same of the query. */
const char *exchange_query(const struct exchange *exchange, const char *name);

/* An argument of the path without the ".json" that the older APIs have behind it; false: there is none. */
bool exchange_json_argument(const struct exchange *exchange, size_t index, char argument[SANDBOX_ADDRESS_SIZE]);

/* The characters of a text in UTF-8. */
size_t exchange_characters(const char *text);

/* Answers with an object, taken over; with a 500 where it is incomplete, or NULL. */
void exchange_answer(struct exchange *exchange, int status, struct json_object *object);

/* Twilio's error: {"code","message","more_info","status"}. */
void exchange_refuse(struct exchange *exchange, int status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* 404 20404 with the path in the message. */
void exchange_not_found(struct exchange *exchange);

/* An error of the sandbox's own API: {"error":...}. */
void exchange_complain(struct exchange *exchange, int status, const char *sentence);

/* Adders, as json.h has them: what could not be added is missed by exchange_answer.  A string member from a format. */
void exchange_add_text(struct json_object *object, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* String members, ended by a key of NULL; a text of NULL is added as null. */
struct exchange_text {
	const char *key, *text;
};
void exchange_add_texts(struct json_object *object, const struct exchange_text *texts);

/* Adds a member in ISO 8601 to the second. */
void exchange_add_time(struct json_object *object, const char *key, int64_t time_ms);

/* The same in RFC 2822, as the older APIs have it; null for 0. */
void exchange_add_date(struct json_object *object, const char *key, int64_t time_ms);

/* A list, page by page. */
struct exchange_page {
	struct json_object *items;
	int                 number, size;
	size_t              seen; /* items of all pages so far */
};

/* Reads Page and PageSize.  False: answered 400 already. */
bool exchange_page_begin(struct exchange *exchange, struct exchange_page *page);

/* Counts one more item of the whole list; true if it belongs to this page, and is to be added. */
bool exchange_page_takes(struct exchange_page *page);

/* Adds an item, taken over. */
void exchange_page_add(struct exchange_page *page, struct json_object *item);

/* Answers {key:[...],"meta":{...}}. */
void exchange_page_end(struct exchange *exchange, struct exchange_page *page, const char *key);

#endif
