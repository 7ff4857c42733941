/* TLS: whom the client talks to.  The servers are openssl s_server with certificates made here. */
#include "http/http_client.h"

#include "base/clock.h"
#include "local_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define LATER_MS 10000
#define PATH_SIZE 64

static char folder[] = "/tmp/flex-verify-tls.XXXXXX";
static pid_t running; /* the server of the test, 0: none */

/* ---- openssl ---- */

static pid_t
spawn(const char *const *arguments)
{
	char *argv[24] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	for (size_t i = 0; arguments[i] != NULL; i++) {
		assert_true(i + 1 < sizeof(argv) / sizeof(argv[0]));
		argv[i] = strdup(arguments[i]);
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return pid;
}

static void
run(const char *const *arguments)
{
	int status = -1;

	assert_int_equal(waitpid(spawn(arguments), &status, 0) >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

static const char *
path(char out[PATH_SIZE], const char *name, const char *suffix)
{
	assert_true(snprintf(out, PATH_SIZE, "%s/%s.%s", folder, name, suffix) < PATH_SIZE);
	return out;
}

/* A self-signed certificate: name.pem, with name.key. */
static void
make_certificate(const char *name, const char *alternative_names)
{
	char certificate[PATH_SIZE], key[PATH_SIZE], extension[64];
	const char *const arguments[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=flex-verify test", "-days", "2", "-addext",
		extension, "-out", path(certificate, name, "pem"), "-keyout", path(key, name, "key"), NULL };

	snprintf(extension, sizeof(extension), "subjectAltName=%s", alternative_names);
	run(arguments);
}

/* The same certificate, but yesterday was its last day. */
static void
make_expired(const char *name, const char *from)
{
	char certificate[PATH_SIZE], source[PATH_SIZE], key[PATH_SIZE];
	const char *const arguments[] = { "openssl", "x509", "-in", path(source, from, "pem"), "-signkey",
		path(key, from, "key"), "-days", "-1", "-out", path(certificate, name, "pem"), NULL };

	run(arguments);
}

/* ---- servers ---- */

static bool
accepts(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool accepted = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return accepted;
}

/* version: "-tls1_2" and the like. */
static void
start_server(const char *certificate, const char *key, const char *version, int *port)
{
	char certificate_path[PATH_SIZE], key_path[PATH_SIZE], address[32];
	const char *const arguments[] = { "openssl", "s_server", "-accept", address, "-www", "-quiet", "-cert",
		path(certificate_path, certificate, "pem"), "-key", path(key_path, key, "key"), version, NULL };

	close(local_listen(1, port));
	snprintf(address, sizeof(address), "127.0.0.1:%d", *port);
	running = spawn(arguments);
	for (int i = 0; i < 500 && !accepts(*port); i++)
		usleep(10000);
	assert_true(accepts(*port));
}

static int
stop_server(void **state)
{
	(void)state;
	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
	}
	running = 0;
	return 0;
}

struct outcome {
	enum http_client_result result;
	bool                    sent;
	int                     status;

	enum http_client_obstacle obstacle;
};

/* ca: name of a certificate to trust, NULL: those of the system. */
static struct outcome
ask(int port, const char *host, const char *ca)
{
	char ca_path[PATH_SIZE], url[64];
	const struct http_client_options options = { .connect_timeout_ms = LATER_MS,
		.ca_file = ca != NULL ? path(ca_path, ca, "pem") : NULL };
	struct http_client *client = http_client_new(&options);
	struct outcome outcome = { 0 };
	struct http_call call;

	assert_non_null(client);
	snprintf(url, sizeof(url), "https://%s:%d/", host, port);
	http_call_init(&call);
	call.method = "GET";
	call.url = url;
	call.username = "SK0";
	call.password = "secret";
	outcome.result = http_client_perform(client, &call, clock_monotonic_ms() + LATER_MS);
	outcome.sent = call.sent;
	outcome.status = call.status;
	outcome.obstacle = call.obstacle;
	http_call_free(&call);
	http_client_free(client);
	return outcome;
}

static void
assert_answered(struct outcome outcome)
{
	assert_string_equal(http_client_result_name(outcome.result), "HTTP_CLIENT_OK");
	assert_true(outcome.sent);
	assert_int_equal(outcome.status, 200);
}

static void
assert_not_sent(struct outcome outcome)
{
	assert_string_equal(http_client_result_name(outcome.result), "HTTP_CLIENT_NOT_SENT");
	assert_false(outcome.sent);
	assert_int_equal(outcome.status, 0);
	assert_int_not_equal(outcome.obstacle, HTTP_CLIENT_NO_OBSTACLE);
}

static void
assert_certificate_refused(struct outcome outcome)
{
	assert_not_sent(outcome);
	assert_int_equal(outcome.obstacle, HTTP_CLIENT_CERTIFICATE);
}

/* ---- tests ---- */

static void
a_trusted_certificate_is_accepted_and_an_unknown_one_is_not(void **state)
{
	int port = 0;

	(void)state;
	start_server("good", "good", "-tls1_2", &port);
	assert_answered(ask(port, "127.0.0.1", "good"));
	assert_certificate_refused(ask(port, "127.0.0.1", NULL));
	assert_certificate_refused(ask(port, "127.0.0.1", "elsewhere"));
}

static void
a_certificate_for_another_host_is_refused(void **state)
{
	int port = 0;

	(void)state;
	start_server("elsewhere", "elsewhere", "-tls1_2", &port);
	assert_certificate_refused(ask(port, "127.0.0.1", "elsewhere"));
	assert_answered(ask(port, "localhost", "elsewhere"));
}

static void
an_expired_certificate_is_refused(void **state)
{
	int port = 0;

	(void)state;
	start_server("expired", "good", "-tls1_2", &port);
	assert_certificate_refused(ask(port, "127.0.0.1", "expired"));
}

static void
tls_1_2_and_1_3_are_spoken_and_older_versions_are_not(void **state)
{
	static const struct {
		const char *version;
		bool        spoken;
	} cases[] = {
		{ "-tls1_3", true },
		{ "-tls1_2", true },
		{ "-tls1_1", false },
		{ "-tls1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int port = 0;

		start_server("good", "good", cases[i].version, &port);
		if (cases[i].spoken)
			assert_answered(ask(port, "127.0.0.1", "good"));
		else
			assert_not_sent(ask(port, "127.0.0.1", "good"));
		stop_server(state);
	}
}

/* Debian's OpenSSL would refuse old versions by itself; here it has to be the client that does. */
static bool
allow_old_versions(void)
{
	char file[PATH_SIZE];
	FILE *out = fopen(path(file, "openssl", "cnf"), "w");
	bool written = out != NULL && fputs("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = any\n"
	    "[any]\nMinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n", out) >= 0;

	return out != NULL && fclose(out) == 0 && written && setenv("OPENSSL_CONF", file, 1) == 0;
}

static int
make_certificates(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	make_certificate("good", "IP:127.0.0.1");
	make_certificate("elsewhere", "DNS:localhost");
	make_expired("expired", "good");
	return allow_old_versions() ? 0 : -1;
}

static int
remove_certificates(void **state)
{
	static const char *const files[] = { "good.pem", "good.key", "elsewhere.pem", "elsewhere.key", "expired.pem",
		"openssl.cnf" };
	char file[PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(file, sizeof(file), "%s/%s", folder, files[i]);
		unlink(file);
	}
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_trusted_certificate_is_accepted_and_an_unknown_one_is_not, stop_server),
		cmocka_unit_test_teardown(a_certificate_for_another_host_is_refused, stop_server),
		cmocka_unit_test_teardown(an_expired_certificate_is_refused, stop_server),
		cmocka_unit_test_teardown(tls_1_2_and_1_3_are_spoken_and_older_versions_are_not, stop_server),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
