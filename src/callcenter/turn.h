/*
 * turn: what one request knows, and the way all requests go.
 *
 * A program gives its steps as a ladder of guards, in the order in which they
 * are climbed; the first that refuses ends it.  The turn reads the request
 * before it, and writes the audit line and the answer after it, whatever
 * happened.
 */
#ifndef CALLCENTER_TURN_H
#define CALLCENTER_TURN_H

#include "agent.h"
#include "app.h"
#include "contact.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "refusal.h"

struct json_object;

#define TURN_PIN_SIZE 11 /* codes have at most 10 digits */

struct turn {
	const struct app *app;
	bool              no_pages;    /* no web page may ask, not even those of ALLOWED_ORIGINS */
	const char       *action;      /* its word on record: "start", "check" */
	struct request    request;
	struct form       form;
	int               budget_ms;   /* that the turn may take in all */
	int64_t           deadline_ms; /* when that is over, of clock_monotonic_ms(); shared by all calls of the turn */

	struct agent               agent;        /* after agent_identify */
	struct contact             contact;      /* after contact_resolve */
	struct ledger_verification verification; /* as last read or written; without an id if there is none */
	struct ledger_verification other_open;   /* the one to be canceled before a code is sent; the same */
	struct ledger_verification call_back;    /* the one that the contact was made for; the same */
	char                       asking_id[LEDGER_ID_SIZE]; /* the caller answers this asking, see key_in.h; or "" */
	int64_t                    opens_at;     /* a limit that is reached: when it opens; 0: none, or for good */
	bool                       number_locked; /* the limit is that of wrong codes for the number */
	int64_t                    resend_at;    /* no code before; 0 or past: at once */
	bool                       old_code_sent; /* a text with a code that was none of this verification's */
	bool                       changed;      /* this turn ended or settled something about it, on record */
	bool                       looked;       /* the verification was read: it is known how it stands */
	struct twilio_trace        trace;        /* of the last call to Twilio */

	/* Set by customer_info_release only; owned by the turn. */
	bool                released;
	struct json_object *customer;
	struct json_object *task;
	struct json_object *withheld; /* fields that demand more, and what */

	char    pin[TURN_PIN_SIZE]; /* the one that was made; wiped with the turn */
	int64_t pin_expires_at;

	struct json_object *view; /* set by supervisor_view and tap_answer only; owned by the turn */
};

typedef enum refusal turn_step(struct turn *turn);

struct turn_program {
	const char        *action;
	const char *const *fields; /* names of those that a request may have; ended by NULL */
	turn_step *const  *steps;  /* ended by NULL */
};

/* Serves one request with the program's steps. */
void turn_serve(const struct app *app, const struct turn_program *program, const struct request_input *input,
    struct response *response);

/* The same of a program that servers ask, and no web page may, not even those of ALLOWED_ORIGINS. */
void turn_serve_servers(const struct app *app, const struct turn_program *program, const struct request_input *input,
    struct response *response);

/* A field, or NULL if it was not sent or is empty. */
const char *turn_field(const struct turn *turn, const char *name);

/* Copies text into a fixed array of a record; false, and empty, if it does not fit. */
bool turn_copy(char *out, size_t size, const char *text);

#endif
