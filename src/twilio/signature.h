/*
 * signature: did Twilio send this request?
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 *
 * The header X-Twilio-Signature is the base64 of HMAC-SHA1, with the account's
 * primary auth token, over the address that Twilio was told and all that is in
 * a form; of another body the address holds the SHA-256 (bodySHA256).  Pure.
 */
#ifndef TWILIO_SIGNATURE_H
#define TWILIO_SIGNATURE_H

#include "http/form.h"

#include <stddef.h>

enum signature_result {
	SIGNATURE_NOT_CHECKED, /* no memory, or libcrypto failed: nothing is known of it */
	SIGNATURE_WRONG,       /* or missing */
	SIGNATURE_VALID
};

/*
 * url is the address as Twilio was told it, without query: what this host sees
 * behind a proxy may be another one.  query is as it arrived.  Twilio signs
 * calls by https without the port and others with it, so that an address
 * counts with and without its port; the port that goes without saying is 443,
 * or 80 for http.  form NULL: the body is not a form.
 */
enum signature_result signature_check(const char *auth_token, const char *url, const char *query,
    const struct form *form, const char *signature);

/* Is it the body whose SHA-256, in lower-case hex, stands in the address?  NULL: none stands there. */
enum signature_result signature_check_body(const char *body_sha256, const void *body, size_t length);

#endif
