/*
 * verify_service: the one Verify service of the sandbox and its settings.
 * https://www.twilio.com/docs/verify/api/service
 */
#ifndef SANDBOX_VERIFY_SERVICE_H
#define SANDBOX_VERIFY_SERVICE_H

#include "identity.h"

#include <stdbool.h>

struct exchange;

#define VERIFY_SERVICE_URL "https://verify.twilio.com/v2/Services/" SANDBOX_SERVICE_SID

/* Is the service in the path ours?  False: answered 404 already. */
bool verify_service_known(struct exchange *exchange);

/* GET /v2/Services. */
void verify_service_list(struct exchange *exchange);

/* GET /v2/Services/{VA}. */
void verify_service_fetch(struct exchange *exchange);

#endif
