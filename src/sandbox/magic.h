/*
 * magic: numbers, codes, tokens and tasks for which the sandbox answers in a
 * way that one otherwise has to wait for: refusals, faults, delays and
 * answers that cannot be used.  Each is one row of one table.
 *
 * A row either stands in the way of a request, which is then not acted upon,
 * or lets it through and spoils the answer.
 */
#ifndef SANDBOX_MAGIC_H
#define SANDBOX_MAGIC_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;

#define MAGIC_DELAY_S 12

/* The nginx location, internal, that closes a connection without an answer (return 444). */
#define MAGIC_CLOSE_LOCATION "/sandbox-internal/close"

/* Larger than anybody needs to read, and small enough for one answer of ours. */
#define MAGIC_FLOOD_BYTES 200000

/* The request that a row is about, and with it what its key is. */
enum magic_call {
	MAGIC_SEND,         /* POST Verifications; key: To */
	MAGIC_CHECK,        /* POST VerificationCheck; key: To */
	MAGIC_CODE,         /* POST VerificationCheck; key: Code */
	MAGIC_UPDATE,       /* POST Verifications/VE; key: To */
	MAGIC_TOKEN,        /* POST Tokens/validate; key: token */
	MAGIC_TASK,         /* GET and POST Tasks/WT; key: the SID's last four digits */
	MAGIC_RESERVATIONS, /* GET Tasks/WT/Reservations; key: the SID's last four digits */
	MAGIC_CUSTOMER      /* GET customers; key: phone */
};

enum magic_effect {
	/* In the way. */
	MAGIC_REFUSES,    /* Twilio's JSON error */
	MAGIC_PAGE,       /* an HTML page */
	MAGIC_REDIRECTS,  /* to another host */
	MAGIC_FLOODS,     /* MAGIC_FLOOD_BYTES of JSON */
	MAGIC_IGNORES,    /* closes the connection, nothing done */

	/* Lets it through. */
	MAGIC_DELAYS,     /* answers MAGIC_DELAY_S late */
	MAGIC_LOSES,      /* closes the connection instead of answering */
	MAGIC_TRUNCATES,  /* the JSON ends in the middle */
	MAGIC_REPLACES,   /* one member has another value */
	MAGIC_UNDELIVERED /* the message does not arrive; error code in the attempt */
};

struct magic {
	enum magic_call   call;
	const char       *key;
	const char       *only; /* the channel that it is limited to; NULL: any */
	enum magic_effect effect;
	int               status;     /* of MAGIC_REFUSES, MAGIC_PAGE, MAGIC_REDIRECTS */
	int               code;       /* Twilio's: the refusal's, or the undelivered attempt's */
	const char       *text;       /* message of MAGIC_REFUSES; member of MAGIC_REPLACES */
	const char       *value;      /* of MAGIC_REPLACES */
	bool              risk_check; /* RiskCheck=disable takes it away */
};

/* NULL: nothing special about this key. */
const struct magic *magic_find(enum magic_call call, const char *key);

/* Row by index, for listing; NULL behind the last. */
const struct magic *magic_row(size_t index);

/*
 * Looks a key up and notes what it finds in the exchange.  True: the row
 * stands in the way, and the caller returns without acting.
 */
bool magic_intercepts(struct exchange *exchange, enum magic_call call, const char *key);

/* Does to the answer what the noted row wants; may take MAGIC_DELAY_S.  The router's last step. */
void magic_spoil(struct exchange *exchange);

const char *magic_call_name(enum magic_call call);
const char *magic_effect_name(enum magic_effect effect);

#endif
