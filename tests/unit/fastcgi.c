#include "fastcgi.h"

#include "http/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROLE_RESPONDER 1

int
fastcgi_connect(const char *path)
{
	struct timeval patience = { .tv_sec = FASTCGI_PATIENCE_MS / 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

void
fastcgi_send_bytes(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t count = send(fd, at, length, MSG_NOSIGNAL);

		assert_true(count > 0);
		at += count;
		length -= (size_t)count;
	}
}

void
fastcgi_send_record(int fd, int type, const void *content, size_t length)
{
	unsigned char header[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8),
		(unsigned char)(length & 0xff), 0, 0 };

	assert_true(length <= FASTCGI_CONTENT_MAX_BYTES);
	fastcgi_send_bytes(fd, header, sizeof(header));
	fastcgi_send_bytes(fd, content, length);
}

void
fastcgi_send_begin(int fd, int flags)
{
	unsigned char content[8] = { 0, ROLE_RESPONDER, (unsigned char)flags };

	fastcgi_send_record(fd, FASTCGI_BEGIN, content, sizeof(content));
}

static void
add_length(struct buffer *out, size_t length)
{
	unsigned char bytes[4] = { (unsigned char)(length >> 24 | 0x80),
		(unsigned char)(length >> 16), (unsigned char)(length >> 8),
		(unsigned char)length };

	if (length < 128)
		assert_true(buffer_add(out, &bytes[3], 1));
	else
		assert_true(buffer_add(out, bytes, 4));
}

void
fastcgi_send_params(int fd, const char *const *variables)
{
	struct buffer content;

	buffer_init(&content, FASTCGI_CONTENT_MAX_BYTES);
	for (; *variables != NULL; variables++) {
		size_t name = strcspn(*variables, "=");
		const char *value = *variables + name + 1;

		add_length(&content, name);
		add_length(&content, strlen(value));
		assert_true(buffer_add(&content, *variables, name));
		assert_true(buffer_add_text(&content, value));
	}
	fastcgi_send_record(fd, FASTCGI_PARAMS, content.data, content.length);
	buffer_free(&content);
}

void
fastcgi_send_body(int fd, const char *body, size_t length)
{
	while (length > 0) {
		size_t part = length < 8000 ? length : 8000;

		fastcgi_send_record(fd, FASTCGI_STDIN, body, part);
		body += part;
		length -= part;
	}
}

void
fastcgi_send_request(int fd, int flags, const char *path, const char *body)
{
	char uri[64] = "";
	char length[64] = "";

	snprintf(uri, sizeof(uri), "DOCUMENT_URI=%s", path);
	snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(body));
	fastcgi_send_begin(fd, flags);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, uri, length, NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	fastcgi_send_body(fd, body, strlen(body));
	fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
}

static bool
receive_bytes(int fd, void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0) {
		ssize_t count = recv(fd, at, length, 0);

		/* Not the end of the connection but of our patience. */
		assert_false(count < 0 && errno == EAGAIN);
		if (count <= 0)
			return false;
		at += count;
		length -= (size_t)count;
	}
	return true;
}

void
fastcgi_receive_answer(int fd, struct fastcgi_answer *answer)
{
	unsigned char header[8];

	answer->ended = false;
	buffer_init(&answer->text, RESPONSE_WRITTEN_MAX_BYTES);
	while (!answer->ended && receive_bytes(fd, header, sizeof(header))) {
		size_t length = (size_t)header[4] << 8 | header[5];
		char content[FASTCGI_CONTENT_MAX_BYTES + 255];

		assert_true(receive_bytes(fd, content, length + header[6]));
		if (header[1] == FASTCGI_STDOUT)
			assert_true(buffer_add(&answer->text, content, length));
		answer->ended = header[1] == FASTCGI_END;
	}
}

bool
fastcgi_is_closed(int fd)
{
	char byte = 0;

	return !receive_bytes(fd, &byte, 1);
}

void
fastcgi_assert_answer(int fd, const char *expected)
{
	struct fastcgi_answer answer;
	const char *body = NULL;

	fastcgi_receive_answer(fd, &answer);
	assert_true(answer.ended);
	assert_int_equal(strncmp(buffer_text(&answer.text), "Status: 200 OK\r\n", 16), 0);
	body = strstr(buffer_text(&answer.text), "\r\n\r\n");
	assert_non_null(body);
	assert_string_equal(body + 4, expected);
	buffer_free(&answer.text);
}

void
fastcgi_assert_not_answered(int fd)
{
	struct fastcgi_answer answer;

	fastcgi_receive_answer(fd, &answer);
	assert_int_equal(answer.text.length, 0);
	buffer_free(&answer.text);
	close(fd);
}
