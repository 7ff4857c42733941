#include "tally.h"

#include "base/metrics.h"
#include "customer_info.h"
#include "turn.h"

#include <stddef.h>
#include <string.h>

/* What the HTTP status alone would tell wrong. */
static enum metrics_result_of
result_of(enum refusal refusal)
{
	static const struct {
		enum refusal           refusal;
		enum metrics_result_of result;
	} rows[] = {
		{ REFUSAL_NONE, METRICS_DONE },
		{ REFUSAL_WRONG_CODE, METRICS_WRONG_CODE },
		{ REFUSAL_CODE_EXPIRED, METRICS_EXPIRED },
		{ REFUSAL_PIN_EXPIRED, METRICS_EXPIRED },
		{ REFUSAL_LINK_EXPIRED, METRICS_EXPIRED },
		/* Those whose sentence says that it is not known what became of the code. */
		{ REFUSAL_RESULT_UNCLEAR, METRICS_UNCLEAR },
		{ REFUSAL_TWILIO_TIMED_OUT, METRICS_UNCLEAR },
		{ REFUSAL_ANSWER_LOST, METRICS_UNCLEAR },
		{ REFUSAL_TWILIO_BAD_ANSWER, METRICS_UNCLEAR },
		{ REFUSAL_TWILIO_FAILED, METRICS_UNCLEAR },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].refusal == refusal)
			return rows[i].result;
	if (refusal_text(refusal)->status == 429)
		return METRICS_LIMITED;
	return refusal_text(refusal)->status >= 500 ? METRICS_FAILED : METRICS_REFUSED;
}

static void
count_limit(struct metrics *metrics, enum refusal refusal)
{
	static const struct {
		enum refusal       refusal;
		enum metrics_scope scope;
	} rows[] = {
		{ REFUSAL_TOO_MANY_CHECKS, METRICS_SCOPE_NUMBER },
		{ REFUSAL_TOO_MANY_SENDS, METRICS_SCOPE_NUMBER },
		{ REFUSAL_RESEND_TOO_SOON, METRICS_SCOPE_RESEND },
		{ REFUSAL_AGENT_LIMIT, METRICS_SCOPE_AGENT },
		{ REFUSAL_SYSTEM_LIMIT, METRICS_SCOPE_SYSTEM },
		{ REFUSAL_TWILIO_LIMIT, METRICS_SCOPE_TWILIO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].refusal == refusal)
			metrics_count(metrics, METRIC_RATE_LIMITED, (int)rows[i].scope, 0);
}

static enum metrics_denial
denial_of(const struct turn *turn, enum refusal refusal)
{
	if (refusal != REFUSAL_NONE) {
		int status = refusal_text(refusal)->status;

		if (status >= 500)
			return METRICS_DENIED_FAILED;
		return status == 401 ? METRICS_NOT_SIGNED_IN : METRICS_NOT_ALLOWED;
	}
	if (!turn->agent.identified)
		return METRICS_NOT_SIGNED_IN;
	if (!turn->agent.may_see)
		return METRICS_NOT_ALLOWED;
	return customer_info_needs_own_code(turn) ? METRICS_NEEDS_OWN_CODE : METRICS_NOT_VERIFIED;
}

static void
count_look(struct metrics *metrics, const struct turn *turn, enum refusal refusal)
{
	if (turn->released)
		metrics_count(metrics, METRIC_DATA_RELEASED, 0, 0);
	else
		metrics_count(metrics, METRIC_DATA_DENIED, (int)denial_of(turn, refusal), 0);
}

void
tally_count(const struct turn *turn, enum refusal refusal)
{
	struct metrics *metrics = turn->app->metrics;

	if (strcmp(turn->action, "start") == 0 || strcmp(turn->action, "text_link") == 0)
		metrics_count(metrics, METRIC_SENDS, (int)result_of(refusal), 0);
	else if (strcmp(turn->action, "check") == 0 || strcmp(turn->action, "check_pin") == 0 ||
	    strcmp(turn->action, "tap_yes") == 0 || strcmp(turn->action, "keyed_in") == 0)
		metrics_count(metrics, METRIC_CHECKS, (int)result_of(refusal), 0);
	else if (strcmp(turn->action, "info") == 0)
		count_look(metrics, turn, refusal);
	count_limit(metrics, refusal);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		metrics_count(metrics, METRIC_LEDGER_FAILURES, 0, 0);
}
