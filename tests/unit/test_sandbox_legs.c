/*
 * The sandbox's conferences and the callers' legs of them, as Twilio and Flex
 * have them: also what goes wrong there goes wrong here.
 */
#include "sandbox_client.h"

#include <stdio.h>
#include <string.h>

#define CORE        TWILIO "/2010-04-01/Accounts/" SANDBOX_ACCOUNT_SID
#define OTHER_CORE  TWILIO "/2010-04-01/Accounts/AC00000000000000000000000000000002"
#define DESK_TASKS  "/sandbox/tasks"
#define TWIML       "Twiml=%3CResponse%3E%3CDial%3E%3C%2FDial%3E%3C%2FResponse%3E"
#define TASK_NAME   "WT00000000000000000000000000000001"

/* Ana's call: its SIDs, and the paths to them. */
struct leg {
	char call[SANDBOX_SID_SIZE], worker_call[SANDBOX_SID_SIZE];
	char conference[SANDBOX_SID_SIZE];
	char call_path[TEXT_SIZE], worker_path[TEXT_SIZE], participant_path[TEXT_SIZE], desk_path[TEXT_SIZE];
};

static struct leg
leg_of(struct client *f, const char *task)
{
	struct leg leg;
	struct json_object *attributes = NULL, *conference = NULL, *participants = NULL;
	const char *text = NULL;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = task }), 200);
	text = client_text(f, "attributes");
	assert_int_equal(json_parse(text, strlen(text), 8, &attributes), JSON_OK);
	conference = json_get_object(attributes, "conference");
	participants = json_get_object(conference, "participants");
	snprintf(leg.call, sizeof(leg.call), "%s", json_get_string(participants, "customer"));
	snprintf(leg.conference, sizeof(leg.conference), "%s", json_get_string(conference, "sid"));
	snprintf(leg.worker_call, sizeof(leg.worker_call), "%s", json_get_string(participants, "worker"));
	snprintf(leg.call_path, sizeof(leg.call_path), CORE "/Calls/%s.json", leg.call);
	snprintf(leg.worker_path, sizeof(leg.worker_path), CORE "/Calls/%s.json", leg.worker_call);
	snprintf(leg.participant_path, sizeof(leg.participant_path), CORE "/Conferences/%s/Participants/%s.json",
	    json_get_string(conference, "sid"), leg.call);
	snprintf(leg.desk_path, sizeof(leg.desk_path), "/sandbox/legs/%s", leg.call);
	json_free(attributes);
	return leg;
}

static struct leg
anas_leg(struct client *f)
{
	return leg_of(f, ANAS_CALL);
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

static void
a_recording_is_of_a_customer_s_leg_that_is_not_over(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char list[TEXT_SIZE], one[TEXT_SIZE], recording[SANDBOX_SID_SIZE];

	snprintf(list, sizeof(list), CORE "/Calls/%s/Recordings.json", leg.worker_call);
	ask(f, list, "RecordingChannels=dual");
	client_assert_error(f, 400, 21220);
	snprintf(list, sizeof(list), CORE "/Calls/%s/Recordings.json", leg.call);
	snprintf(one, sizeof(one), CORE "/Calls/%s/Recordings/RE00000000000000000000000000000001.json", leg.call);
	ask(f, one, "Status=paused");
	client_assert_error(f, 404, 20404);
	assert_int_equal(ask(f, list, "RecordingChannels=dual"), 201);
	ask(f, one, "Status=paused");
	client_assert_error(f, 404, 20404);
	assert_int_equal(ask(f, list, NULL), 200);
	assert_int_equal(json_length(json_get_array(f->json, "recordings")), 1);
	snprintf(recording, sizeof(recording), "%s",
	    json_get_string(json_item(json_get_array(f->json, "recordings"), 0), "sid"));
	snprintf(one, sizeof(one), CORE "/Calls/%s/Recordings/%s", leg.call, recording);
	ask(f, one, "Status=paused"); /* without .json */
	client_assert_error(f, 404, 20404);
	snprintf(one, sizeof(one), CORE "/Calls/%s/Recordings/%s.json", leg.call, recording);
	ask(f, one, "Other=1");
	client_assert_error(f, 400, 20001);
	assert_int_equal(ask(f, one, "Status=paused"), 200);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = leg.desk_path }), 200);
	assert_false(is(f, "recording"));

	assert_int_equal(desk(f, &leg, "action=hang_up"), 200);
	assert_int_equal(ask(f, list, NULL), 200);
	assert_string_equal(json_get_string(json_item(json_get_array(f->json, "recordings"), 0), "status"),
	    "completed");
	ask(f, list, "RecordingChannels=dual");
	client_assert_error(f, 400, 21220);
}

static void
calls_conferences_and_recordings_are_found_by_the_very_names_that_they_have(void **state)
{
	static const struct {
		const char *before, *after; /* the call's SID */
	} calls[] = {
		{ OTHER_CORE "/Calls/", ".json" },
		{ CORE "/Calls/", "" },
		{ CORE "/Calls/x", ".json" },
		{ OTHER_CORE "/Calls/", "/Recordings.json" },
		{ CORE "/Calls/x", "/Recordings.json" },
	};
	static const struct {
		const char *core, *before_conference, *before_call, *after;
	} participants[] = {
		{ OTHER_CORE, "", "", ".json" },
		{ CORE, "", "", "" },
		{ CORE, "x", "", ".json" },
		{ CORE, "", "x", ".json" },
	};
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char path[2 * TEXT_SIZE];

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		snprintf(path, sizeof(path), "%s%s%s", calls[i].before, leg.call, calls[i].after);
		ask(f, path, NULL);
		client_assert_error(f, 404, 20404);
	}
	ask(f, CORE "/Calls/CA1", NULL);
	client_assert_error(f, 404, 20404);
	ask(f, OTHER_CORE "/Conferences.json", NULL);
	client_assert_error(f, 404, 20404);
	for (size_t i = 0; i < sizeof(participants) / sizeof(*participants); i++) {
		snprintf(path, sizeof(path), "%s/Conferences/%s%s/Participants/%s%s%s", participants[i].core,
		    participants[i].before_conference, leg.conference, participants[i].before_call, leg.call,
		    participants[i].after);
		ask(f, path, NULL);
		client_assert_error(f, 404, 20404);
		ask(f, path, "Hold=true");
		client_assert_error(f, 404, 20404);
	}
	snprintf(path, sizeof(path), OTHER_CORE "/Calls/%s/Recordings.json", leg.call);
	ask(f, path, "RecordingChannels=dual");
	client_assert_error(f, 404, 20404);
	snprintf(path, sizeof(path), OTHER_CORE "/Calls/%s/Recordings/RE1.json", leg.call);
	ask(f, path, "Status=paused");
	client_assert_error(f, 404, 20404);
	snprintf(path, sizeof(path), OTHER_CORE "/Calls/%s.json", leg.call);
	ask(f, path, "Status=completed");
	client_assert_error(f, 404, 20404);
}

static void
a_call_is_given_twiml_or_its_end_and_nothing_else(void **state)
{
	static const char *const bodies[] = { TWIML "&Status=completed", "Status=canceled", "Status=", "Twiml=" };
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char body[SANDBOX_ATTRIBUTES_MAX_CHARACTERS] = "Twiml=";

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		ask(f, leg.call_path, bodies[i]);
		client_assert_error(f, 400, 20001);
	}
	memset(body + strlen(body), 'x', 4001);
	ask(f, leg.call_path, body);
	client_assert_error(f, 400, 20001);
	assert_int_equal(ask(f, leg.call_path, NULL), 200);
	assert_string_equal(client_text(f, "status"), "in-progress");
	assert_string_equal(client_text(f, "direction"), "inbound");
	assert_string_equal(client_text(f, "from"), PERSON);
	/* Addresses that a verb calls are whole ones. */
	assert_int_equal(ask(f, leg.call_path, "Twiml=%3CGather+action%3D%22https%3A%2F%2Fexample.com%2F%22%2F%3E"
	    "%3CGather+action%3D%22http%3A%2F%2F127.0.0.1%2F%22%2F%3E"), 200);
	assert_int_equal(ask(f, leg.call_path, "Status=completed"), 200);
	assert_string_equal(client_text(f, "status"), "completed");
	ask(f, leg.call_path, "Status=completed");
	client_assert_error(f, 400, 21220);
}

static void
a_call_that_an_agent_dialled_goes_out_from_the_call_centre(void **state)
{
	struct client *f = *state;
	const struct leg leg = leg_of(f, TASK("1001"));

	assert_int_equal(ask(f, leg.call_path, NULL), 200);
	assert_string_equal(client_text(f, "direction"), "outbound-api");
	assert_string_equal(client_text(f, "from"), SANDBOX_CENTRE_NUMBER);
	assert_string_equal(client_text(f, "to"), "+12025550104");
}

static void
an_agent_is_in_a_conference_as_a_participant_that_ends_it(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), CORE "/Conferences/%s/Participants/%s.json", leg.conference, leg.worker_call);
	assert_int_equal(ask(f, leg.participant_path, "EndConferenceOnExit=false&Hold=true"), 200);
	assert_true(is(f, "hold") && !is(f, "end_conference_on_exit"));
	assert_int_equal(ask(f, path, NULL), 200);
	assert_string_equal(client_text(f, "call_sid"), leg.worker_call);
	assert_true(is(f, "end_conference_on_exit") && !is(f, "hold"));
	/* What is said of an agent changes nothing here. */
	assert_int_equal(ask(f, path, "EndConferenceOnExit=false&Hold=false"), 200);
	assert_true(is(f, "end_conference_on_exit") && !is(f, "hold"));
	assert_int_equal(ask(f, leg.participant_path, NULL), 200);
	assert_true(is(f, "hold") && !is(f, "end_conference_on_exit"));
	assert_int_equal(ask(f, leg.worker_path, "Status=completed"), 200);
	assert_string_equal(client_text(f, "status"), "completed");
	ask(f, path, NULL);
	client_assert_error(f, 404, 20404);
}

static void
conferences_are_listed_by_name_and_status_and_at_most_fifty(void **state)
{
	static const struct {
		const char *query;
		size_t      count;
	} rows[] = {
		{ NULL, 50 },
		{ "FriendlyName=" TASK_NAME, 1 },
		{ "FriendlyName=" TASK_NAME "&Status=in-progress", 0 },
		{ "FriendlyName=" TASK_NAME "&Status=completed", 1 },
		{ "FriendlyName=nobodys", 0 },
	};
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	assert_int_equal(desk(f, &leg, "action=hang_up"), 200);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(client_ask(f, (struct client_ask){ .path = CORE "/Conferences.json",
		    .query = rows[i].query }), 200);
		assert_int_equal(json_length(json_get_array(f->json, "conferences")), rows[i].count);
	}
}

static void
the_phone_shows_what_the_caller_was_given_to_do(void **state)
{
	static const char *const bodies[] = { "", "action=", "action=dance", "action=join", ("conference=" TASK_NAME) };
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char document[2 * TEXT_SIZE];

	snprintf(document, sizeof(document), "%s/twiml", leg.desk_path);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = document, .basic = "" }), 404);
	assert_int_equal(ask(f, leg.call_path, TWIML), 200);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = document, .basic = "" }), 200);
	assert_string_equal(buffer_text(&f->response.body), "<Response><Dial></Dial></Response>");
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(desk(f, &leg, bodies[i]), 400);
	assert_int_equal(desk(f, &leg, "action=hold"), 200);
	assert_int_equal(desk(f, &leg, "action=unhold"), 200);
	/* The conference ended when the caller left it: whoever dials into it is alone in a new one. */
	assert_int_equal(desk(f, &leg, "action=join&conference=" TASK_NAME), 200);
	assert_true(is(f, "alone") && !is(f, "ends"));
	assert_int_equal(client_ask(f, (struct client_ask){ .path = document, .basic = "" }), 404);
	assert_int_equal(desk(f, &leg, "action=hang_up"), 200);
	assert_true(is(f, "over") && !is(f, "connected"));
	assert_int_equal(desk(f, &leg, "action=hang_up"), 404);
}

static void
a_phone_that_has_no_such_call_says_so(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/legs/CA1", .basic = "" }), 404);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/legs/CA1/twiml", .basic = "" }), 404);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/legs/CA1", .basic = "",
	    .body = "action=hang_up" }), 404);
}

static void
whoever_joins_another_conference_than_the_agent_s_is_alone(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);

	assert_int_equal(ask(f, leg.participant_path, "EndConferenceOnExit=false"), 200);
	assert_int_equal(ask(f, leg.call_path, TWIML), 200);
	assert_int_equal(desk(f, &leg, "action=join&ends=false&conference=another"), 200);
	assert_true(is(f, "alone"));
	assert_int_equal(conferences(f), 0);
}

static void
a_caller_who_hangs_up_after_a_transfer_leaves_whoever_has_the_call_now(void **state)
{
	struct client *f = *state;
	const struct leg leg = anas_leg(f);
	char path[TEXT_SIZE], sid[SANDBOX_SID_SIZE];

	assert_int_equal(client_ask(f, (struct client_ask){ .path = DESK_TASKS "/" TASK_NAME, .basic = "",
	    .body = "worker=" ANA "&action=transfer&to=" BEN }), 200);
	snprintf(sid, sizeof(sid), "%s", client_text(f, "sid"));
	snprintf(path, sizeof(path), DESK_TASKS "/%s", sid);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path, .basic = "",
	    .body = "worker=" BEN "&action=accept" }), 200);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = DESK_TASKS "/" TASK_NAME, .basic = "",
	    .body = "worker=" ANA "&action=complete" }), 200);
	assert_int_equal(desk(f, &leg, "action=hang_up"), 200);
	snprintf(path, sizeof(path), TASKS "/%s", sid);
	assert_int_equal(ask(f, path, NULL), 200);
	assert_string_equal(client_text(f, "assignment_status"), "wrapping");
	assert_int_equal(ask(f, ANAS_CALL, NULL), 200);
	assert_string_equal(client_text(f, "assignment_status"), "completed");
	assert_int_equal(ask(f, ANAS_CALL "/Reservations", NULL), 200);
	assert_string_equal(json_get_string(json_item(json_get_array(f->json, "reservations"), 0),
	    "reservation_status"), "completed");
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
		CLIENT_TEST(a_recording_is_of_a_customer_s_leg_that_is_not_over),
		CLIENT_TEST(calls_conferences_and_recordings_are_found_by_the_very_names_that_they_have),
		CLIENT_TEST(a_call_is_given_twiml_or_its_end_and_nothing_else),
		CLIENT_TEST(a_call_that_an_agent_dialled_goes_out_from_the_call_centre),
		CLIENT_TEST(an_agent_is_in_a_conference_as_a_participant_that_ends_it),
		CLIENT_TEST(conferences_are_listed_by_name_and_status_and_at_most_fifty),
		CLIENT_TEST(the_phone_shows_what_the_caller_was_given_to_do),
		CLIENT_TEST(a_phone_that_has_no_such_call_says_so),
		CLIENT_TEST(whoever_joins_another_conference_than_the_agent_s_is_alone),
		CLIENT_TEST(a_caller_who_hangs_up_after_a_transfer_leaves_whoever_has_the_call_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
