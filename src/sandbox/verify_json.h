/*
 * verify_json: the shapes of a verification and of a check.
 * https://www.twilio.com/docs/verify/api/verification#verification-properties
 */
#ifndef SANDBOX_VERIFY_JSON_H
#define SANDBOX_VERIFY_JSON_H

#include "state.h"

struct json_object;

/* The status in Twilio's words. */
const char *verify_json_status(enum sandbox_status status);

/* NULL without memory; the caller's to free.  With the sandbox's lock held. */
struct json_object *verify_json_verification(const struct sandbox_verification *verification,
    enum sandbox_status status);
struct json_object *verify_json_check(const struct sandbox_verification *verification);

#endif
