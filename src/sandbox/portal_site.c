#include "portal_site.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"
#include "http/http_client.h"

#include <stdio.h>

#define BODY_MAX_BYTES 1024
#define NONCE_SIZE     33
#define PATIENCE_MS    10000

static bool
write_body(const char *customer, struct buffer *body)
{
	struct json_object *object = json_new_object();
	char nonce[NONCE_SIZE];
	bool made = secret_random_hex(nonce, sizeof(nonce));

	json_add_string(object, "customer", customer);
	exchange_add_time(object, "time", clock_now_ms());
	json_add_string(object, "nonce", nonce);
	made = json_write(object, body) && made;
	json_free(object);
	return made;
}

/* The page is shown what portal-pin answered, be it a refusal. */
static void
pass_on(struct exchange *exchange, const struct http_call *call)
{
	struct json_object *answer = NULL;

	if (call->result == HTTP_CLIENT_OK &&
	    json_parse(buffer_text(&call->answer), call->answer.length, 4, &answer) == JSON_OK)
		exchange_answer(exchange, call->status, answer);
	else
		exchange_complain(exchange, 502, "portal-pin does not answer");
}

static void
ask(struct exchange *exchange, const struct buffer *body)
{
	const struct http_client_options options = { .connect_timeout_ms = PATIENCE_MS };
	const char *port = request_variable(exchange->request, "SERVER_PORT");
	struct http_client *client = http_client_new(&options);
	char url[64], signature[SECRET_CODE_SIZE];
	struct http_call call;

	http_call_init(&call);
	snprintf(url, sizeof(url), "http://127.0.0.1:%s/portal-pin", port == NULL ? "" : port);
	call.method = "POST";
	call.url = url;
	call.content_type = "application/json";
	call.body = buffer_text(body);
	call.body_length = body->length;
	call.header_name = "X-Flex-Verify-Signature";
	call.header_value = signature;
	if (client != NULL && secret_authenticate(PORTAL_SITE_KEY, buffer_text(body), signature))
		http_client_perform(client, &call, clock_monotonic_ms() + PATIENCE_MS);
	else
		call.result = HTTP_CLIENT_NO_MEMORY;
	pass_on(exchange, &call);
	http_call_free(&call);
	http_client_free(client);
}

void
portal_site_pin(struct exchange *exchange)
{
	const char *customer = exchange_field(exchange, "customer");
	struct buffer body;

	if (customer == NULL) {
		exchange_complain(exchange, 400, "Send customer, the id of who is logged in");
		return;
	}
	buffer_init(&body, BODY_MAX_BYTES);
	if (write_body(customer, &body))
		ask(exchange, &body);
	else
		exchange_complain(exchange, 400, "That is no customer's id");
	buffer_free(&body);
}
