/*
 * flex_token: who is the agent behind a Flex token?
 * POST /v1/Accounts/{AC}/Tokens/validate at iam.twilio.com.
 *
 * Twilio calls tokens of web chat guests valid too; flex_token_validate only
 * reports what Twilio says, callcenter/agent decides who may pass.
 */
#ifndef TWILIO_FLEX_TOKEN_H
#define TWILIO_FLEX_TOKEN_H

#include "twilio.h"

#define FLEX_TOKEN_ROLES_MAX 16
#define FLEX_TOKEN_ROLE_SIZE 64

struct flex_token {
	char    worker_sid[TWILIO_SID_SIZE]; /* "" if Twilio names none or not a worker SID */
	char    user[TWILIO_NAME_SIZE];      /* realm_user_id, else identity; "" if neither; for display */
	char    roles[FLEX_TOKEN_ROLES_MAX][FLEX_TOKEN_ROLE_SIZE];
	size_t  role_count;
	int64_t expires_ms;                  /* Unix time; 0 if not named */
};

/*
 * TWILIO_OK only for HTTP 200 with "valid" being JSON true and an expiry that
 * is not past.  TWILIO_TOKEN_INVALID, TWILIO_TOKEN_EXPIRED: the agent has to
 * sign in.  TWILIO_NOT_FOUND: a token of another account, or an account SID
 * that is not the credentials'.  A token with anything but printable ASCII is
 * invalid without asking.  Safe to repeat, and repeated once by itself.
 */
enum twilio_result flex_token_validate(const struct twilio *twilio, const char *token, int64_t deadline_ms,
    struct flex_token *answer, struct twilio_trace *trace);

bool flex_token_has_role(const struct flex_token *token, const char *role);

#endif
