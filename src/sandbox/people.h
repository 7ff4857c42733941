/*
 * people: the agents of the sandbox's call centre, and the tokens that
 * Twilio's token validation knows.
 */
#ifndef SANDBOX_PEOPLE_H
#define SANDBOX_PEOPLE_H

#define PEOPLE_WORKERS 5 /* workers are numbered from 1; their SIDs end in that number */

enum people_answer {
	PEOPLE_VALID,
	PEOPLE_VALID_AS_TEXT,  /* "valid":"true": not to be taken for the boolean */
	PEOPLE_VALID_BUT_OVER, /* valid, with an expiration that is past */
	PEOPLE_EXPIRED,
	PEOPLE_OTHER_ACCOUNT
};

struct people_token {
	const char        *token;
	enum people_answer answer;
	const char        *login; /* realm_user_id; the identity is the same, escaped */
	const char        *roles; /* separated by a blank; NULL: null */
	int                worker; /* 0: null */
	const char        *note;
};

/* NULL: unknown, which Twilio calls an invalid token. */
const struct people_token *people_find(const char *token);

/* The plain name of a worker, e.g. "Ana"; NULL for a number out of range. */
const char *people_worker_name(int worker);

#endif
