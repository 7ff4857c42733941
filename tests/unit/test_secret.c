#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
wiping_leaves_zeroes(void **state)
{
	char text[] = "a secret";

	(void)state;
	secret_wipe(text, sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(text[i], 0);
	secret_wipe(NULL, 10);
}

static void
equal_texts_are_equal(void **state)
{
	char other[] = "0123456789abcdef";

	(void)state;
	assert_true(secret_equal("0123456789abcdef", other));
	assert_true(secret_equal("", ""));
}

static void
different_texts_are_not_equal(void **state)
{
	static const char *const others[] = {
		"", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF",
		"1123456789abcdef", "0123456789abcdef ", NULL
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_false(secret_equal("0123456789abcdef", others[i]));
		assert_false(secret_equal(others[i], "0123456789abcdef"));
	}
}

static void
null_equals_nothing_not_even_null(void **state)
{
	(void)state;
	assert_false(secret_equal(NULL, NULL));
	assert_false(secret_equal(NULL, ""));
	assert_false(secret_equal("", NULL));
}

static void
random_digits_fill_what_was_asked_for_and_no_more(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 17, 33, 128, 129, 130, 1001 };
	char text[1010];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(text, '#', sizeof(text));
		assert_true(secret_random_hex(text, sizes[i]));
		assert_int_equal(strlen(text), sizes[i] - 1);
		assert_int_equal(strspn(text, "0123456789abcdef"), sizes[i] - 1);
		assert_int_equal(text[sizes[i]], '#');
	}
	assert_false(secret_random_hex(text, 0));
}

static void
random_digits_do_not_come_twice(void **state)
{
	char one[33] = "";
	char other[33] = "";

	(void)state;
	assert_true(secret_random_hex(one, sizeof(one)));
	assert_true(secret_random_hex(other, sizeof(other)));
	assert_string_not_equal(one, other);
}

static void
every_digit_turns_up(void **state)
{
	char text[2001] = "";

	(void)state;
	assert_true(secret_random_hex(text, sizeof(text)));
	for (const char *digit = "0123456789abcdef"; *digit != '\0'; digit++)
		assert_non_null(strchr(text, *digit));
}

static void
random_decimals_are_as_many_as_asked_for_and_all_turn_up(void **state)
{
	char text[2001] = "", none[1] = "#";

	(void)state;
	assert_true(secret_random_digits(text, sizeof(text)));
	assert_int_equal(strspn(text, "0123456789"), sizeof(text) - 1);
	for (const char *digit = "0123456789"; *digit != '\0'; digit++)
		assert_non_null(strchr(text, *digit));
	assert_true(secret_random_digits(none, sizeof(none)));
	assert_string_equal(none, "");
	assert_false(secret_random_digits(text, 0));
}

static void
bytes_are_authenticated_to_their_end(void **state)
{
	char whole[SECRET_CODE_SIZE] = "", text[SECRET_CODE_SIZE] = "";

	(void)state;
	assert_true(secret_authenticate_bytes("Jefe", "what do ya want for nothing?", 28, whole));
	assert_true(secret_authenticate("Jefe", "what do ya want for nothing?", text));
	assert_string_equal(whole, text);
	assert_true(secret_authenticate_bytes("Jefe", "what\0do", 7, whole));
	assert_true(secret_authenticate("Jefe", "what", text));
	assert_string_not_equal(whole, text);
}

/* RFC 4231, test cases 2 and 6 (a key longer than a block), cut to 64 bits. */
static void
the_keyed_hash_is_hmac_sha256(void **state)
{
	char long_key[132] = "";
	char hash[SECRET_HASH_SIZE] = "";

	(void)state;
	assert_true(secret_keyed_hash("Jefe", "what do ya want for nothing?", hash));
	assert_string_equal(hash, "5bdcc146bf60754e");
	memset(long_key, 0xaa, sizeof(long_key) - 1);
	assert_true(secret_keyed_hash(long_key,
	    "Test Using Larger Than Block-Size Key - Hash Key First", hash));
	assert_string_equal(hash, "60e431591ee0b67f");
}

static void
the_keyed_hash_depends_on_key_and_text(void **state)
{
	char hash[SECRET_HASH_SIZE] = "";
	char other_text[SECRET_HASH_SIZE] = "";
	char other_key[SECRET_HASH_SIZE] = "";
	char nothing[SECRET_HASH_SIZE] = "";

	(void)state;
	assert_true(secret_keyed_hash("key", "+12025550101", hash));
	assert_true(secret_keyed_hash("key", "+12025550102", other_text));
	assert_true(secret_keyed_hash("yek", "+12025550101", other_key));
	assert_true(secret_keyed_hash("", "", nothing));
	assert_string_not_equal(hash, other_text);
	assert_string_not_equal(hash, other_key);
	assert_string_equal(nothing, "b613679a0814d9ec");
}

static const char *const harmful[] = {
	"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
	"no_proxy", "NO_PROXY", "SSLKEYLOGFILE"
};

/* What is left to a process that hardened itself, as its exit status; 0: as it should be. */
static int
harden_and_look(void)
{
	struct rlimit core = { 1, 1 };

	for (size_t i = 0; i < COUNT(harmful); i++)
		setenv(harmful[i], "http://127.0.0.1:1", 1);
	setenv("HARMLESS", "kept", 1);
	secret_harden_process();
	for (size_t i = 0; i < COUNT(harmful); i++)
		if (getenv(harmful[i]) != NULL)
			return 1;
	if (getenv("HARMLESS") == NULL)
		return 2;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0)
		return 3;
#if defined(__SANITIZE_ADDRESS__)
	return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return 0;
#endif
#endif
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 4;
}

static void
a_hardened_process_dumps_nothing_and_obeys_no_proxy_variable(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(harden_and_look());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wiping_leaves_zeroes),
		cmocka_unit_test(equal_texts_are_equal),
		cmocka_unit_test(different_texts_are_not_equal),
		cmocka_unit_test(null_equals_nothing_not_even_null),
		cmocka_unit_test(random_digits_fill_what_was_asked_for_and_no_more),
		cmocka_unit_test(random_digits_do_not_come_twice),
		cmocka_unit_test(every_digit_turns_up),
		cmocka_unit_test(random_decimals_are_as_many_as_asked_for_and_all_turn_up),
		cmocka_unit_test(bytes_are_authenticated_to_their_end),
		cmocka_unit_test(the_keyed_hash_is_hmac_sha256),
		cmocka_unit_test(the_keyed_hash_depends_on_key_and_text),
		cmocka_unit_test(a_hardened_process_dumps_nothing_and_obeys_no_proxy_variable),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
