/*
 * The customer look-up's answers.  Input: one answer.  Whatever it is: a
 * record is only what a 200 holds, a code goes to nothing but a number or an
 * e-mail address that the record names, and no field leaves that is not listed
 * or asks for more than there is.
 */
#include "base/clock.h"
#include "callcenter/customer_lookup.h"
#include "callcenter/info_fields.h"
#include "callcenter/turn.h"

#include "answers.h"

#include <string.h>

static const char *const words[] = { "name", "iban:5m", "phone:2c", "email:2s", NULL };

static bool
is_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static void
check_on_file(struct json_object *record)
{
	struct customer_on_file on_file;

	if (!customer_lookup_read(record, &on_file))
		return;
	property(on_file.id[0] != '\0', "a customer has an id");
	property(on_file.phone[0] == '\0' || (on_file.phone[0] == '+' && is_digits(on_file.phone + 1) &&
		json_get_string(record, "phone") != NULL),
	    "a number on file is one in E.164, or none");
	property(on_file.email[0] == '\0' || (phone_number_is_email(on_file.email) &&
		strcmp(on_file.email, json_get_string(record, "email")) == 0),
	    "an address on file is the record's, or none");
	property(json_has(record, "phone_changed_at") || on_file.phone_changed_at == 0, "no time is made up");
}

static bool
check_field(void *context, const char *key, struct json_object *value)
{
	struct json_object *record = context;

	(void)value;
	property(json_has(record, key), "no field is made up");
	property(strcmp(key, "name") == 0, "no field leaves that is not listed, or asks for more");
	return true;
}

/* The proof is old, by one channel and weak: of the words only the first is reached. */
static void
check_fields(struct json_object *record)
{
	static char *const strengths[] = { NULL };
	const struct info_proof proof = { .age_ms = 6 * CLOCK_MINUTE_MS, .channels = 1, .strength = 1, strengths };
	struct json_object *withheld = json_new_object();
	struct json_object *shown = info_fields_select(words, false, record, &proof, withheld);

	json_each(shown, check_field, record);
	json_free(shown);
	json_free(withheld);
}

static void
check_record(struct json_object *record)
{
	const size_t last = answers_given(1) != NULL ? 1 : 0;
	const struct answer *given = answers_given(last);

	property(last == 0 || answers_given(0)->result == HTTP_CLIENT_LOST, "only what was lost is asked for again");
	property(answers_given(2) == NULL, "and once");
	if (record == NULL) {
		property(given->result == HTTP_CLIENT_OK && given->status == 404, "only a 404 is nobody");
		return;
	}
	property(answers_positive(last) && given->status == 200, "only a 200 with a JSON object is a record");
	check_on_file(record);
	check_fields(record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char url[] = "https://crm.example/customers?x=1", username[] = "crm", password[] = SECRET;
	static const struct app app = { .settings = {
		.customer_lookup_url = url,
		.customer_lookup_username = username,
		.customer_lookup_password = password,
	} };
	struct turn turn;
	struct json_object *record = NULL;
	enum refusal refusal = REFUSAL_NONE;

	memset(&turn, 0, sizeof(turn));
	turn.app = &app;
	answers_begin(data, size);
	refusal = customer_lookup(&turn, CUSTOMER, "a b&c=d", &record);
	if (refusal == REFUSAL_NONE)
		check_record(record);
	else
		property(record == NULL, "a failed look-up has no record");
	json_free(record);
	answers_end();
	return 0;
}
