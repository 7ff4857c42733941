/*
 * bones: the least that a FastCGI program has to do for a verification: accept
 * a request, post its body to the upstream, answer.  No checks, no ledger, no
 * log.  What flex-verify costs beyond this is what it does beyond this.
 *
 *	bones SOCKET URL CA_FILE    posts to URL
 *	bones SOCKET                answers at once
 */
#include <curl/curl.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#define THREADS   64 /* as flex-verify's by default */
#define BACKLOG   1024
#define BODY_SIZE 16384

static const char accepted[] =
    "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n{\"success\":true}";
static const char failed[] =
    "Status: 502 Bad Gateway\r\nContent-Type: application/json\r\n\r\n{\"success\":false}";

struct bones {
	int         listener;
	const char *url; /* NULL: answer at once */
	const char *ca_file;
};

static size_t
drop(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes, (void)context;
	return size * count;
}

static CURL *
new_handle(const struct bones *bones)
{
	CURL *curl = curl_easy_init();

	curl_easy_setopt(curl, CURLOPT_URL, bones->url);
	curl_easy_setopt(curl, CURLOPT_CAINFO, bones->ca_file);
	curl_easy_setopt(curl, CURLOPT_USERPWD, "AC00000000000000000000000000000001:token");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	return curl;
}

static int
post(CURL *curl, const char *body, int length)
{
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)length);
	return curl_easy_perform(curl) == CURLE_OK &&
	    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 201;
}

static void *
serve(void *context)
{
	const struct bones *bones = context;
	CURL *curl = bones->url != NULL ? new_handle(bones) : NULL;
	char body[BODY_SIZE];
	FCGX_Request request;

	FCGX_InitRequest(&request, bones->listener, 0);
	while (FCGX_Accept_r(&request) == 0) {
		int length = FCGX_GetStr(body, sizeof(body), request.in);

		FCGX_PutS(curl == NULL || post(curl, body, length) ? accepted : failed, request.out);
		FCGX_Finish_r(&request);
	}
	curl_easy_cleanup(curl);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct bones bones = { .url = argc > 3 ? argv[2] : NULL, .ca_file = argc > 3 ? argv[3] : NULL };
	pthread_t threads[THREADS];

	if (argc < 2 || FCGX_Init() != 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return EXIT_FAILURE;
	signal(SIGTERM, SIG_DFL); /* FCGX_Init has taken it */
	umask(0117);
	bones.listener = FCGX_OpenSocket(argv[1], BACKLOG);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, serve, &bones) != 0)
			return EXIT_FAILURE;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return EXIT_SUCCESS;
}
