#include "people.h"

#include <string.h>

static const struct people_token tokens[] = {
	{ "sandbox-ana", PEOPLE_VALID, "ana@example.com", "agent", 1, "Ana, an agent" },
	{ "sandbox-ben", PEOPLE_VALID, "ben@example.com", "agent", 2, "Ben, another agent" },
	{ "sandbox-sam", PEOPLE_VALID, "sam@example.com", "supervisor", 3, "Sam, a supervisor" },
	{ "sandbox-ada", PEOPLE_VALID, "ada@example.com", "admin", 4, "Ada, an administrator" },
	{ "sandbox-guest", PEOPLE_VALID, "visitor@example.com", "guest", 0,
	    "a web chat visitor: valid, and nobody's agent" },
	{ "sandbox-guest-agent", PEOPLE_VALID, "visitor@example.com", "guest agent", 1,
	    "claims both roles and Ana's worker" },
	{ "sandbox-no-worker", PEOPLE_VALID, "noworker@example.com", "agent", 0,
	    "an agent role without a worker" },
	{ "sandbox-roles-null", PEOPLE_VALID, "noroles@example.com", NULL, 1,
	    "a worker without roles" },
	{ "sandbox-other-role", PEOPLE_VALID, "kim@example.com", "billing", 5,
	    "Kim, with a role of the company's own" },
	{ "sandbox-valid-text", PEOPLE_VALID_AS_TEXT, "ana@example.com", "agent", 1,
	    "\"valid\" is the text \"true\"" },
	{ "sandbox-over", PEOPLE_VALID_BUT_OVER, "ana@example.com", "agent", 1,
	    "valid, but its expiration is past" },
	{ "sandbox-expired", PEOPLE_EXPIRED, NULL, NULL, 0, "not valid any more (20104)" },
	{ "sandbox-other-account", PEOPLE_OTHER_ACCOUNT, NULL, NULL, 0, "of another account: 404" },

	/* Ana again, for answers that magic.c spoils. */
	{ "sandbox-slow", PEOPLE_VALID, "ana@example.com", "agent", 1, NULL },
	{ "sandbox-truncated", PEOPLE_VALID, "ana@example.com", "agent", 1, NULL },
};

const struct people_token *
people_find(const char *token)
{
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		if (strcmp(tokens[i].token, token) == 0)
			return &tokens[i];
	return NULL;
}

const char *
people_worker_name(int worker)
{
	static const char *const names[PEOPLE_WORKERS] = { "Ana", "Ben", "Sam", "Ada", "Kim" };

	return worker >= 1 && worker <= PEOPLE_WORKERS ? names[worker - 1] : NULL;
}
