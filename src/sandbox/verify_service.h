/*
 * verify_service: the Verify services of the sandbox and their settings: the
 * one that sends, and one that is set up as none for a call centre should be.
 * https://www.twilio.com/docs/verify/api/service
 */
#ifndef SANDBOX_VERIFY_SERVICE_H
#define SANDBOX_VERIFY_SERVICE_H

#include "identity.h"

#include <stdbool.h>

struct exchange;

#define VERIFY_SERVICE_URL "https://verify.twilio.com/v2/Services/" SANDBOX_SERVICE_SID

/*
 * Is the service in the path the one that sends?  False: answered already,
 * with 404, as there is no verification of another one.
 */
bool verify_service_known(struct exchange *exchange);

/* The same for a new verification: the other service refuses it for its settings (60206). */
bool verify_service_sends(struct exchange *exchange);

/* GET /v2/Services. */
void verify_service_list(struct exchange *exchange);

/* GET /v2/Services/{VA}. */
void verify_service_fetch(struct exchange *exchange);

#endif
