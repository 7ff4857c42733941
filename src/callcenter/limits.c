#include "limits.h"

#include "base/clock.h"
#include "turn.h"

#include <stdlib.h>

struct limit {
	enum ledger_operation operation;
	enum ledger_scope     scope;
	enum ledger_counted   counted;
	int64_t               window_ms;
	size_t                most; /* offset in struct settings; 0 there: no limit */
	enum refusal          refusal;
};

#define AT(member) offsetof(struct settings, member)

/* A locked number is told before a busy agent: it is the better reason to verify another way. */
static const struct limit table[] = {
	{ LEDGER_OPERATION_CHECK, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_FAILURES, CLOCK_HOUR_MS,
	    AT(failures_per_number_hour), REFUSAL_TOO_MANY_CHECKS },
	{ LEDGER_OPERATION_CHECK, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_FAILURES, CLOCK_DAY_MS,
	    AT(failures_per_number_day), REFUSAL_TOO_MANY_CHECKS },
	{ LEDGER_OPERATION_CHECK, LEDGER_SCOPE_AGENT, LEDGER_COUNTED_FAILURES, CLOCK_HOUR_MS,
	    AT(failures_per_agent_hour), REFUSAL_AGENT_LIMIT },
	/* A number with too many wrong codes gets no new code either. */
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_FAILURES, CLOCK_HOUR_MS,
	    AT(failures_per_number_hour), REFUSAL_TOO_MANY_CHECKS },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_FAILURES, CLOCK_DAY_MS,
	    AT(failures_per_number_day), REFUSAL_TOO_MANY_CHECKS },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_SENDS, CLOCK_HOUR_MS, AT(sends_per_number_hour),
	    REFUSAL_TOO_MANY_SENDS },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_NUMBER, LEDGER_COUNTED_SENDS, CLOCK_DAY_MS, AT(sends_per_number_day),
	    REFUSAL_TOO_MANY_SENDS },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_INTERACTION, LEDGER_COUNTED_SENDS, CLOCK_DAY_MS,
	    AT(sends_per_interaction), REFUSAL_TOO_MANY_SENDS },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_AGENT, LEDGER_COUNTED_SENDS, CLOCK_HOUR_MS, AT(sends_per_agent_hour),
	    REFUSAL_AGENT_LIMIT },
	{ LEDGER_OPERATION_SEND, LEDGER_SCOPE_SYSTEM, LEDGER_COUNTED_SENDS, CLOCK_HOUR_MS, AT(sends_per_hour),
	    REFUSAL_SYSTEM_LIMIT },
};

static int
most_of(const struct turn *turn, const struct limit *limit)
{
	return *(const int *)((const char *)&turn->app->settings + limit->most);
}

static const char *
key_of(const struct turn *turn, enum ledger_scope scope)
{
	switch (scope) {
	case LEDGER_SCOPE_NUMBER:
		return turn->contact.to_id;
	case LEDGER_SCOPE_AGENT:
		return turn->agent.id;
	case LEDGER_SCOPE_INTERACTION:
		return turn->contact.interaction;
	case LEDGER_SCOPE_SYSTEM:
	case LEDGER_SCOPE__MAX:
		return "";
	}
	return "";
}

/* Nobody signs in with AGENT_AUTH=none, so there is no agent to count. */
static bool
applies(const struct turn *turn, const struct limit *limit, enum ledger_operation operation)
{
	return limit->operation == operation && most_of(turn, limit) > 0 &&
	    (limit->scope != LEDGER_SCOPE_AGENT || turn->agent.identified);
}

/* A time in the future was written before the clock was set back, and opens nothing. */
static enum ledger_result
last_opening(const struct turn *turn, enum ledger_opening opening, int64_t now, int64_t *at)
{
	return ledger_last_opening(turn->app->ledger, turn->contact.to_id, opening, now + VERIFICATION_CLOCK_STEP_MS,
	    at);
}

/* The wrong codes of a number count afresh when a supervisor has opened it. */
static enum ledger_result
find_start(const struct turn *turn, const struct limit *limit, int64_t now, int64_t *since)
{
	int64_t unlocked_at = 0;
	enum ledger_result result = LEDGER_OK;

	*since = now - limit->window_ms;
	if (limit->scope != LEDGER_SCOPE_NUMBER || limit->counted != LEDGER_COUNTED_FAILURES)
		return LEDGER_OK;
	result = last_opening(turn, LEDGER_OPENING_UNLOCKED, now, &unlocked_at);
	if (unlocked_at > *since)
		*since = unlocked_at;
	return result;
}

static enum refusal
check_limit(struct turn *turn, const struct limit *limit, int64_t now)
{
	struct ledger *ledger = turn->app->ledger;
	const char *key = key_of(turn, limit->scope);
	int most = most_of(turn, limit);
	int64_t since = 0, sum = 0, last = 0;

	if (find_start(turn, limit, now, &since) != LEDGER_OK ||
	    ledger_sum(ledger, limit->scope, key, limit->counted, since, &sum) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (sum < most)
		return REFUSAL_NONE;
	if (ledger_falls_below(ledger, limit->scope, key, limit->counted, most, since, &last) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	turn->opens_at = last + limit->window_ms;
	return limit->refusal;
}

/* NIST SP 800-63B-4, 3.2.2: after so many in a row no time opens it again, only a supervisor (or a right code). */
static enum refusal
check_row(struct turn *turn, int64_t now)
{
	int most = turn->app->settings.failures_in_a_row;
	int64_t approved_at = 0, unlocked_at = 0, sum = 0;

	if (most == 0)
		return REFUSAL_NONE;
	if (last_opening(turn, LEDGER_OPENING_APPROVED, now, &approved_at) != LEDGER_OK ||
	    last_opening(turn, LEDGER_OPENING_UNLOCKED, now, &unlocked_at) != LEDGER_OK ||
	    ledger_sum(turn->app->ledger, LEDGER_SCOPE_NUMBER, turn->contact.to_id, LEDGER_COUNTED_FAILURES,
		approved_at > unlocked_at ? approved_at : unlocked_at, &sum) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return sum < most ? REFUSAL_NONE : REFUSAL_TOO_MANY_CHECKS;
}

/* Seconds to wait after the nth send in a row; the last one goes on for all further ones. */
static int64_t
wait_after(const struct settings *settings, int64_t sends)
{
	const char *word = "0";

	for (int64_t i = 0; i < sends && settings->resend_after_s[i] != NULL; i++)
		word = settings->resend_after_s[i];
	return strtol(word, NULL, 10) * INT64_C(1000);
}

static enum ledger_result
find_resend_at(const struct turn *turn, int64_t now, int64_t *resend_at)
{
	struct ledger *ledger = turn->app->ledger;
	const char *to_id = turn->contact.to_id;
	int64_t sends = 0, last = 0, since = now - turn->app->limits.code_valid_ms;
	enum ledger_result result = ledger_sum(ledger, LEDGER_SCOPE_NUMBER, to_id, LEDGER_COUNTED_SENDS, since, &sends);

	*resend_at = 0;
	if (result == LEDGER_OK)
		result = ledger_last_send(ledger, to_id, since, &last);
	if (result == LEDGER_OK && last > 0)
		*resend_at = last + wait_after(&turn->app->settings, sends);
	return result;
}

static enum refusal
check_cool_down(struct turn *turn, int64_t now)
{
	int64_t resend_at = 0;

	if (find_resend_at(turn, now, &resend_at) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (now >= resend_at)
		return REFUSAL_NONE;
	turn->resend_at = turn->opens_at = resend_at;
	return REFUSAL_RESEND_TOO_SOON;
}

enum refusal
limits_check(struct turn *turn, enum ledger_operation operation, int64_t now)
{
	enum refusal refusal = REFUSAL_NONE;

	turn->opens_at = 0;
	if (operation == LEDGER_OPERATION_SEND || operation == LEDGER_OPERATION_CHECK)
		refusal = check_row(turn, now);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && refusal == REFUSAL_NONE; i++)
		if (applies(turn, &table[i], operation))
			refusal = check_limit(turn, &table[i], now);
	if (refusal == REFUSAL_NONE && operation == LEDGER_OPERATION_SEND)
		refusal = check_cool_down(turn, now);
	turn->number_locked = refusal == REFUSAL_TOO_MANY_CHECKS;
	return refusal;
}

enum ledger_result
limits_look(struct turn *turn, int64_t now)
{
	enum refusal refusal = REFUSAL_NONE;

	turn->opens_at = 0;
	refusal = check_row(turn, now);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && refusal == REFUSAL_NONE; i++)
		if (table[i].scope == LEDGER_SCOPE_NUMBER && applies(turn, &table[i], LEDGER_OPERATION_CHECK))
			refusal = check_limit(turn, &table[i], now);
	turn->number_locked = refusal == REFUSAL_TOO_MANY_CHECKS;
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		return LEDGER_FAILED;
	return find_resend_at(turn, now, &turn->resend_at);
}
