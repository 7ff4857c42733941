#include "http_client_lines.h"

#include "base/clock.h"

#include <stdlib.h>

/* Of one line, kept: a request has calls to three hosts of Twilio's, two of them to one at a time. */
#define LINE_CONNECTIONS_MAX 8L

void
http_client_line_free(struct http_client_line *line)
{
	for (size_t i = 0; i < HTTP_CLIENT_PARALLEL_MAX; i++)
		curl_easy_cleanup(line->curl[i]);
	curl_multi_cleanup(line->multi);
	free(line);
}

/* The line and all behind it. */
static void
free_from(struct http_client_line *line)
{
	while (line != NULL) {
		struct http_client_line *colder = line->colder;

		http_client_line_free(line);
		line = colder;
	}
}

bool
http_client_lines_init(struct http_client_lines *lines, int kept_max)
{
	*lines = (struct http_client_lines){ .kept_max = kept_max > 0 ? kept_max : HTTP_CLIENT_KEPT_MAX };
	return pthread_mutex_init(&lines->mutex, NULL) == 0;
}

void
http_client_lines_free(struct http_client_lines *lines)
{
	free_from(lines->warmest);
	pthread_mutex_destroy(&lines->mutex);
}

static struct http_client_line *
line_new(void)
{
	struct http_client_line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return NULL;
	line->multi = curl_multi_init();
	if (line->multi == NULL) {
		free(line);
		return NULL;
	}
	curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, LINE_CONNECTIONS_MAX);
	return line;
}

static void
put_on_top(struct http_client_lines *lines, struct http_client_line *line)
{
	line->warmer = NULL;
	line->colder = lines->warmest;
	if (lines->warmest != NULL)
		lines->warmest->warmer = line;
	else
		lines->coldest = line;
	lines->warmest = line;
	lines->idle_count++;
}

static void
take_out(struct http_client_lines *lines, struct http_client_line *line)
{
	if (line->warmer != NULL)
		line->warmer->colder = line->colder;
	else
		lines->warmest = line->colder;
	if (line->colder != NULL)
		line->colder->warmer = line->warmer;
	else
		lines->coldest = line->warmer;
	lines->idle_count--;
}

struct http_client_line *
http_client_lines_take(struct http_client_lines *lines)
{
	struct http_client_line *line = NULL;

	pthread_mutex_lock(&lines->mutex);
	line = lines->warmest;
	if (line != NULL)
		take_out(lines, line);
	pthread_mutex_unlock(&lines->mutex);
	return line != NULL ? line : line_new();
}

/* The coldest line, if there are too many or it has been idle for too long; else NULL. */
static struct http_client_line *
superfluous(const struct http_client_lines *lines, int64_t now_ms)
{
	struct http_client_line *coldest = lines->coldest;
	bool too_old = coldest != NULL && now_ms - coldest->idle_since_ms > HTTP_CLIENT_IDLE_MAX_S * 1000;

	return lines->idle_count > lines->kept_max || too_old ? coldest : NULL;
}

void
http_client_lines_put(struct http_client_lines *lines, struct http_client_line *line)
{
	int64_t now_ms = clock_monotonic_ms();
	struct http_client_line *dropped = NULL;

	line->idle_since_ms = now_ms;
	pthread_mutex_lock(&lines->mutex);
	put_on_top(lines, line);
	while ((line = superfluous(lines, now_ms)) != NULL) {
		take_out(lines, line);
		line->colder = dropped;
		dropped = line;
	}
	pthread_mutex_unlock(&lines->mutex);
	free_from(dropped);
}
