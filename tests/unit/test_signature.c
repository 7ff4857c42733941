#include "twilio/signature.h"

#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Twilio's own examples and those of its libraries; computed with this token. */
#define TOKEN "12345"

#define CALL "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
#define CALL_310                                                                                                       \
	"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"
#define REPEATED "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct vector {
	const char *url, *query, *body, *signature;
} vectors[] = {
	{ "https://example.com/myapp.php", "foo=1&bar=2", CALL_310, "L/OH5YylLD5NRKLltdqwSvS0BnU=" },
	{ "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
	{ "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w=" },
	{ "https://mycompany.com:443/myapp.php", "foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w=" },
	{ "https://mycompany.com:443/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
	{ "http://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "OyGYPqTF6ztdbRNCvuQO/oPvqQ4=" },
	{ "http://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4=" },
	{ "http://mycompany.com:80/myapp.php", "foo=1&bar=2", CALL, "OyGYPqTF6ztdbRNCvuQO/oPvqQ4=" },
	{ "http://mycompany.com:1234/myapp.php", "foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=" },
	{ "https://mycompany.com/myapp.php", "foo=1&bar=2", REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU=" },
	{ "https://example.com/x", "", "", "uun0/3452neA+UJKgVpv8ZnK/DM=" },
	{ "https://example.com/x", "", "Body=h%C3%A9llo+w%C3%B6rld&From=%2B447700900123",
	    "BGuxNvdAy/kMx1CQiw6c4zcuPmU=" },
};

static bool
valid(const char *token, const char *url, const char *query, const char *body, const char *signature)
{
	struct form form;
	bool result = false;

	assert_int_equal(form_read_signed(&form, body, strlen(body)), FORM_OK);
	result = signature_check(token, url, query, &form, signature) == SIGNATURE_VALID;
	form_free(&form);
	return result;
}

static void
twilio_s_examples_are_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];

		if (!valid(TOKEN, v->url, v->query, v->body, v->signature))
			fail_msg("vector %zu", i);
	}
}

static void
nothing_of_a_signed_request_can_be_changed(void **state)
{
	static const struct {
		const char *token, *url, *query, *body, *signature;
	} altered[] = {
		{ "12346", "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ "", "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.org/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "http://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.com/myapp", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.com:8443/myapp.php", "foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w=" },
		{ TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=3", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.com/myapp.php", "", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL_310, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
		{ TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B9=" },
		{ TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8" },
		{ TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL, "" },
		{ TOKEN, "mycompany.com/myapp.php", "foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(altered); i++)
		if (valid(altered[i].token, altered[i].url, altered[i].query, altered[i].body, altered[i].signature))
			fail_msg("case %zu", i);
	assert_false(valid(TOKEN, "https://example.com/x", "", "", NULL));
	assert_int_equal(signature_check(NULL, "https://example.com/x", "", NULL, "uun0/3452neA+UJKgVpv8ZnK/DM="),
	    SIGNATURE_WRONG);
}

static void
the_order_of_fields_does_not_matter_and_each_field_does(void **state)
{
	(void)state;
	assert_true(valid(TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2",
	    "To=%2B18005551212&Digits=1234&From=%2B14158675309&CallSid=CA1234567890ABCDE&Caller=%2B14158675309",
	    "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
	assert_false(valid(TOKEN, "https://mycompany.com/myapp.php", "foo=1&bar=2", CALL "&Extra=1",
	    "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
}

static void
a_body_that_is_no_form_is_signed_by_its_hash(void **state)
{
	static const char body[] = "{\"property\": \"value\", \"boolean\": true}";
	static const char hash[] = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

	(void)state;
	assert_int_equal(signature_check(TOKEN, "https://mycompany.com/myapp.php",
			     "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
			     NULL, "a9nBmqA0ju/hNViExpshrM61xv4="),
	    SIGNATURE_VALID);
	assert_int_equal(signature_check_body(hash, body, strlen(body)), SIGNATURE_VALID);
	assert_int_equal(signature_check_body(hash, body, strlen(body) - 1), SIGNATURE_WRONG);
	assert_int_equal(signature_check_body("", body, strlen(body)), SIGNATURE_WRONG);
	assert_int_equal(signature_check_body(NULL, body, strlen(body)), SIGNATURE_WRONG);
}

/* Of the length that a web server lets pass it is checked as any other. */
static void
a_long_request_is_wrong_and_not_left_unchecked(void **state)
{
	char query[16000], body[REQUEST_BODY_MAX_BYTES + 1];
	struct form form;

	(void)state;
	memset(query, 'q', sizeof(query) - 1);
	query[sizeof(query) - 1] = '\0';
	memset(body, 'b', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	body[1] = '=';
	assert_int_equal(form_read_signed(&form, body, strlen(body)), FORM_OK);
	assert_int_equal(signature_check(TOKEN, "https://example.com/x", query, &form, "uun0/3452neA+UJKgVpv8ZnK/DM="),
	    SIGNATURE_WRONG);
	form_free(&form);
}

static void
a_port_belongs_to_its_host_also_in_ipv6(void **state)
{
	(void)state;
	assert_false(valid(TOKEN, "https://[2001:db8::1]/x", "", "", "uun0/3452neA+UJKgVpv8ZnK/DM="));
	/* Of http://[::1]:8080/x and http://[::1]/x, by the reference implementation. */
	assert_true(valid(TOKEN, "http://[::1]:8080/x", "", "", "IJaUP9wvmjGduqhucyYqFEdkZNw="));
	assert_true(valid(TOKEN, "http://[::1]:8080/x", "", "", "zzHNcaahSQ6J1WdCvC3vZ8O7cmo="));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twilio_s_examples_are_signed),
		cmocka_unit_test(nothing_of_a_signed_request_can_be_changed),
		cmocka_unit_test(the_order_of_fields_does_not_matter_and_each_field_does),
		cmocka_unit_test(a_body_that_is_no_form_is_signed_by_its_hash),
		cmocka_unit_test(a_long_request_is_wrong_and_not_left_unchecked),
		cmocka_unit_test(a_port_belongs_to_its_host_also_in_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
