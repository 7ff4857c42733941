#include "audit.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "callcenter/audit_figures.h"

#define REPORT_MAX_BYTES 4096

/* ---- For people -------------------------------------------------------------- */

static void
print_range(const struct audit_options *options)
{
	char from[CLOCK_ISO8601_SIZE], to[CLOCK_ISO8601_SIZE];

	clock_format(options->from, from);
	clock_format(options->to, to);
	printf("Verifications begun from %s to %s:\n\n", options->from == INT64_MIN ? "the beginning" : from,
	    options->to == AUDIT_NO_END ? "now" : to);
}

static void
print_line(const char *name, int64_t count, const char *unit, double ratio, bool has_ratio)
{
	printf("%-24s %8lld", name, (long long)count);
	if (has_ratio)
		printf("   %.*f %s", unit[0] == '%' ? 1 : 2, ratio, unit);
	printf("\n");
}

static double
ratio(int64_t part, int64_t whole)
{
	return whole == 0 ? 0 : (double)part / (double)whole;
}

/* What nobody should overlook has a mark; all four lines stand there always. */
static void
print_decisions(const struct audit_figures *f)
{
	printf("\nDecided in that time:\n\n");
	print_line(f->overrides > 0 ? "! OVERRIDDEN, no proof" : "overridden, no proof", f->overrides, "", 0, false);
	print_line("  data released so", f->overridden_releases, "", 0, false);
	print_line(f->stops > 0 ? "! STOPPED by the caller" : "stopped by the caller", f->stops, "", 0, false);
	print_line("unlocked", f->unlocks, "", 0, false);
}

static void
print_text(const struct audit_options *options, const struct audit_figures *f)
{
	int64_t half = audit_figures_within(f, 50), most = audit_figures_within(f, 90);

	print_range(options);
	print_line("begun", f->begun, "", 0, false);
	print_line("code sent", f->sent, "", 0, false);
	print_line("approved", f->approved, "% of those begun", 100 * ratio(f->approved, f->begun), f->begun > 0);
	if (half >= 0)
		printf("%-24s %8.1f s half of them within, %.1f s nine in ten\n", "first code to approval",
		    (double)half / 1000, (double)most / 1000);
	print_line("codes sent", f->codes, "per verified caller", ratio(f->codes, f->approved), f->approved > 0);
	print_line("wrong codes", f->wrong_codes, "", 0, false);
	print_line("locks", f->locks, "", 0, false);
	print_line("customer data released", f->releases, "", 0, false);
	print_decisions(f);
}

/* ---- For programs ------------------------------------------------------------ */

/* What is not known is null. */
static void
add_moment(struct json_object *object, const char *key, int64_t at, bool known)
{
	char text[CLOCK_ISO8601_SIZE];

	clock_format_ms(at, text);
	json_add_string(object, key, known ? text : NULL);
}

static void
add_ratio(struct json_object *object, const char *key, int64_t part, int64_t whole)
{
	if (whole == 0)
		json_add_null(object, key);
	else
		json_add_decimal(object, key, ratio(part, whole), 4);
}

static void
add_within(struct json_object *object, const char *key, const struct audit_figures *f, int percent)
{
	int64_t time_ms = audit_figures_within(f, percent);

	if (time_ms < 0)
		json_add_null(object, key);
	else
		json_add_int(object, key, time_ms);
}

static void
add_figures(struct json_object *object, const struct audit_figures *f)
{
	json_add_int(object, "begun", f->begun);
	json_add_int(object, "code_sent", f->sent);
	json_add_int(object, "approved", f->approved);
	add_ratio(object, "pass_rate", f->approved, f->begun);
	add_within(object, "median_ms", f, 50);
	add_within(object, "p90_ms", f, 90);
	json_add_int(object, "codes", f->codes);
	add_ratio(object, "codes_per_approved", f->codes, f->approved);
	json_add_int(object, "wrong_codes", f->wrong_codes);
	json_add_int(object, "locks", f->locks);
	json_add_int(object, "releases", f->releases);
	json_add_int(object, "overrides", f->overrides);
	json_add_int(object, "overridden_releases", f->overridden_releases);
	json_add_int(object, "stops", f->stops);
	json_add_int(object, "unlocks", f->unlocks);
}

static bool
print_json(const struct audit_options *options, const struct audit_figures *f, bool whole)
{
	struct json_object *object = json_new_object();
	struct buffer text;
	bool written = false;

	add_moment(object, "from", options->from, options->from != INT64_MIN);
	add_moment(object, "to", options->to, options->to != AUDIT_NO_END);
	json_add_bool(object, "whole", whole);
	add_figures(object, f);
	buffer_init(&text, REPORT_MAX_BYTES);
	written = json_write(object, &text);
	if (written)
		puts(buffer_text(&text));
	buffer_free(&text);
	json_free(object);
	return written;
}

/* ------------------------------------------------------------------------------ */

static enum cli_exit
print_figures(const struct audit *audit, struct audit_figures *figures, bool whole)
{
	bool printed = audit_figures_end(figures);

	if (printed && audit->options.json)
		printed = print_json(&audit->options, figures, whole);
	else if (printed)
		print_text(&audit->options, figures);
	if (!printed)
		fprintf(stderr, "%s: no memory\n", audit->name);
	return printed ? CLI_DONE : CLI_UNREADABLE;
}

static enum cli_exit
report(struct audit *audit)
{
	struct inspection inspection;
	struct audit_figures figures;
	enum cli_exit code = audit_walk(audit, NULL, NULL, &inspection), printed = CLI_DONE;

	if (code == CLI_UNREADABLE)
		return code;
	audit_figures_init(&figures, audit->options.from, audit->options.to);
	if (ledger_each(audit->ledger, LEDGER_BY_VERIFICATION, INT64_MIN, audit_figures_add, &figures) != LEDGER_OK)
		printed = audit_unreadable(audit);
	else
		printed = print_figures(audit, &figures, code == CLI_DONE);
	audit_figures_free(&figures);
	if (code == CLI_BROKEN)
		audit_warn(audit, &inspection);
	return printed == CLI_DONE ? code : printed;
}

const struct audit_command audit_report = {
	.usage = "[--from T] [--to T] [--json]",
	.help = "Prints how verification goes: of the verifications whose first code was asked for from one\n"
		"time to another, how many were approved, how soon after the first code was sent, with how\n"
		"many codes.  What came of them later counts, too.  Times are UTC: 2026-11-22T09:00:00Z, or\n"
		"2026-11-22 for the beginning of that day; --to itself does not belong.\n\n"
		"  --json     a JSON object instead; times to verify are milliseconds\n",
	.accepts = "fjt",
	.run = report,
};
