/* Which authorities a TLS context judges by, and when they are loaded anew. */
#include "http/trust.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

/* Two authorities of nobody: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 36500. */
static const char first[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmDCCAT+gAwIBAgIUaNVgyx5TYoPbXf3LLQO2uOdrO6QwCgYIKoZIzj0EAwIw\n"
    "ITEfMB0GA1UEAwwWZmxleC12ZXJpZnkgdGVzdCBmaXJzdDAgFw0yNjExMjcyMjU5\n"
    "MzVaGA8yMTI2MTEwMzIyNTkzNVowITEfMB0GA1UEAwwWZmxleC12ZXJpZnkgdGVz\n"
    "dCBmaXJzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOUL4+3c/H+VkF5BMmwa\n"
    "7+4Khfw/sVogkLP59ZsKPjuUMF8QDjoLn0LSOVce6e1TlPXCaoFoJrHsdijDRb/r\n"
    "VDajUzBRMB0GA1UdDgQWBBRRZIlkIzrzDg6+LZAPtN5c17ndWjAfBgNVHSMEGDAW\n"
    "gBRRZIlkIzrzDg6+LZAPtN5c17ndWjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49\n"
    "BAMCA0cAMEQCIA3IwIc07e9YoeyH2ILKOdb0NBYnVwoZMFU6NzJYO4Y7AiBVIeh0\n"
    "tk0MMtPP0MoRoZal/obCe4BHd9HXrabSNEAMTA==\n"
    "-----END CERTIFICATE-----\n";
static const char second[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmzCCAUGgAwIBAgIUbgC3sXEX0LU9/BSVVp+SkLG8S/4wCgYIKoZIzj0EAwIw\n"
    "IjEgMB4GA1UEAwwXZmxleC12ZXJpZnkgdGVzdCBzZWNvbmQwIBcNMjYxMTI3MjI1\n"
    "OTM1WhgPMjEyNjExMDMyMjU5MzVaMCIxIDAeBgNVBAMMF2ZsZXgtdmVyaWZ5IHRl\n"
    "c3Qgc2Vjb25kMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6RKKi8erpo7E+HRq\n"
    "3ghnY32Kx1/6dkIQukjIv+VsHtTXPTPTsNMkDyg4jttxDX942yJ9C7ZKx7ZeGg//\n"
    "j48pcKNTMFEwHQYDVR0OBBYEFKdB0AJqQgSLGRBXFR1UlSx8VvGsMB8GA1UdIwQY\n"
    "MBaAFKdB0AJqQgSLGRBXFR1UlSx8VvGsMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI\n"
    "zj0EAwIDSAAwRQIhAJ0eGWF+1pDs9LjJSleRXtnSX2RGJKytp8L6AGB6+ztkAiB0\n"
    "CC9f8bud1m21nBRvb7JAdL3AFp9SipEv7nshARs7aA==\n"
    "-----END CERTIFICATE-----\n";

static char file[] = "/tmp/flex-verify-trust.XXXXXX";

static void
write_file(const char *a, const char *b)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	fputs(a, out);
	fputs(b, out);
	assert_int_equal(fclose(out), 0);
}

static SSL_CTX *
applied(struct trust *trust, bool expected)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	assert_non_null(context);
	assert_int_equal(trust_apply(trust, context), expected);
	return context;
}

static int
authorities_of(SSL_CTX *context)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
}

static void
all_connections_share_what_was_loaded_once(void **state)
{
	struct trust *trust = trust_new(file, NULL);
	SSL_CTX *a = NULL, *b = NULL;

	(void)state;
	write_file(first, second);
	a = applied(trust, true);
	b = applied(trust, true);
	assert_int_equal(authorities_of(a), 2);
	assert_ptr_equal(SSL_CTX_get_cert_store(a), SSL_CTX_get_cert_store(b));
	SSL_CTX_free(a);
	SSL_CTX_free(b);
	trust_free(trust);
}

static void
a_file_that_was_changed_is_loaded_again(void **state)
{
	struct trust *trust = trust_new(file, NULL);
	SSL_CTX *before = NULL, *after = NULL;

	(void)state;
	write_file(first, second);
	before = applied(trust, true);
	write_file(second, "");
	after = applied(trust, true);
	assert_int_equal(authorities_of(before), 2);
	assert_int_equal(authorities_of(after), 1);
	SSL_CTX_free(before);
	SSL_CTX_free(after);
	trust_free(trust);
}

static void
a_file_without_certificates_leaves_nobody_trusted(void **state)
{
	static const char *const texts[] = { "", "nothing of the kind\n", "-----BEGIN CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct trust *trust = trust_new(file, NULL);
		SSL_CTX *context = NULL;

		write_file(texts[i], "");
		context = applied(trust, false);
		assert_int_equal(authorities_of(context), 0);
		SSL_CTX_free(context);
		trust_free(trust);
	}
}

static void
a_file_that_has_gone_is_not_trusted_any_more(void **state)
{
	struct trust *trust = trust_new(file, NULL);

	(void)state;
	write_file(first, "");
	SSL_CTX_free(applied(trust, true));
	assert_int_equal(unlink(file), 0);
	SSL_CTX_free(applied(trust, false));
	trust_free(trust);
}

static void
a_directory_is_looked_into_only_when_a_certificate_is_judged(void **state)
{
	struct trust *trust = trust_new(NULL, "/etc/ssl/certs");
	SSL_CTX *context = applied(trust, true);

	(void)state;
	assert_int_equal(authorities_of(context), 0);
	SSL_CTX_free(context);
	trust_free(trust);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_connections_share_what_was_loaded_once),
		cmocka_unit_test(a_file_that_was_changed_is_loaded_again),
		cmocka_unit_test(a_file_without_certificates_leaves_nobody_trusted),
		cmocka_unit_test(a_file_that_has_gone_is_not_trusted_any_more),
		cmocka_unit_test(a_directory_is_looked_into_only_when_a_certificate_is_judged),
	};
	int fd = mkstemp(file), result = 0;

	if (fd < 0)
		return 1;
	close(fd);
	result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	return result;
}
