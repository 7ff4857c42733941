/* Where a PostgreSQL is, and how it is spoken to: what the address says, and our own terms where it says nothing. */
#include "ledger_postgres.h"

#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What Debian's ca-certificates keeps: libpq by itself looks into a home, which a service has not. */
#define ROOT_CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"

#define KEYWORDS_MAX 64

static PQconninfoOption *
find(PQconninfoOption *options, const char *keyword)
{
	while (options->keyword != NULL && strcmp(options->keyword, keyword) != 0)
		options++;
	return options->keyword == NULL ? NULL : options;
}

static const char *
value_of(PQconninfoOption *options, const char *keyword)
{
	const PQconninfoOption *option = find(options, keyword);

	return option == NULL || option->val == NULL ? "" : option->val;
}

static void
free_options(PQconninfoOption *options)
{
	PQconninfoOption *password = options == NULL ? NULL : find(options, "password");

	if (password != NULL && password->val != NULL)
		secret_wipe(password->val, strlen(password->val));
	PQconninfoFree(options);
}

/*
 * In a password that is not percent-encoded, '@' or '/' ends it too early for
 * libpq, and what is left of it becomes part of a name or the port, which are
 * shown and logged.
 */
static bool
holds_no_password(PQconninfoOption *options)
{
	const char *port = value_of(options, "port");

	return strchr(value_of(options, "host"), '@') == NULL && strpbrk(value_of(options, "dbname"), "@/") == NULL &&
	    port[strspn(port, "0123456789,")] == '\0';
}

/* NULL: not an address. */
static PQconninfoOption *
parse(const char *address)
{
	char *error = NULL;
	PQconninfoOption *options = PQconninfoParse(address, &error);

	PQfreemem(error); /* it may quote a password */
	if (options != NULL && !holds_no_password(options)) {
		free_options(options);
		options = NULL;
	}
	return options;
}

bool
postgres_address_valid(const char *address)
{
	PQconninfoOption *options = parse(address);
	bool valid = options != NULL && value_of(options, "dbname")[0] != '\0';

	free_options(options);
	return valid;
}

void
postgres_show_address(const char *address, char shown[LEDGER_ADDRESS_SIZE])
{
	PQconninfoOption *options = parse(address);

	snprintf(shown, LEDGER_ADDRESS_SIZE, POSTGRES_SCHEME "...");
	if (options != NULL)
		snprintf(shown, LEDGER_ADDRESS_SIZE, POSTGRES_SCHEME "%s/%s", value_of(options, "host"),
		    value_of(options, "dbname"));
	free_options(options);
}

/* The one way to a server over TCP that nobody else can stand in. */
static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0;
}

static void
set_default(PQconninfoOption *options, const char *keyword, const char *value)
{
	PQconninfoOption *option = find(options, keyword);

	if (option != NULL && option->val == NULL)
		option->val = strdup(value);
}

/*
 * A lost server is noticed within ten seconds, whatever the network does.
 * Who writes has to reach the one server that takes it: what another one says
 * may be old.  Over Unix sockets libpq leaves sslmode alone.
 */
static void
set_defaults(PQconninfoOption *options, enum ledger_way way)
{
	set_default(options, "application_name", "flex-verify");
	set_default(options, "client_encoding", "UTF8");
	set_default(options, "connect_timeout", "3");
	set_default(options, "keepalives_idle", "5");
	set_default(options, "keepalives_interval", "2");
	set_default(options, "keepalives_count", "3");
	set_default(options, "tcp_user_timeout", "6000");
	set_default(options, "target_session_attrs", way == LEDGER_TO_READ ? "any" : "read-write");
	if (!is_loopback(value_of(options, "host")) || value_of(options, "hostaddr")[0] != '\0')
		set_default(options, "sslmode", "verify-full");
	/* With a file of root certificates libpq verifies even where the address asks for encryption only. */
	if (strncmp(value_of(options, "sslmode"), "verify-", strlen("verify-")) == 0 &&
	    access(ROOT_CERTIFICATES, R_OK) == 0)
		set_default(options, "sslrootcert", ROOT_CERTIFICATES);
}

PGconn *
postgres_connect(const char *address, enum ledger_way way)
{
	const char *keywords[KEYWORDS_MAX + 1] = { NULL }, *values[KEYWORDS_MAX + 1] = { NULL };
	PQconninfoOption *options = parse(address);
	PGconn *session = NULL;
	size_t count = 0;

	if (options == NULL)
		return NULL;
	set_defaults(options, way);
	for (const PQconninfoOption *o = options; o->keyword != NULL && count < KEYWORDS_MAX; o++) {
		if (o->val == NULL)
			continue;
		keywords[count] = o->keyword;
		values[count++] = o->val;
	}
	session = PQconnectdbParams(keywords, values, 0);
	free_options(options);
	return session;
}
