#include "chain.h"

#include "base/buffer.h"
#include "base/secret.h"

#include <inttypes.h>
#include <string.h>

/* An event's members at their longest, with their lengths. */
#define TEXT_MAX_BYTES 2048

/* Each with its length before it, so that no two events make the same text. */
static void
add(struct buffer *text, const char *member)
{
	buffer_printf(text, "%zu:%s,", strlen(member), member);
}

static void
add_number(struct buffer *text, int64_t number)
{
	buffer_printf(text, "%" PRId64 ",", number);
}

static bool
authenticate(const char *key, struct buffer *text, char code[LEDGER_LINK_SIZE])
{
	bool done = !text->failed && secret_authenticate(key, buffer_text(text), code);

	buffer_free(text);
	return done;
}

bool
chain_link(const char *key, const char *previous, int64_t position, const struct ledger_event *event,
    char link[LEDGER_LINK_SIZE])
{
	struct buffer text;

	buffer_init(&text, TEXT_MAX_BYTES);
	add(&text, "event");
	add(&text, previous);
	add_number(&text, position);
	add_number(&text, event->at);
	add(&text, event->verification);
	add(&text, event->interaction);
	add(&text, event->task_sid);
	add(&text, event->action);
	add(&text, event->outcome);
	add(&text, event->agent_id);
	add(&text, event->channel);
	add(&text, event->to_id);
	add(&text, event->to_mask);
	add(&text, event->request_id);
	add_number(&text, event->twilio_code);
	add_number(&text, event->sends);
	add_number(&text, event->failures);
	/* Events of the ledger's first version have no note: the text of one without ends before it. */
	if (event->note[0] != '\0')
		add(&text, event->note);
	return authenticate(key, &text, link);
}

static bool
seal_place(const char *key, const char *what, int64_t position, const char *link, char seal[LEDGER_LINK_SIZE])
{
	struct buffer text;

	buffer_init(&text, TEXT_MAX_BYTES);
	add(&text, what);
	add_number(&text, position);
	add(&text, link);
	return authenticate(key, &text, seal);
}

bool
chain_seal(const char *key, int64_t position, const char *link, char seal[LEDGER_LINK_SIZE])
{
	return seal_place(key, "seal", position, link, seal);
}

bool
chain_origin(const char *key, int64_t position, const char *link, char seal[LEDGER_LINK_SIZE])
{
	return seal_place(key, "origin", position, link, seal);
}
