#include "http_client_target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

static bool
is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool
has_zone(CURLU *url)
{
	char *zone = NULL;
	bool found = curl_url_get(url, CURLUPART_ZONEID, &zone, 0) != CURLUE_NO_ZONEID;

	curl_free(zone);
	return found;
}

static bool
judge_parts(struct http_client_target *target, const char *scheme, const char *host)
{
	target->plain = strcasecmp(scheme, "http") == 0;
	return target->plain ? is_loopback(host) : strcasecmp(scheme, "https") == 0;
}

static enum http_client_result
judge_target(struct http_client_target *target)
{
	char *scheme = NULL, *host = NULL;
	enum http_client_result result = HTTP_CLIENT_NO_MEMORY;

	if (has_zone(target->url))
		return HTTP_CLIENT_BAD_URL;
	/* The URL is parsed, so only memory can be lacking. */
	if (curl_url_get(target->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(target->url, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		result = judge_parts(target, scheme, host) ? HTTP_CLIENT_OK : HTTP_CLIENT_BAD_URL;
	curl_free(scheme);
	curl_free(host);
	return result;
}

/* Without the memory to copy a query, libcurl (7.88) sends the request without it; so it is told the whole. */
static enum http_client_result
write_request(struct http_client_target *target, size_t length_max)
{
	char *path = NULL, *query = NULL;
	CURLUcode code = curl_url_get(target->url, CURLUPART_QUERY, &query, 0);

	buffer_init(&target->request, length_max);
	if (code == CURLUE_NO_QUERY)
		return HTTP_CLIENT_OK;
	/* libcurl sends a path in ASCII, and a query as it stands. */
	if (code != CURLUE_OK || curl_url_get(target->url, CURLUPART_PATH, &path, CURLU_URLENCODE) != CURLUE_OK)
		target->request.failed = true;
	else
		buffer_printf(&target->request, "%s?%s", path, query);
	curl_free(path);
	curl_free(query);
	return target->request.failed ? HTTP_CLIENT_NO_MEMORY : HTTP_CLIENT_OK;
}

/* libcurl also takes one or three slashes, and reads the host from what others would call the path. */
static bool
begins_well(const char *url)
{
	static const char *const beginnings[] = { "https://", "http://" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		size_t length = strlen(beginnings[i]);

		if (strncasecmp(url, beginnings[i], length) == 0)
			return url[length] != '/';
	}
	return false;
}

enum http_client_result
http_client_target_open(struct http_client_target *target, const char *url)
{
	enum http_client_result result = HTTP_CLIENT_OK;
	CURLUcode code = CURLUE_OK;

	if (!begins_well(url))
		return HTTP_CLIENT_BAD_URL;
	target->url = curl_url();
	if (target->url == NULL)
		return HTTP_CLIENT_NO_MEMORY;
	code = curl_url_set(target->url, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (code == CURLUE_OUT_OF_MEMORY)
		return HTTP_CLIENT_NO_MEMORY;
	if (code != CURLUE_OK)
		return HTTP_CLIENT_BAD_URL;
	result = judge_target(target);
	/* Its path may be longer than it stands there: three bytes for one that is encoded, "/" where there is none. */
	return result == HTTP_CLIENT_OK ? write_request(target, 3 * strlen(url) + 1) : result;
}

void
http_client_target_close(struct http_client_target *target)
{
	curl_url_cleanup(target->url);
	buffer_free(&target->request);
}

bool
http_client_url_allowed(const char *url)
{
	struct http_client_target target = { 0 };
	bool allowed = url != NULL && http_client_target_open(&target, url) == HTTP_CLIENT_OK;

	http_client_target_close(&target);
	return allowed;
}
