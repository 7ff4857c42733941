/* Who has which connection, from the beginning of a transaction to its end. */
#include "ledger_engine.h"

/* Inside the mutex; one that is open before one that is not. */
static struct connection *
find_free(struct ledger *ledger)
{
	struct connection *closed = NULL;

	for (int i = 0; i < ledger->connections[0].engine->connections; i++) {
		struct connection *connection = &ledger->connections[i];

		if (!connection->held && connection->own != NULL)
			return connection;
		if (!connection->held && closed == NULL)
			closed = connection;
	}
	return closed;
}

/* Behind a thread that waits for another process, waiting in turn would add up. */
void
ledger_turn_until(struct timespec *until)
{
	clock_gettime(CLOCK_MONOTONIC, until);
	until->tv_sec += LEDGER_TURN_TIMEOUT_MS / 1000;
}

/* A connection for this thread, or NULL if the others keep all of them for too long. */
static struct connection *
take_connection(struct ledger *ledger, const struct timespec *until)
{
	struct connection *connection = NULL;
	int waited = 0;

	pthread_mutex_lock(&ledger->mutex);
	while ((connection = find_free(ledger)) == NULL && waited == 0)
		waited = pthread_cond_clockwait(&ledger->given_back, &ledger->mutex, CLOCK_MONOTONIC, until);
	if (connection != NULL) {
		connection->held = true;
		connection->holder = pthread_self();
	}
	pthread_mutex_unlock(&ledger->mutex);
	return connection;
}

/* Whoever takes a closed one next opens it anew. */
static void
give_back(struct ledger *ledger, struct connection *connection)
{
	if (connection->own != NULL && !connection->engine->at_rest(connection))
		connection_close(connection);
	pthread_mutex_lock(&ledger->mutex);
	connection->held = false;
	pthread_mutex_unlock(&ledger->mutex);
	/* Outside, for who wakes needs the mutex. */
	pthread_cond_signal(&ledger->given_back);
}

struct connection *
ledger_connection(struct ledger *ledger)
{
	struct connection *connection = NULL;

	pthread_mutex_lock(&ledger->mutex);
	for (int i = 0; i < CONNECTIONS_MAX && connection == NULL; i++)
		if (ledger->connections[i].held && pthread_equal(ledger->connections[i].holder, pthread_self()))
			connection = &ledger->connections[i];
	pthread_mutex_unlock(&ledger->mutex);
	return connection;
}

enum ledger_result
ledger_begin_until(struct ledger *ledger, enum ledger_access access, const struct timespec *until)
{
	struct connection *connection = take_connection(ledger, until);
	enum ledger_result result = LEDGER_OK;

	if (connection == NULL)
		return LEDGER_BUSY;
	if (connection->own == NULL)
		result = connection_open(connection, ledger->address, ledger->way);
	if (result == LEDGER_OK)
		result = connection->engine->begin(connection, access);
	connection->known.id[0] = '\0';
	if (result != LEDGER_OK)
		give_back(ledger, connection);
	return result;
}

enum ledger_result
ledger_begin(struct ledger *ledger, enum ledger_access access)
{
	struct timespec until;

	ledger_turn_until(&until);
	return ledger_begin_until(ledger, access, &until);
}

enum ledger_result
ledger_commit(struct ledger *ledger)
{
	struct connection *connection = ledger_connection(ledger);
	enum ledger_result result = connection->engine->commit(connection);

	give_back(ledger, connection);
	return result;
}

void
ledger_rollback(struct ledger *ledger)
{
	struct connection *connection = ledger_connection(ledger);

	connection->engine->rollback(connection);
	give_back(ledger, connection);
}
