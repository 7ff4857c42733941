/*
 * flex-verify: the operator's command, beside the programs that serve.
 */
#include "audit.h"
#include "cli.h"
#include "doctor.h"
#include "ledger.h"

#include "base/secret.h"

#include <stdio.h>

static const struct cli_command commands[] = {
	{ "audit", "the record of verifications: is it whole, what does it say", audit_command },
	{ "doctor", "checks the account, the Verify service and this host; sends nothing to anybody", doctor_command },
	{ "ledger", "copies the ledger, purges what is old", ledger_command },
	{ NULL, NULL, NULL },
};

/* What was printed is out, or the exit code says so: a full disk is no success. */
static enum cli_exit
finish(const char *name, enum cli_exit code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: the output cannot be written\n", name);
	return CLI_UNREADABLE;
}

int
main(int argc, char **argv)
{
	char name[] = "flex-verify";

	secret_harden_process();
	argv[0] = name;
	return (int)finish(name, cli_choose(argc, argv, "looks after flex-verify on its host.", commands, ""));
}
