/*
 * The sandbox's conferences and the callers' legs of them, as Twilio and Flex
 * have them: also what goes wrong there goes wrong here.
 */
#include "sandbox_client.h"

#include <stdio.h>
#include <string.h>

#define CORE        TWILIO "/2010-04-01/Accounts/" SANDBOX_ACCOUNT_SID
#define DESK_TASKS  "/sandbox/tasks"
#define TWIML       "Twiml=%3CResponse%3E%3CDial%3E%3C%2FDial%3E%3C%2FResponse%3E"
#define TASK_NAME   "WT00000000000000000000000000000001"

/* Ana's call: its SIDs, and the paths to them. */
struct leg {
	char call[SANDBOX_SID_SIZE], worker_call[SANDBOX_SID_SIZE];
	char call_path[TEXT_SIZE], worker_path[TEXT_SIZE], participant_path[TEXT_SIZE], desk_path[TEXT_SIZE];
};

static struct leg
anas_leg(struct client *f)
{
	struct leg leg;
	struct json_object *attributes = NULL, *conference = NULL, *participants = NULL;
	const char *text = NULL;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL }), 200);
	text = client_text(f, "attributes");
	assert_int_equal(json_parse(text, strlen(text), 8, &attributes), JSON_OK);
	conference = json_get_object(attributes, "conference");
	participants = json_get_object(conference, "participants");
	snprintf(leg.call, sizeof(leg.call), "%s", json_get_string(attributes, "call_sid"));
	snprintf(leg.worker_call, sizeof(leg.worker_call), "%s", json_get_string(participants, "worker"));
	snprintf(leg.call_path, sizeof(leg.call_path), CORE "/Calls/%s.json", leg.call);
	snprintf(leg.worker_path, sizeof(leg.worker_path), CORE "/Calls/%s.json", leg.worker_call);
	snprintf(leg.participant_path, sizeof(leg.participant_path), CORE "/Conferences/%s/Participants/%s.json",
	    json_get_string(conference, "sid"), leg.call);
	snprintf(leg.desk_path, sizeof(leg.desk_path), "/sandbox/legs/%s", leg.call);
	json_free(attributes);
	return leg;
}

static int
ask(struct client *f, const char *path, const char *body)
{
	return client_ask(f, (struct client_ask){ .path = path, .body = body });
}

static int
desk(struct client *f, const struct leg *leg, const char *body)
{
	return client_ask(f, (struct client_ask){ .path = leg->desk_path, .body = body, .basic = "" });
}

static size_t
conferences(struct client *f)
{
	assert_int_equal(client_ask(f, (struct client_ask){ .path = CORE "/Conferences.json",
	    .query = "FriendlyName=" TASK_NAME "&Status=in-progress" }), 200);
	return json_length(json_get_array(f->json, "conferences"));
}

static bool
is(struct client *f, const char *key)
{
	bool value = false;

	assert_true(json_get_bool(f->json, key, &value));
	return value;
}

static void
a_caller_who_leaves_ends_the_conference_unless_he_was_told_not_to(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	assert_int_equal(conferences(f), 1);
	assert_int_equal(ask(f, leg.participant_path, NULL), 200);
	assert_true(is(f, "end_conference_on_exit"));
	assert_int_equal(ask(f, leg.participant_path, "EndConferenceOnExit=false"), 200);
	assert_int_equal(ask(f, leg.call_path, TWIML), 200);
	assert_int_equal(conferences(f), 1);
	assert_int_equal(ask(f, leg.participant_path, NULL), 404);
	assert_int_equal(desk(f, &leg, "action=join&ends=true&conference=" TASK_NAME), 200);
	assert_true(is(f, "connected") && !is(f, "alone"));

	assert_int_equal(ask(f, leg.call_path, TWIML), 200);
	assert_int_equal(conferences(f), 0);
	assert_int_equal(ask(f, ANAS_CALL, NULL), 200);
	assert_string_equal(client_text(f, "assignment_status"), "wrapping");
	assert_int_equal(desk(f, &leg, "action=join&ends=true&conference=" TASK_NAME), 200);
	assert_true(is(f, "alone"));
}

static void
on_hold_nothing_about_the_end_takes_effect(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	assert_int_equal(ask(f, leg.participant_path, "Hold=true"), 200);
	assert_int_equal(ask(f, leg.participant_path, "EndConferenceOnExit=false"), 200);
	assert_true(is(f, "hold") && is(f, "end_conference_on_exit"));
}

static void
an_agent_s_call_that_is_told_anything_ends_the_conference(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	assert_int_equal(ask(f, leg.worker_path, NULL), 200);
	assert_string_equal(client_text(f, "direction"), "outbound-api");
	assert_int_equal(ask(f, leg.worker_path, TWIML), 200);
	assert_int_equal(conferences(f), 0);
}

static void
a_call_that_is_over_or_unknown_and_a_document_that_twilio_does_not_take_are_refused(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	ask(f, leg.call_path, "Twiml=%3CGather+action%3D%22%2Fx%22%2F%3E");
	client_assert_error(f, 400, 15004);
	ask(f, leg.call_path, "Nothing=1");
	client_assert_error(f, 400, 20001);
	ask(f, CORE "/Calls/CA00000000000000000000000000000000.json", TWIML);
	client_assert_error(f, 404, 20404);
	assert_int_equal(desk(f, &leg, "action=hang_up"), 200);
	assert_int_equal(conferences(f), 0);
	ask(f, leg.call_path, TWIML);
	client_assert_error(f, 400, 21220);
}

static void
a_leg_is_recorded_paused_and_gone_on_with(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char list[TEXT_SIZE], one[TEXT_SIZE];

	snprintf(list, sizeof(list), CORE "/Calls/%s/Recordings.json", leg.call);
	assert_int_equal(ask(f, list, NULL), 200);
	assert_int_equal(json_length(json_get_array(f->json, "recordings")), 0);
	assert_int_equal(ask(f, list, "RecordingChannels=dual"), 201);
	snprintf(one, sizeof(one), CORE "/Calls/%s/Recordings/%s.json", leg.call, client_text(f, "sid"));
	assert_int_equal(ask(f, one, "Status=paused"), 200);
	assert_string_equal(client_text(f, "status"), "paused");
	assert_int_equal(ask(f, one, "Status=stopped"), 400);
	assert_int_equal(ask(f, one, "Status=in-progress"), 200);
	assert_int_equal(desk(f, &leg, "action=hold"), 200);
	assert_true(is(f, "recording"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_caller_who_leaves_ends_the_conference_unless_he_was_told_not_to),
		CLIENT_TEST(on_hold_nothing_about_the_end_takes_effect),
		CLIENT_TEST(an_agent_s_call_that_is_told_anything_ends_the_conference),
		CLIENT_TEST(a_call_that_is_over_or_unknown_and_a_document_that_twilio_does_not_take_are_refused),
		CLIENT_TEST(a_leg_is_recorded_paused_and_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
