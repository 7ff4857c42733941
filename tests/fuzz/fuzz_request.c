/*
 * The way from FastCGI's variables and bytes to a request.  Input: variables,
 * one a line, and a body.  Whatever they are: a request that is read is one of
 * the program's, and one that is refused can still be answered.
 */
#include "http/request.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLES_MAX 64

static const struct request_rules posts = { .methods = REQUEST_POST, .query_allowed = false };
static const struct request_rules queries = { .methods = REQUEST_GET | REQUEST_POST, .query_allowed = true };

static void
take_variables(struct input *input, char *variables[VARIABLES_MAX + 1])
{
	char *text = input_text(input);
	struct input lines = { .at = text, .end = text + strlen(text) };
	size_t count = 0;

	while (count < VARIABLES_MAX && lines.at < lines.end)
		variables[count++] = input_line(&lines);
	variables[count] = NULL;
	free(text);
}

static size_t
count_named(char *const *variables, const char *name)
{
	size_t count = 0, length = strlen(name);

	for (; *variables != NULL; variables++)
		count += strncmp(*variables, name, length) == 0 && (*variables)[length] == '=';
	return count;
}

/* What an answer to a refusal looks at, too. */
static void
check_filled(const struct request *request)
{
	property(request->path != NULL && request->query != NULL && request->remote_addr != NULL,
	    "what a line of the log names is there");
	property(strlen(request->id) == REQUEST_ID_SIZE - 1 &&
		strspn(request->id, "0123456789abcdef") == REQUEST_ID_SIZE - 1,
	    "every request has an id of hex digits");
	property(request->origin == NULL || (strchr(request->origin, ',') == NULL &&
		strpbrk(request->origin, " \r\n\t") == NULL),
	    "an origin is one word");
}

static void
check_accepted(const struct request_input *input, const struct request_rules *rules, const struct request *request)
{
	static const char *const once[] = { "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "CONTENT_TYPE", "REMOTE_USER" };

	property(input->arrival == REQUEST_COMPLETE, "what did not arrive whole is refused");
	property(input->body_length <= REQUEST_BODY_MAX_BYTES, "no body is larger than the limit");
	property(request->method == REQUEST_OPTIONS || (request->method & rules->methods) != 0,
	    "no other method is accepted than the program's");
	property(rules->query_allowed || request->query[0] == '\0', "no query where none is allowed");
	property(request->remote_addr[0] != '\0', "it is known who asked");
	property(request->method != REQUEST_POST || request->body_type != REQUEST_BODY_OTHER,
	    "no body of an unknown kind");
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		property(count_named(input->variables, once[i]) <= 1, "no header that counts is there twice");
	if (request->bearer_token == NULL)
		return;
	property(request->bearer_token[0] != '\0' && strlen(request->bearer_token) <= REQUEST_TOKEN_MAX_BYTES,
	    "a token has a length");
	for (const char *at = request->bearer_token; *at != '\0'; at++)
		property(*at > ' ' && *at <= '~', "a token is one printable word");
}

static void
check_read(const struct request_input *input, const struct request_rules *rules)
{
	struct request request;
	enum request_result result = request_read(input, rules, &request);

	check_filled(&request);
	property(strncmp(request_result_name(result), "REQUEST_", 8) == 0, "every result has a name");
	if (result == REQUEST_OK)
		check_accepted(input, rules, &request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *variables[VARIABLES_MAX + 1];
	struct input parts = input_of(data, size);
	struct request_input input = { .variables = variables };
	char *body = NULL;

	take_variables(&parts, variables);
	input.body = body = input_part(&parts, &input.body_length);
	for (int arrival = REQUEST_COMPLETE; arrival <= REQUEST_TOO_LARGE; arrival++) {
		input.arrival = (enum request_arrival)arrival;
		check_read(&input, &posts);
		check_read(&input, &queries);
	}
	for (size_t i = 0; variables[i] != NULL; i++)
		free(variables[i]);
	free(body);
	return 0;
}
