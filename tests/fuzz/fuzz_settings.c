/*
 * The configuration file.  Input: the file.  Whatever it is: what is wrong is
 * said in one line that begins with the file's name and shows no value, and
 * what is read is within its limits, and the same when it is read again.
 */
#include "callcenter/settings.h"

#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of this process in memory: it is written for every input. */
static const char *
write_file(const uint8_t *data, size_t size)
{
	static char path[64];
	FILE *file = NULL;

	snprintf(path, sizeof(path), "/dev/shm/flex-verify-fuzz-%ld.env", (long)getpid());
	file = fopen(path, "w");
	if (file == NULL || fchmod(fileno(file), 0600) != 0 || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
	return path;
}

static void
check_error(const char *path, const struct config_error *error)
{
	size_t length = strnlen(error->text, sizeof(error->text));

	property(length > 0 && length < sizeof(error->text), "it is said what is wrong");
	property(strncmp(error->text, path, strlen(path)) == 0, "it begins with the file's name");
	property(strstr(error->text, SECRET) == NULL, "it shows no value");
	for (const char *at = error->text; *at != '\0'; at++)
		property((unsigned char)*at >= ' ' && *at != 0x7f, "it is one line of plain text");
}

static void
check_settings(const struct settings *settings)
{
	property(twilio_sid_valid(settings->account_sid, "AC") && twilio_sid_valid(settings->verify_service_sid, "VA"),
	    "SIDs have their shape");
	property(settings->auth_token != NULL || (settings->api_key_sid != NULL && settings->api_key_secret != NULL),
	    "there is something to sign in to Twilio with");
	property(settings->log_key != NULL && settings->ledger != NULL, "there are a ledger and its key");
	property(settings->threads >= 1 && settings->request_timeout_ms >= 1, "there is somebody to answer, in a time");
	property(settings->code_length >= 4 && settings->code_length <= 10, "a code has 4 to 10 digits");
	property(settings->checks_max >= 1 && settings->sends_max >= 1, "a code can be sent, and tried");
	property(settings->contact_source != CONTACT_SOURCE_REQUEST || settings->agent_auth == AGENT_AUTH_NONE,
	    "a number from the request counts only where nobody signs in");
	property(settings->channels != NULL && settings->channels[0] != NULL, "there is a channel");
	for (char **channel = settings->channels; channel != NULL && *channel != NULL; channel++)
		property(settings_channel_known(*channel) && settings_channel_allowed(settings, *channel),
		    "and each is one");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = write_file(data, size);
	struct config_error error = { "" }, again = { "" };
	struct settings settings;
	bool loaded = false;

	memset(&settings, 0, sizeof(settings));
	loaded = settings_load(path, &settings, &error);
	property(settings_check(path, &again) == loaded, "a file that is read twice is judged the same");
	if (loaded)
		check_settings(&settings);
	else
		check_error(path, &error);
	property(strcmp(error.text, again.text) == 0, "and in the same words");
	if (loaded)
		settings_free(&settings);
	unlink(path);
	return 0;
}
