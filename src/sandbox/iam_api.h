/*
 * iam_api: Twilio's validation of Flex tokens, iam.twilio.com.
 */
#ifndef SANDBOX_IAM_API_H
#define SANDBOX_IAM_API_H

struct exchange;

/* POST /v1/Accounts/{AC}/Tokens/validate with {"token":"..."}. */
void iam_api_validate(struct exchange *exchange);

#endif
