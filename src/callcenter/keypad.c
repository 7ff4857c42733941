#include "keypad.h"

#include "base/json.h"
#include "base/secret.h"
#include "turn.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(KEYPAD_ID) <= LEDGER_AGENT_SIZE, "the keypad has room in the ledger");
_Static_assert(KEYPAD_SEAL_SIZE == SECRET_CODE_SIZE, "a seal is a whole code");

void
keypad_act(struct turn *turn)
{
	memset(&turn->agent, 0, sizeof(turn->agent));
	turn_copy(turn->agent.id, sizeof(turn->agent.id), KEYPAD_ID);
	turn_copy(turn->agent.name, sizeof(turn->agent.name), KEYPAD_NAME);
}

bool
keypad_checked(const struct ledger_verification *v)
{
	return strcmp(v->checked_by_id, KEYPAD_ID) == 0;
}

bool
keypad_before_agent(const struct ledger_verification *v)
{
	return keypad_checked(v) && strcmp(v->sent_by_id, KEYPAD_ID) == 0;
}

/* The word before the SID keeps it from ever being the hash of anything else. */
bool
keypad_seal(const struct turn *turn, char seal[KEYPAD_SEAL_SIZE])
{
	char text[LEDGER_KEY_SIZE + sizeof(KEYPAD_ID) + 1];

	snprintf(text, sizeof(text), KEYPAD_ID " %s", turn->contact.interaction);
	return secret_authenticate(turn->app->settings.log_key, text, seal);
}

bool
keypad_sealed(const struct turn *turn)
{
	const char *shown = json_get_string(turn->contact.task.attributes, KEYPAD_SEAL_KEY);
	char seal[KEYPAD_SEAL_SIZE];

	return shown != NULL && keypad_seal(turn, seal) && secret_equal(seal, shown);
}
