/*
 * twilio: what all calls to Twilio have in common: hosts, credentials, and
 * the way from an HTTP answer to a result.
 *
 * This folder is the only code that knows Twilio's URLs and JSON; the rest of
 * the program sees plain structs and enum twilio_result.
 */
#ifndef TWILIO_TWILIO_H
#define TWILIO_TWILIO_H

#include "http/http_client.h"
#include "twilio_error.h"

#include <stdbool.h>
#include <stdint.h>

#define TWILIO_SID_SIZE   35 /* two letters, 32 hex digits, NUL */
#define TWILIO_ADDRESS_SIZE 255 /* an e-mail address (RFC 5321: 254 octets) or a number, and the NUL */
#define TWILIO_NAME_SIZE  128

/* For the life of the process; the strings are the configuration's. */
struct twilio {
	struct http_client *http;
	const char *base_url;           /* NULL: Twilio's own hosts; else one host for all of them (the sandbox) */
	const char *account_sid;
	const char *auth_token;         /* NULL: only an API key is configured */
	const char *api_key_sid;        /* NULL: account SID and auth token are used */
	const char *api_key_secret;
	const char *verify_service_sid;
	const char *workspace_sid;      /* NULL: TaskRouter is not used */
};

/*
 * What is worth logging of a call; holds no secret and no number.  All zero
 * but retry_after_s if nothing was asked.  Every function takes NULL for it.
 */
struct twilio_trace {
	enum http_client_result   transport;
	enum http_client_obstacle obstacle;
	int  http_status;
	int  twilio_code; /* 0 if none */
	int  duration_ms;
	int  retry_after_s; /* -1 if Twilio named none */
	int64_t date_ms;    /* Twilio's clock when it answered, Unix ms of a whole second; 0 if unknown */
	char request_id[HTTP_CLIENT_REQUEST_ID_SIZE];
};

/* Prefix (two letters) and 32 hex digits? */
bool twilio_sid_valid(const char *sid, const char *prefix);

#endif
