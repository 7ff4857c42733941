#include "metrics_table.h"

static const char *const statuses[] = { "1xx", "2xx", "3xx", "4xx", "5xx", NULL };
static const char *const send_results[] = { "sent", "limited", "refused", "failed", "unclear", NULL };
static const char *const check_results[] = { "approved", "limited", "refused", "failed", "unclear", "wrong_code",
	"expired", NULL };
static const char *const scopes[] = { "number", "resend", "agent", "system", "twilio", NULL };
static const char *const denials[] = { "not_verified", "needs_own_code", "not_signed_in", "not_allowed", "failed",
	NULL };
static const char *const apis[] = { "customers", "verify", "iam", "taskrouter", "voice", "messaging",
	NULL };
static const char *const outcomes[] = { "ok", "refused", "unauthorized", "too_many", "failed", "unreachable",
	"timed_out", NULL };

const struct metrics_family metrics_table[METRIC__MAX] = {
	[METRIC_REQUESTS] = { "flex_verify_requests_total", "Requests answered, by class of HTTP status.",
	    METRICS_COUNTER, true, { "status" }, { statuses } },
	[METRIC_REQUEST_SECONDS] = { "flex_verify_request_seconds",
	    "From a request's arrival to its answer, what others were asked included.", METRICS_HISTOGRAM, true,
	    { NULL }, { NULL } },
	[METRIC_ACCEPT_ERRORS] = { "flex_verify_accept_errors_total",
	    "Connections that could not be accepted, for lack of descriptors or memory.", METRICS_COUNTER, true,
	    { NULL }, { NULL } },
	[METRIC_SENDS] = { "flex_verify_sends_total", "Requests to send a code, by what came of them.",
	    METRICS_COUNTER, false, { "result" }, { send_results } },
	[METRIC_CHECKS] = { "flex_verify_checks_total", "Requests to check a code, by what came of them.",
	    METRICS_COUNTER, false, { "result" }, { check_results } },
	[METRIC_RATE_LIMITED] = { "flex_verify_rate_limited_total", "Requests beyond a limit, by whose limit it is.",
	    METRICS_COUNTER, false, { "scope" }, { scopes } },
	[METRIC_DATA_RELEASED] = { "flex_verify_data_released_total", "Answers with a customer's data.",
	    METRICS_COUNTER, false, { NULL }, { NULL } },
	[METRIC_DATA_DENIED] = { "flex_verify_data_denied_total",
	    "Answers about a customer without data; a panel that waits for a code asks again and again.",
	    METRICS_COUNTER, false, { "reason" }, { denials } },
	[METRIC_LEDGER_FAILURES] = { "flex_verify_ledger_failures_total",
	    "Requests refused because the ledger could not be read or written.", METRICS_COUNTER, true, { NULL },
	    { NULL } },
	[METRIC_UPSTREAM_SECONDS] = { "flex_verify_upstream_seconds",
	    "Calls to Twilio and to the customer look-up, by what came of them.", METRICS_HISTOGRAM, false,
	    { "api", "outcome" }, { apis, outcomes } },
	[METRIC_THREADS] = { "flex_verify_threads", "Requests that can be served at a time.", METRICS_GAUGE, true,
	    { NULL }, { NULL } },
	[METRIC_THREADS_BUSY] = { "flex_verify_threads_busy", "Threads with a connection in hand.", METRICS_GAUGE,
	    true, { NULL }, { NULL } },
};

/* A code sent takes Twilio some 100 to 700 ms; REQUEST_TIMEOUT_MS is 10 s. */
const int64_t metrics_bounds_ms[METRICS_BOUND_COUNT] = { 50, 100, 250, 500, 1000, 2500, 5000, 10000 };

size_t
metrics_value_count(const struct metrics_family *family, int label)
{
	size_t count = 0;

	if (family->values[label] == NULL)
		return 1;
	while (family->values[label][count] != NULL)
		count++;
	return count;
}

size_t
metrics_cells_each(enum metrics_type type)
{
	return type == METRICS_HISTOGRAM ? METRICS_HISTOGRAM_CELLS : 1;
}

size_t
metrics_first_cell(enum metric metric)
{
	bool gauge = metrics_table[metric].type == METRICS_GAUGE;
	size_t first = 0;

	for (size_t i = 0; i < (size_t)metric; i++) {
		const struct metrics_family *family = &metrics_table[i];

		if ((family->type == METRICS_GAUGE) == gauge)
			first += metrics_value_count(family, 0) * metrics_value_count(family, 1) *
			    metrics_cells_each(family->type);
	}
	return first;
}

/* FNV-1a, over what says where a cell is and what it means. */
static uint64_t
mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t
mix_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = mix(hash, text, 1);
	return mix(hash, "", 1);
}

uint64_t
metrics_fingerprint(void)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < METRIC__MAX; i++) {
		const struct metrics_family *family = &metrics_table[i];

		hash = mix_text(hash, family->name);
		hash = mix(hash, &family->type, sizeof(family->type));
		for (size_t label = 0; label < METRICS_LABELS_MAX; label++)
			for (const char *const *value = family->values[label]; value != NULL && *value != NULL; value++)
				hash = mix_text(hash, *value);
	}
	return mix(hash, metrics_bounds_ms, sizeof(metrics_bounds_ms));
}
