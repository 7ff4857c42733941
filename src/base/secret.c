#include "secret.h"

#include <limits.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* LeakSanitizer reads the process by ptrace, which an undumpable process refuses. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef UNDER_ADDRESS_SANITIZER
#define UNDER_ADDRESS_SANITIZER 0
#endif

#define RANDOM_CHUNK_BYTES 64 /* getentropy(3) gives at most 256 at once */

/*
 * glibc overwrites with it what is freed, so that the libraries' buffers do
 * not keep what passed through them; small pieces that a thread puts aside for
 * its next use escape it.
 */
#define FREED_MEMORY 0x55

static const char hex_digits[] = "0123456789abcdef";

/* What libcurl and its TLS library would obey; libcurl reads the names of proxies in both cases. */
static const char *const harmful_variables[] = {
	"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
	"no_proxy", "NO_PROXY", "SSLKEYLOGFILE", NULL
};

void
secret_wipe(void *memory, size_t length)
{
	if (memory != NULL)
		explicit_bzero(memory, length);
}

bool
secret_equal(const char *a, const char *b)
{
	size_t length = 0;

	if (a == NULL || b == NULL)
		return false;
	/* The length of a token or passcode is public; its characters are not. */
	length = strlen(a);
	return length == strlen(b) && CRYPTO_memcmp(a, b, length) == 0;
}

static void
put_hex(char *out, const unsigned char *bytes, size_t digits)
{
	for (size_t i = 0; i < digits; i++) {
		unsigned byte = bytes[i / 2];

		out[i] = hex_digits[i % 2 == 0 ? byte >> 4 : byte & 15];
	}
	out[digits] = '\0';
}

bool
secret_random_hex(char *out, size_t size)
{
	unsigned char bytes[RANDOM_CHUNK_BYTES] = { 0 };
	size_t digits = 0;

	if (size == 0)
		return false;
	for (size_t done = 0; done < size - 1; done += digits) {
		digits = size - 1 - done;
		if (digits > 2 * sizeof(bytes))
			digits = 2 * sizeof(bytes);
		if (getentropy(bytes, sizeof(bytes)) != 0) {
			out[0] = '\0';
			return false;
		}
		put_hex(out + done, bytes, digits);
	}
	out[size - 1] = '\0';
	secret_wipe(bytes, sizeof(bytes));
	return true;
}

/* Of 256 values the last 6 would make some digits likelier than others. */
#define FAIR_BYTES 250

bool
secret_random_digits(char *out, size_t size)
{
	unsigned char bytes[RANDOM_CHUNK_BYTES] = { 0 };
	size_t done = 0;
	bool random = size > 0;

	while (random && done < size - 1) {
		random = getentropy(bytes, sizeof(bytes)) == 0;
		for (size_t i = 0; random && i < sizeof(bytes) && done < size - 1; i++)
			if (bytes[i] < FAIR_BYTES)
				out[done++] = (char)('0' + bytes[i] % 10);
	}
	if (size > 0)
		out[random ? done : 0] = '\0';
	secret_wipe(bytes, sizeof(bytes));
	return random;
}

static bool
authenticate(const char *key, const void *bytes, size_t length, char *out, size_t digits)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int digest_length = 0;
	size_t key_length = strlen(key);

	out[0] = '\0';
	if (key_length > INT_MAX ||
	    HMAC(EVP_sha256(), key, (int)key_length, bytes, length, digest, &digest_length) == NULL)
		return false;
	put_hex(out, digest, digits);
	secret_wipe(digest, sizeof(digest));
	return true;
}

bool
secret_keyed_hash(const char *key, const char *text, char out[SECRET_HASH_SIZE])
{
	return authenticate(key, text, strlen(text), out, SECRET_HASH_SIZE - 1);
}

bool
secret_authenticate(const char *key, const char *text, char out[SECRET_CODE_SIZE])
{
	return authenticate(key, text, strlen(text), out, SECRET_CODE_SIZE - 1);
}

bool
secret_authenticate_bytes(const char *key, const void *bytes, size_t length, char out[SECRET_CODE_SIZE])
{
	return authenticate(key, bytes, length, out, SECRET_CODE_SIZE - 1);
}

bool
secret_sign_sha1(const char *key, const char *text, char out[SECRET_SIGNATURE_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int digest_length = 0;
	size_t key_length = strlen(key);

	out[0] = '\0';
	if (key_length > INT_MAX ||
	    HMAC(EVP_sha1(), key, (int)key_length, (const unsigned char *)text, strlen(text), digest,
		&digest_length) == NULL)
		return false;
	EVP_EncodeBlock((unsigned char *)out, digest, (int)digest_length);
	return true;
}

bool
secret_sha256(const void *bytes, size_t length, char out[SECRET_CODE_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int digest_length = 0;

	out[0] = '\0';
	if (EVP_Digest(bytes, length, digest, &digest_length, EVP_sha256(), NULL) != 1)
		return false;
	put_hex(out, digest, SECRET_CODE_SIZE - 1);
	return true;
}

void
secret_harden_process(void)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	mallopt(M_PERTURB, FREED_MEMORY);
	if (!UNDER_ADDRESS_SANITIZER)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (const char *const *name = harmful_variables; *name != NULL; name++)
		unsetenv(*name);
}
