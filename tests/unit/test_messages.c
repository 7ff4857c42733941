#include "twilio/messages.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SENDER "+12025550100"
#define TEXT   "SM" ZEROS_31 "1"

static struct local_twilio local;
static struct twilio_trace trace;

static enum twilio_result
text(const char *service_sid, const char *from)
{
	const struct message message = { service_sid, from, CUSTOMER, "Are you? https://a.example/#0f", 300 };

	return messages_send(&local.twilio, &message, local_twilio_deadline(), &trace);
}

static void
serve(const char *sid, const char *account, const char *to, const char *status, const char *error_code)
{
	static char body[512];

	snprintf(body, sizeof(body),
	    "{\"sid\":\"%s\",\"account_sid\":\"%s\",\"to\":\"%s\",\"status\":\"%s\",\"error_code\":%s}", sid, account,
	    to, status, error_code);
	local_twilio_answer(&local, 201, JSON_TYPE, body);
}

static void
a_text_goes_out_with_its_sender_and_the_time_that_it_may_wait(void **state)
{
	const char *request = NULL;

	(void)state;
	serve(TEXT, ACCOUNT, CUSTOMER, "queued", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_OK);
	request = local_server_request(local.server, 1);
	assert_non_null(strstr(request, "POST /2010-04-01/Accounts/" ACCOUNT "/Messages.json HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "To=%2B12025550101&From=%2B12025550100&Body=Are"));
	assert_non_null(strstr(request, "&ValidityPeriod=300"));
	serve(TEXT, ACCOUNT, CUSTOMER, "accepted", "null");
	assert_int_equal(text("MG" ZEROS_31 "1", NULL), TWILIO_OK);
	assert_non_null(strstr(local_server_request(local.server, 1), "&MessagingServiceSid=MG" ZEROS_31 "1&Body="));
}

static void
an_answer_about_another_text_is_none(void **state)
{
	(void)state;
	serve("VE" ZEROS_31 "1", ACCOUNT, CUSTOMER, "queued", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_BAD_ANSWER);
	serve(TEXT, "AC" ZEROS_31 "2", CUSTOMER, "queued", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_BAD_ANSWER);
	serve(TEXT, ACCOUNT, ELSEWHERE, "queued", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_BAD_ANSWER);
	serve(TEXT, ACCOUNT, CUSTOMER, "received", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_BAD_ANSWER);
	local_twilio_answer(&local, 201, JSON_TYPE, "{}");
	assert_int_equal(text(NULL, SENDER), TWILIO_BAD_ANSWER);
}

static void
a_text_that_failed_at_once_says_why(void **state)
{
	(void)state;
	serve(TEXT, ACCOUNT, CUSTOMER, "failed", "30006");
	assert_int_equal(text(NULL, SENDER), TWILIO_LANDLINE);
	assert_int_equal(trace.twilio_code, 30006);
	serve(TEXT, ACCOUNT, CUSTOMER, "undelivered", "null");
	assert_int_equal(text(NULL, SENDER), TWILIO_NO_TEXTS);
	local_twilio_answer(&local, 400, JSON_TYPE, "{\"code\":21610}");
	assert_int_equal(text(NULL, SENDER), TWILIO_OPTED_OUT);
	local_twilio_answer(&local, 400, JSON_TYPE, "{\"code\":21606}");
	assert_int_equal(text(NULL, SENDER), TWILIO_SETUP);
}

static int
set_up(void **state)
{
	(void)state;
	local_twilio_start(&local);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	local_twilio_stop(&local);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_goes_out_with_its_sender_and_the_time_that_it_may_wait),
		TEST(an_answer_about_another_text_is_none),
		TEST(a_text_that_failed_at_once_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
