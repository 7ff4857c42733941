#include "doctor.h"

#include "base/clock.h"
#include "base/json.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define JSON_LINE_MAX_BYTES 8192

/* ---- What a check says ------------------------------------------------------- */

static void say(struct doctor_finding *finding, enum doctor_level level, const char *advice, const char *format,
    va_list values) __attribute__((format(printf, 4, 0)));

static void
say(struct doctor_finding *finding, enum doctor_level level, const char *advice, const char *format, va_list values)
{
	char text[DOCTOR_TEXT_SIZE];

	vsnprintf(text, sizeof(text), format, values);
	/* Names in it may come from Twilio's answers. */
	cli_plain(text, finding->text, sizeof(finding->text));
	finding->level = level;
	finding->advice = advice;
}

void
doctor_ok(struct doctor_finding *finding, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(finding, DOCTOR_OK, NULL, format, values);
	va_end(values);
}

void
doctor_skip(struct doctor_finding *finding, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(finding, DOCTOR_SKIP, NULL, format, values);
	va_end(values);
}

void
doctor_warn(struct doctor_finding *finding, const char *advice, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(finding, DOCTOR_WARN, advice, format, values);
	va_end(values);
}

void
doctor_fail(struct doctor_finding *finding, const char *advice, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(finding, DOCTOR_FAIL, advice, format, values);
	va_end(values);
}

int64_t
doctor_deadline(const struct doctor *doctor)
{
	return clock_monotonic_ms() + doctor->settings.request_timeout_ms;
}

const char *
doctor_obstacle(enum http_client_result result, enum http_client_obstacle obstacle)
{
	switch (obstacle) {
	case HTTP_CLIENT_NO_ADDRESS:
		return "its name has no address here";
	case HTTP_CLIENT_NO_LISTENER:
		return result == HTTP_CLIENT_TIMED_OUT ? "no answer in time" : "the connection is refused";
	case HTTP_CLIENT_PROXY_FAULT:
		return "the proxy cannot be used";
	case HTTP_CLIENT_CERTIFICATE:
		return "its certificate does not verify";
	case HTTP_CLIENT_CA_FILE:
		return "CA_FILE holds no certificates";
	case HTTP_CLIENT_TLS_FAULT:
		return "no TLS connection comes about";
	case HTTP_CLIENT_NO_OBSTACLE:
	case HTTP_CLIENT_OTHER_OBSTACLE:
		break;
	}
	return result == HTTP_CLIENT_TIMED_OUT ? "no answer in time" : "the connection breaks";
}

/* ---- Printing ----------------------------------------------------------------- */

static const struct {
	const char *shown, *json;
} levels[] = {
	[DOCTOR_OK] = { "ok", "ok" },
	[DOCTOR_SKIP] = { "skip", "skip" },
	[DOCTOR_WARN] = { "warn", "warn" },
	[DOCTOR_FAIL] = { "FAIL", "fail" },
};

static void
print_json(const char *name, const struct doctor_finding *finding)
{
	struct json_object *object = json_new_object();
	struct buffer line;

	buffer_init(&line, JSON_LINE_MAX_BYTES);
	json_add_string(object, "check", name);
	json_add_string(object, "result", levels[finding->level].json);
	json_add_string(object, "text", finding->text);
	json_add_string(object, "advice", finding->advice);
	if (json_write(object, &line))
		puts(buffer_text(&line));
	buffer_free(&line);
	json_free(object);
}

static void
print_finding(bool json, const char *name, const struct doctor_finding *finding)
{
	if (json) {
		print_json(name, finding);
	} else {
		printf("%-4s  %-14s %s\n", levels[finding->level].shown, name, finding->text);
		if (finding->advice != NULL)
			printf("%-4s  %-14s %s\n", "", "", finding->advice);
	}
	/* Each as it is found: some take as long as a server that does not answer. */
	fflush(stdout);
}

/* ---- Running ------------------------------------------------------------------ */

static void
open_twilio(struct doctor *doctor)
{
	doctor->http = settings_new_http_client(&doctor->settings, NULL);
	doctor->twilio = settings_twilio(&doctor->settings, doctor->http);
}

static void
run_checks(struct doctor *doctor, const struct doctor_check *check, bool json, int counts[])
{
	for (; check->name != NULL; check++) {
		struct doctor_finding finding = { .level = DOCTOR_OK };

		check->run(doctor, &finding);
		print_finding(json, check->name, &finding);
		counts[finding.level]++;
	}
}

static enum cli_exit
examine(struct doctor *doctor, bool json)
{
	const struct doctor_check *const tables[] = { doctor_config_checks, doctor_host_checks, doctor_twilio_checks,
		doctor_service_checks, doctor_flex_checks, doctor_customer_checks };
	int counts[DOCTOR_FAIL + 1] = { 0 };

	open_twilio(doctor);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		run_checks(doctor, tables[i], json, counts);
	http_client_free(doctor->http);
	if (!json)
		printf("\n%d ok, %d to look at, %d failed, %d not checked; nothing was sent to anybody.\n",
		    counts[DOCTOR_OK], counts[DOCTOR_WARN], counts[DOCTOR_FAIL], counts[DOCTOR_SKIP]);
	return counts[DOCTOR_FAIL] > 0 ? CLI_BROKEN : CLI_DONE;
}

static enum cli_exit
run(const char *config_path, bool json)
{
	struct doctor doctor = { .http = NULL };
	struct config_error error = { .text = "" };
	struct doctor_finding finding = { .level = DOCTOR_OK };
	enum cli_exit code = CLI_USAGE;

	if (settings_load(config_path, &doctor.settings, &error))
		doctor_ok(&finding, "%s can be read, and not by everybody", config_path);
	else
		doctor_fail(&finding,
		    "Correct it as .env.example describes the key, or name the file by -c.",
		    "%s", error.text);
	print_finding(json, "configuration", &finding);
	if (finding.level != DOCTOR_OK)
		return CLI_USAGE;
	code = examine(&doctor, json);
	settings_free(&doctor.settings);
	return code;
}

/* ---- Options ------------------------------------------------------------------ */

static void
print_help(const char *name)
{
	printf("Usage: %s [-c FILE] [--json]\n\n"
	       "Checks, one after another: the configuration, the ledger, the credentials, how the Verify\n"
	       "service is set up, the workspace, token validation, the clock, certificates, and the\n"
	       "customer look-up.  Each gets a line: ok, warn, FAIL, or skip for what could not be looked\n"
	       "at; and below it what to do.  Nothing is sent to anybody, and no event is left in the ledger.\n"
	       "Ask as the user that the programs run as, so that it sees what they see.\n\n"
	       "  -c FILE    configuration, default: %s\n"
	       "  --json     a JSON object a line: check, result, text, advice\n"
	       "  --help     print this and exit\n"
	       "  --version  print name and version and exit\n\n"
	       "Exit codes: 0 nothing fails, 1 something fails, 2 wrong usage, or the configuration cannot be read.\n",
	    name, SETTINGS_PATH);
}

enum cli_exit
doctor_command(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config_path = SETTINGS_PATH;
	bool json = false;
	int option = 0;

	while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config_path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			print_help(argv[0]);
			return CLI_DONE;
		case 'V':
			cli_print_version();
			return CLI_DONE;
		default:
			return cli_usage(argv[0]);
		}
	}
	if (optind != argc) {
		fprintf(stderr, "%s: too many arguments\n", argv[0]);
		return cli_usage(argv[0]);
	}
	/* As http_client wants it. */
	signal(SIGPIPE, SIG_IGN);
	return run(config_path, json);
}
