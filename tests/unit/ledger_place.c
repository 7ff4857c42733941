#include "ledger_place.h"

#include "ledger/ledger.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The one PostgreSQL of this program, once a test has wanted it. */
static struct {
	char  directory[64];
	pid_t script;
	FILE *words, *answers;
} server;

static struct ledger_place *
new_place(void **state)
{
	struct ledger_place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-ledger-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	*state = place;
	return place;
}

int
ledger_place_sqlite(void **state)
{
	struct ledger_place *place = new_place(state);

	snprintf(place->path, sizeof(place->path), "%s/ledger.db", place->directory);
	snprintf(place->address, sizeof(place->address), "sqlite:%s", place->path);
	return 0;
}

/* ---- PostgreSQL ------------------------------------------------------------------ */

static void
await_ready(void)
{
	char line[64];

	assert_non_null(fgets(line, sizeof(line), server.answers));
	assert_string_equal(line, "ready\n");
}

static void
start_server(void)
{
	int words[2], answers[2];

	signal(SIGPIPE, SIG_IGN);
	snprintf(server.directory, sizeof(server.directory), "/tmp/flex-verify-postgres-XXXXXX");
	assert_non_null(mkdtemp(server.directory));
	assert_int_equal(pipe2(words, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
	server.script = fork();
	assert_true(server.script >= 0);
	if (server.script == 0) {
		dup2(words[0], STDIN_FILENO);
		dup2(answers[1], STDOUT_FILENO);
		execl("tests/postgres.sh", "postgres.sh", server.directory, (char *)NULL);
		_exit(127);
	}
	close(words[0]);
	close(answers[1]);
	server.words = fdopen(words[1], "w");
	server.answers = fdopen(answers[0], "r");
	await_ready();
}

void
ledger_place_tell(const char *word)
{
	fprintf(server.words, "%s\n", word);
	fflush(server.words);
	await_ready();
}

int
ledger_place_postgres(void **state)
{
	struct ledger_place *place = new_place(state);

	if (server.words == NULL)
		start_server();
	place->postgres = true;
	snprintf(place->address, sizeof(place->address), "postgresql://tests@/tests?host=%s", server.directory);
	/* A test that failed may have left a transaction open. */
	assert_int_equal(ledger_place_sql(place,
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE datname = 'tests' AND pid <> pg_backend_pid();"
	    "SET lock_timeout = '10s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public;"), 0);
	return 0;
}

int
ledger_place_end(void **state)
{
	(void)state;
	if (server.words == NULL)
		return 0;
	fclose(server.words);
	waitpid(server.script, NULL, 0);
	fclose(server.answers);
	return rmdir(server.directory);
}

/* ---- Both ---------------------------------------------------------------------------- */

int
ledger_place_remove(void **state)
{
	struct ledger_place *place = *state;
	char command[96];
	int status = 0;

	snprintf(command, sizeof(command), "rm -rf %s", place->directory);
	status = system(command);
	free(place);
	return status;
}

struct ledger *
ledger_place_open(const struct ledger_place *place)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	return ledger;
}

int
ledger_place_sql(const struct ledger_place *place, const char *sql)
{
	char command[320];
	FILE *tool = NULL;

	if (place->postgres)
		snprintf(command, sizeof(command), "psql -Xq -v ON_ERROR_STOP=1 '%s' >/dev/null 2>&1", place->address);
	else
		snprintf(command, sizeof(command), "sqlite3 -bail %s >/dev/null 2>&1", place->path);
	tool = popen(command, "w");
	assert_non_null(tool);
	fprintf(tool, "%s\n", sql);
	return pclose(tool);
}

/* pg_dump begins and ends what it says with a word that is another one each time. */
void
ledger_place_digest(const struct ledger_place *place, char digest[LEDGER_PLACE_DIGEST_SIZE])
{
	char command[512];
	FILE *tool = NULL;

	if (place->postgres)
		snprintf(command, sizeof(command),
		    "pg_dump --no-owner --inserts '%s' | grep -v '^.[un]*restrict ' | md5sum", place->address);
	else
		snprintf(command, sizeof(command), "sqlite3 -bail %s .dump 'PRAGMA user_version' | md5sum",
		    place->path);
	tool = popen(command, "r");
	assert_non_null(tool);
	assert_non_null(fgets(digest, LEDGER_PLACE_DIGEST_SIZE, tool));
	assert_int_equal(pclose(tool), 0);
}

const char *
ledger_place_unlocking(const struct ledger_place *place)
{
	return place->postgres ? "ALTER TABLE events DISABLE TRIGGER ALL;" :
				 "PRAGMA synchronous = OFF;"
				 "DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_remain;";
}
