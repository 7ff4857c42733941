#include "credentials.h"

#include "base/secret.h"
#include "identity.h"

#include <string.h>
#include <strings.h>

#define PAIR_SIZE 128 /* longer than any pair of ours */

/* RFC 4648, 4.  False: not base64, longer than out, or with a NUL. */
static bool
decode(const char *text, char out[PAIR_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t length = 0;
	unsigned bits = 0, bit_count = 0;

	for (; *text != '\0' && *text != '='; text++) {
		const char *digit = strchr(alphabet, *text);

		if (digit == NULL)
			return false;
		bits = (bits << 6 | (unsigned)(digit - alphabet)) & 0xffff;
		bit_count += 6;
		if (bit_count < 8)
			continue;
		bit_count -= 8;
		out[length] = (char)(bits >> bit_count & 0xff);
		if (out[length] == '\0' || ++length == PAIR_SIZE)
			return false;
	}
	out[length] = '\0';
	return true;
}

static bool
sent(const struct request *request, char pair[PAIR_SIZE])
{
	const char *header = request_variable(request, "HTTP_AUTHORIZATION");

	if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
		return false;
	return decode(header + 6 + strspn(header + 6, " "), pair);
}

bool
credentials_of_account(const struct request *request)
{
	char pair[PAIR_SIZE];

	if (!sent(request, pair))
		return false;
	return secret_equal(pair, SANDBOX_ACCOUNT_SID ":" SANDBOX_AUTH_TOKEN) ||
	    secret_equal(pair, SANDBOX_API_KEY_SID ":" SANDBOX_API_KEY_SECRET);
}

bool
credentials_of_crm(const struct request *request)
{
	char pair[PAIR_SIZE];

	return sent(request, pair) && secret_equal(pair, SANDBOX_CRM_USER ":" SANDBOX_CRM_PASSWORD);
}
