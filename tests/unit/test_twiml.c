#include "twilio/twiml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"

static void
what_is_open_is_closed(void **state)
{
	struct twiml twiml;

	(void)state;
	twiml_init(&twiml);
	twiml_begin(&twiml, "Gather");
	twiml_number(&twiml, "numDigits", 6);
	twiml_begin(&twiml, "Say");
	twiml_text(&twiml, "Hello");
	assert_string_equal(twiml_end(&twiml),
	    HEAD "<Gather numDigits=\"6\"><Say>Hello</Say></Gather></Response>");
	twiml_free(&twiml);
}

static void
what_means_something_in_xml_is_escaped(void **state)
{
	struct twiml twiml;

	(void)state;
	twiml_init(&twiml);
	twiml_begin(&twiml, "Say");
	twiml_attribute(&twiml, "language", "\"><Hangup/>&'");
	twiml_text(&twiml, "</Say><Dial>+1</Dial>&amp;\"'");
	assert_string_equal(twiml_end(&twiml),
	    HEAD "<Say language=\"&quot;&gt;&lt;Hangup/&gt;&amp;&apos;\">"
		 "&lt;/Say&gt;&lt;Dial&gt;+1&lt;/Dial&gt;&amp;amp;&quot;&apos;</Say></Response>");
	twiml_free(&twiml);
}

static void
what_a_reader_of_xml_would_change_is_escaped(void **state)
{
	struct twiml twiml;

	(void)state;
	twiml_init(&twiml);
	twiml_begin(&twiml, "Say");
	twiml_attribute(&twiml, "language", "a\tb");
	twiml_text(&twiml, "c\r\nd");
	assert_string_equal(twiml_end(&twiml), HEAD "<Say language=\"a&#9;b\">c&#13;&#10;d</Say></Response>");
	twiml_free(&twiml);
}

static void
nothing_follows_the_end_of_a_response(void **state)
{
	struct twiml twiml;

	(void)state;
	for (int element = 0; element < 2; element++) {
		twiml_init(&twiml);
		twiml_close(&twiml);
		if (element)
			twiml_begin(&twiml, "Say");
		else
			twiml_text(&twiml, "x");
		assert_null(twiml_end(&twiml));
		twiml_free(&twiml);
	}
}

static void
what_cannot_stand_in_xml_makes_no_document(void **state)
{
	static const char *const texts[] = { "\x01", "a\x1b[0m", "\xff", "\xc0\x80", "\xed\xa0\x80",
		"\xef\xbf\xbe", "a\xef\xbf\xbf" };
	struct twiml twiml;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		twiml_init(&twiml);
		twiml_begin(&twiml, "Say");
		twiml_text(&twiml, texts[i]);
		assert_null(twiml_end(&twiml));
		twiml_free(&twiml);
	}
}

static void
a_mistake_of_the_writer_makes_no_document(void **state)
{
	struct twiml twiml;

	(void)state;
	twiml_init(&twiml);
	twiml_text(&twiml, "text");
	twiml_attribute(&twiml, "late", "1");
	assert_null(twiml_end(&twiml));
	twiml_free(&twiml);

	twiml_init(&twiml);
	for (int i = 0; i < TWIML_DEPTH_MAX; i++)
		twiml_begin(&twiml, "Say");
	assert_null(twiml_end(&twiml));
	twiml_free(&twiml);

	twiml_init(&twiml);
	twiml_close(&twiml);
	twiml_close(&twiml);
	assert_null(twiml_end(&twiml));
	twiml_free(&twiml);
}

static void
a_document_has_an_end(void **state)
{
	struct twiml twiml;

	(void)state;
	twiml_init(&twiml);
	for (int i = 0; i < TWIML_MAX_BYTES; i++)
		twiml_text(&twiml, "&");
	assert_null(twiml_end(&twiml));
	twiml_free(&twiml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_open_is_closed),
		cmocka_unit_test(what_means_something_in_xml_is_escaped),
		cmocka_unit_test(what_a_reader_of_xml_would_change_is_escaped),
		cmocka_unit_test(nothing_follows_the_end_of_a_response),
		cmocka_unit_test(what_cannot_stand_in_xml_makes_no_document),
		cmocka_unit_test(a_mistake_of_the_writer_makes_no_document),
		cmocka_unit_test(a_document_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
