#include "rate_limits.h"

#include "base/json.h"
#include "base/secret.h"
#include "turn.h"

#include <string.h>

static const struct {
	const char            *word;
	enum rate_limit_source source;
} sources[] = {
	{ "number", RATE_LIMIT_NUMBER },
	{ "agent", RATE_LIMIT_AGENT },
	{ "interaction", RATE_LIMIT_INTERACTION },
	{ "system", RATE_LIMIT_SYSTEM },
};

static bool
read_source(const char *word, enum rate_limit_source *source)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].word, word) != 0)
			continue;
		*source = sources[i].source;
		return true;
	}
	return false;
}

bool
rate_limit_read(const char *word, struct rate_limit *limit)
{
	static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t length = strspn(word, name_characters);

	if (length == 0 || length >= sizeof(limit->name) || word[length] != ':')
		return false;
	memcpy(limit->name, word, length);
	limit->name[length] = '\0';
	return read_source(word + length + 1, &limit->source);
}

bool
rate_limit_valid(const char *word)
{
	struct rate_limit limit;

	return rate_limit_read(word, &limit);
}

static bool
named_before(char *const *words, char *const *end, const char *name)
{
	struct rate_limit limit;

	for (; words < end; words++)
		if (rate_limit_read(*words, &limit) && strcmp(limit.name, name) == 0)
			return true;
	return false;
}

const char *
rate_limits_fault(char *const *words, bool has_agents)
{
	struct rate_limit limit;

	for (char *const *word = words; *word != NULL; word++) {
		if (!rate_limit_read(*word, &limit))
			return "RATE_LIMITS has a word that is none";
		if (named_before(words, word, limit.name))
			return "RATE_LIMITS names a limit twice: Twilio counts one thing under one name";
		if (limit.source == RATE_LIMIT_AGENT && !has_agents)
			return "RATE_LIMITS counts agents, and with AGENT_AUTH=none nobody signs in";
	}
	return NULL;
}

static const char *
counted(const struct turn *turn, enum rate_limit_source source)
{
	switch (source) {
	case RATE_LIMIT_NUMBER:
		return contact_identity(&turn->contact);
	case RATE_LIMIT_AGENT: /* a call that no agent has yet stands for itself */
		return turn->agent.identified ? turn->agent.id : turn->contact.interaction;
	case RATE_LIMIT_INTERACTION:
		return turn->contact.interaction;
	case RATE_LIMIT_SYSTEM:
		return "system";
	}
	return "";
}

/* One that cannot be counted leaves the object incomplete. */
static void
add_limit(struct json_object *object, const struct turn *turn, const char *word)
{
	struct rate_limit limit = { .name = "" };
	char hash[SECRET_HASH_SIZE];
	bool made = rate_limit_read(word, &limit) &&
	    secret_keyed_hash(turn->app->settings.log_key, counted(turn, limit.source), hash);

	json_add(object, limit.name, made ? json_new_string(hash) : NULL);
}

bool
rate_limits_write(const struct turn *turn, struct buffer *out)
{
	char *const *words = turn->app->settings.rate_limits;
	struct json_object *object = NULL;
	bool written = false;

	if (*words == NULL)
		return true;
	object = json_new_object();
	for (; *words != NULL; words++)
		add_limit(object, turn, *words);
	written = json_write(object, out);
	json_free(object);
	return written;
}
