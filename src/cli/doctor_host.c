/*
 * What is on this host: the ledger, and the way out of it.
 */
#include "doctor.h"

#include "ledger/ledger.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQLITE_PREFIX "sqlite:"

static const char owner_advice[] = "Its directory has to belong to the user the programs run as, "
				   "and this command to be run as that user.";

static const char server_advice[] = "Let psql try the same address as the same user; "
				    "its log and this command's error output say more.";

static const char *
ledger_advice(enum ledger_result result)
{
	switch (result) {
	case LEDGER_ALTERED:
		return "Put back the LOG_KEY it was written with; if it is that one, see flex-verify audit verify.";
	case LEDGER_BUSY:
		return "Find out which process keeps it locked: fuser names it, or pg_stat_activity.";
	case LEDGER_NEWER_SCHEMA:
		return "Install the version of flex-verify that made it, or a later one.";
	case LEDGER_NO_MEMORY:
		return "Free memory on this host.";
	case LEDGER_OK:
	case LEDGER_NOT_FOUND:
	case LEDGER_FAILED:
		break;
	}
	return owner_advice;
}

/* One that is not there is not made: it would belong to whoever asked. */
static void
check_directory(const char *path, struct doctor_finding *finding)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int length = snprintf(directory, sizeof(directory), "%.*s/", (int)(slash - path), path);

	if (length > 0 && (size_t)length < sizeof(directory) && access(directory, W_OK | X_OK) == 0)
		doctor_ok(finding, "%s is not there yet; the first program to start makes it", path);
	else
		doctor_fail(finding, owner_advice, "%s is not there and cannot be made: %s", path, strerror(errno));
}

static bool
is_file(const struct settings *s)
{
	return strncmp(s->ledger, SQLITE_PREFIX, strlen(SQLITE_PREFIX)) == 0;
}

static void
judge_try(const struct settings *s, enum ledger_result result, struct doctor_finding *finding)
{
	char ledger[LEDGER_ADDRESS_SIZE];

	ledger_show_address(s->ledger, ledger);
	if (result == LEDGER_ALTERED)
		doctor_fail(finding, ledger_advice(result),
		    "%s: its seal was not made with this LOG_KEY, or it was changed", ledger);
	else if (result == LEDGER_FAILED && !is_file(s))
		doctor_fail(finding, server_advice, "%s cannot be reached or written", ledger);
	else if (result == LEDGER_NOT_FOUND)
		doctor_ok(finding, "%s has no tables yet; the first program to start makes them", ledger);
	else if (result != LEDGER_OK)
		doctor_fail(finding, ledger_advice(result), "%s cannot be written (%s)", ledger,
		    ledger_result_name(result));
	else
		doctor_ok(finding, "%s can be written, and its seal was made with this LOG_KEY", ledger);
}

static void
check_ledger(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;
	const char *path = s->ledger + strlen(SQLITE_PREFIX);
	enum ledger_result result = ledger_try(s->ledger, s->log_key);
	struct stat file;

	if (is_file(s) && result == LEDGER_NOT_FOUND && access(path, F_OK) != 0)
		check_directory(path, finding);
	else if (is_file(s) && (result == LEDGER_OK || result == LEDGER_NOT_FOUND) && geteuid() == 0 &&
	    stat(path, &file) == 0 && file.st_uid != 0)
		doctor_warn(finding, "Run this command as the user that the programs run as, too.",
		    "%s: root can write it, which says nothing of its owner's programs", s->ledger);
	else
		judge_try(s, result, finding);
}

static void
check_proxy(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;

	if (doctor->http == NULL)
		doctor_fail(finding,
		    "Correct CA_FILE (a readable file of certificates) or PROXY (a URL), or take it out.",
		    "the HTTP client cannot start with this CA_FILE and PROXY");
	else if (s->proxy != NULL)
		doctor_ok(finding, "https goes through PROXY");
	else
		doctor_ok(finding, "https goes out directly");
}

const struct doctor_check doctor_host_checks[] = {
	{ "ledger", check_ledger },
	{ "proxy", check_proxy },
	{ NULL, NULL },
};
