#include "callcenter/dialing_codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SHARED 12 /* what +1 and +7 have: +, one digit and ten more */

struct example {
	const char *number, *country;
};

static void
expect(const char *number, const char *country)
{
	const char *found = dialing_codes_country(number);

	if (country == NULL ? found != NULL : found == NULL || strcmp(found, country) != 0)
		fail_msg("%s is of %s, not of %s", number, found == NULL ? "no country" : found,
		    country == NULL ? "none" : country);
}

static void
expect_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(examples[i].number, examples[i].country);
}

static void
a_number_is_of_the_country_of_its_longest_prefix(void **state)
{
	static const struct example examples[] = {
		{ "+12025550101", "US" }, { "+442079460000", "GB" }, { "+447700900123", "GB" },
		{ "+34600000000", "ES" }, { "+491700000000", "DE" }, { "+390600000000", "IT" },
		{ "+35390000000", "IE" }, { "+8613000000000", "CN" }, { "+4200000000", "CZ" },
		{ "+4230000000", "LI" }, { "+3830000000", "XK" }, { "+2470000", "SH" },
	};

	(void)state;
	expect_all(examples, sizeof(examples) / sizeof(examples[0]));
}

static void
countries_that_share_a_code_are_told_apart(void **state)
{
	static const struct example examples[] = {
		/* +1: an agreement for the US is none for the Caribbean. */
		{ "+14165550101", "CA" }, { "+12425550101", "BS" }, { "+12465550101", "BB" },
		{ "+12645550101", "AI" }, { "+12685550101", "AG" }, { "+12845550101", "VG" },
		{ "+13405550101", "VI" }, { "+13455550101", "KY" }, { "+14415550101", "BM" },
		{ "+14735550101", "GD" }, { "+16495550101", "TC" }, { "+16585550101", "JM" },
		{ "+16645550101", "MS" }, { "+16705550101", "MP" }, { "+16715550101", "GU" },
		{ "+16845550101", "AS" }, { "+17215550101", "SX" }, { "+17585550101", "LC" },
		{ "+17675550101", "DM" }, { "+17845550101", "VC" }, { "+17875550101", "PR" },
		{ "+18095550101", "DO" }, { "+18295550101", "DO" }, { "+18495550101", "DO" },
		{ "+18685550101", "TT" }, { "+18695550101", "KN" }, { "+18765550101", "JM" },
		{ "+19395550101", "PR" }, { "+19075550101", "US" }, { "+18085550101", "US" },
		/* +44: the crown dependencies, on land and mobile. */
		{ "+441534000000", "JE" }, { "+447509000000", "JE" }, { "+447700300000", "JE" },
		{ "+447700800000", "JE" }, { "+447797000000", "JE" }, { "+447829000000", "JE" },
		{ "+447937000000", "JE" }, { "+441481000000", "GG" }, { "+447781000000", "GG" },
		{ "+447839000000", "GG" }, { "+447911100000", "GG" }, { "+447911700000", "GG" },
		{ "+447911200000", "GB" }, { "+441624000000", "IM" }, { "+447457600000", "IM" },
		{ "+447524000000", "IM" }, { "+447624000000", "IM" }, { "+447924000000", "IM" },
		{ "+447457500000", "GB" }, { "+447700900000", "GB" },
		/* The others. */
		{ "+74950000000", "RU" }, { "+79000000000", "RU" }, { "+77010000000", "KZ" },
		{ "+76000000000", "KZ" }, { "+73362200000", "KZ" }, { "+73362300000", "RU" },
		{ "+390669800000", "VA" }, { "+390669700000", "IT" }, { "+3790000000", "VA" },
		{ "+262262000000", "RE" }, { "+262692000000", "RE" }, { "+262269000000", "YT" },
		{ "+262639000000", "YT" }, { "+5993000000", "BQ" }, { "+5997000000", "BQ" },
		{ "+59990000000", "CW" }, { "+61400000000", "AU" }, { "+61891620000", "CC" },
		{ "+61891640000", "CX" }, { "+672300000", "NF" }, { "+672100000", "AQ" },
		{ "+212528800000", "EH" }, { "+212520000000", "MA" }, { "+3581800000", "AX" },
		{ "+358400000000", "FI" }, { "+4779000000", "SJ" }, { "+4740000000", "NO" },
	};

	(void)state;
	expect_all(examples, sizeof(examples) / sizeof(examples[0]));
}

static void
what_costs_more_or_goes_anywhere_is_of_no_country(void **state)
{
	static const char *const numbers[] = { "+19005550101", "+18005550101", "+18885550101", "+15005550101",
		"+16005550101", "+17005550101", "+17105550101", "+15555550101", "+19115550101", "+12115550101",
		"+447000000000", "+447600000000", "+448000000000", "+448450000000", "+448700000000", "+449000000000",
		"+449800000000", "+80000000000", "+80800000000", "+870300000000", "+878100000000", "+881600000000",
		"+88210000000", "+883510000000", "+888000000000", "+979100000000", "+99900000000", "+2100000000",
		"+2590000000", "+8000000000", "+9990000000" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		expect(numbers[i], NULL);
}

/* "+7 8 701 ..." is written like one of Russia and dialled, its 8 taken off, in Kazakhstan. */
static void
a_number_with_a_trunk_prefix_is_of_no_country(void **state)
{
	static const char *const numbers[] = { "+787010000000", "+112425550101", "+1202555010", "+120255501011",
		"+7495000000", "+4407781000000", "+4407700900123", "+440700000000", "+2620639000000", "+610891620000",
		"+35801800000", "+2120528800000", "+590059000000" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		expect(numbers[i], NULL);
}

static void
what_is_no_number_is_of_no_country(void **state)
{
	static const char *const texts[] = { "", "+", "12025550101", "+0", "maria@example.com", "+a2025550101", "+ " };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect(texts[i], NULL);
}

/* Each is found by some number: no row of the table is where a search does not come by. */
static void
every_country_with_numbers_is_found(void **state)
{
	static const char countries[] =
	    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BQ "
	    "BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO "
	    "DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GH GI GL GM GN GP GQ GR GT GU "
	    "GW GY HK HN HR HT HU ID IE IL IN IO IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW "
	    "KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MP MQ MR MS "
	    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
	    "PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST "
	    "SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG "
	    "VI VN VU WF WS XK YE ZA ZM ZW";
	char number[16];
	size_t found = 0;

	(void)state;
	for (const char *country = countries; *country != '\0'; country += country[2] == '\0' ? 2 : 3) {
		char code[DIALING_CODES_COUNTRY_SIZE] = { country[0], country[1] };
		int prefix = 1000;

		assert_true(dialing_codes_country_known(code));
		for (; prefix <= 9999; prefix++) {
			snprintf(number, sizeof(number), "+%d0000000", prefix);
			if (dialing_codes_country(number) != NULL && strcmp(dialing_codes_country(number), code) == 0)
				break;
		}
		if (prefix > 9999)
			fail_msg("no number is of %s", code);
		found++;
	}
	assert_int_equal(found, 234);
}

static void
area_codes_of_the_united_states_and_canada_are_counted(void **state)
{
	int us = 0, canada = 0, others = 0;
	char number[SHARED + 1];

	(void)state;
	for (int area = 0; area < 1000; area++) {
		const char *country = NULL;

		snprintf(number, sizeof(number), "+1%03d5550101", area);
		country = dialing_codes_country(number);
		if (country == NULL)
			continue;
		assert_true(area >= 200 && area % 100 != 11);
		us += strcmp(country, "US") == 0;
		canada += strcmp(country, "CA") == 0;
		others += strcmp(country, "US") != 0 && strcmp(country, "CA") != 0;
	}
	assert_int_equal(us, 371);
	assert_int_equal(canada, 58);
	assert_int_equal(others, 27);
}

static void
what_is_no_code_of_a_country_is_not_known(void **state)
{
	static const char *const bad[] = { "", "U", "UK", "us", "USA", "EU", "ZZ", "--", "44", " US" };
	static const char *const good[] = { "US", "GB", "JE", "VA", "CC", "CX", "EH", "AX", "YT", "XK" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (dialing_codes_country_known(bad[i]))
			fail_msg("'%s' was taken for a country", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(dialing_codes_country_known(good[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_of_the_country_of_its_longest_prefix),
		cmocka_unit_test(countries_that_share_a_code_are_told_apart),
		cmocka_unit_test(what_costs_more_or_goes_anywhere_is_of_no_country),
		cmocka_unit_test(a_number_with_a_trunk_prefix_is_of_no_country),
		cmocka_unit_test(what_is_no_number_is_of_no_country),
		cmocka_unit_test(every_country_with_numbers_is_found),
		cmocka_unit_test(area_codes_of_the_united_states_and_canada_are_counted),
		cmocka_unit_test(what_is_no_code_of_a_country_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
