/*
 * A library to preload into a program: one of the calls it makes fails.
 *
 * INJECT names a directory, in which a file of 64 bytes with the program's name
 * is mapped, and written by whoever decides which call that is; see struct control.  Failing calls do not do what they
 * are there for, except for those that give something up: they do, and then
 * say that they could not.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind {
	KIND_NONE,
	KIND_MEMORY,
	KIND_CURL,
	KIND_SQLITE,
	KIND_MEMORY_AT_START, /* KIND_MEMORY, but for what libcrypto asks for */
	KIND_SYSTEM           /* what the program itself, no library, asks of the system */
};

struct control {
	_Atomic int32_t kind;   /* of calls that count; others are none of ours */
	_Atomic int32_t fails;  /* the how-manieth, from 1; 0: none */
	_Atomic int32_t lasts;  /* not 0: all behind it fail as well */
	_Atomic int32_t counted;
	char            by[48]; /* the file of the code whose call failed first */
};

/* A library that is preloaded has no other place for it. */
static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void
open_control(void)
{
	const char *directory = getenv("INJECT");
	void *shared = MAP_FAILED;
	char path[256];
	int fd = -1;

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s", directory, program_invocation_short_name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	shared = mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared != MAP_FAILED)
		control = shared;
}

/* ---- Coverage ---- */

/* In programs that count which branches they take (make coverage), and in no others. */
static void (*dump_counts)(void);

/* What was taken until a library ends the program would be lost; then it ends as it would have. */
static void
keep_counts(int signal_number)
{
	(void)signal_number;
	dump_counts();
}

__attribute__((constructor)) static void
keep_counts_at_the_end(void)
{
	const struct sigaction action = { .sa_handler = keep_counts, .sa_flags = (int)SA_RESETHAND };

	dump_counts = (void (*)(void))dlsym(RTLD_DEFAULT, "__gcov_dump");
	if (dump_counts == NULL)
		return;
	sigaction(SIGABRT, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* Counts are kept with memory of their own, when the program has ended. */
static void
stop_failing(void)
{
	atomic_store(&control->kind, KIND_NONE);
}

/* Registered here, as it then comes before what was registered before main, which keeps them. */
static void
stop_failing_at_the_end(void)
{
	static atomic_flag registered = ATOMIC_FLAG_INIT;

	if (dump_counts != NULL && !atomic_flag_test_and_set(&registered))
		atexit(stop_failing);
}

/* ---- Which call fails ---- */

/* The name of the file that code is in, without its directory. */
static const char *
file_of(const void *code)
{
	const char *slash = NULL;
	Dl_info info;

	if (dladdr(code, &info) == 0 || info.dli_fname == NULL)
		return "";
	slash = strrchr(info.dli_fname, '/');
	return slash == NULL ? info.dli_fname : slash + 1;
}

/* What a library asks of itself does not fail by itself. */
static bool
is_own(enum kind kind, const char *file)
{
	return (kind == KIND_CURL && strncmp(file, "libcurl", strlen("libcurl")) == 0) ||
	    (kind == KIND_SQLITE && strncmp(file, "libsqlite", strlen("libsqlite")) == 0);
}

/* libcrypto reads thousands of words at its first use, and ends the program when it has no memory for one. */
static bool
counts(enum kind kind, const char *file)
{
	int32_t counted = atomic_load(&control->kind);

	if (kind == KIND_SYSTEM)
		return counted == KIND_SYSTEM && strcmp(file, program_invocation_short_name) == 0;
	if (kind == KIND_MEMORY && counted == KIND_MEMORY_AT_START)
		return strncmp(file, "libcrypto", strlen("libcrypto")) != 0;
	return counted == (int32_t)kind && !is_own(kind, file);
}

static bool
call_fails(enum kind kind, const void *caller)
{
	int32_t nth = 0;
	int32_t failing = 0;

	if (atomic_load(&control->kind) == KIND_NONE || !counts(kind, file_of(caller)))
		return false;
	stop_failing_at_the_end();
	nth = atomic_fetch_add(&control->counted, 1) + 1;
	failing = atomic_load(&control->fails);
	if (failing > 0 && nth == failing)
		snprintf(control->by, sizeof(control->by), "%s", file_of(caller));
	return failing > 0 && (nth == failing || (nth > failing && atomic_load(&control->lasts) != 0));
}

/* Of the function that this stands in. */
#define fails(kind) call_fails(kind, __builtin_return_address(0))

/* The function that would have been called without us.  Its type is the variable's. */
#define NEXT(function) \
	static __typeof__(&(function)) next; \
	if (next == NULL) \
	next = (__typeof__(&(function)))dlsym(RTLD_NEXT, #function)

/* ---- Memory ---- */

/* dlsym itself may ask for memory, which is then from here and never given back. */
static _Alignas(max_align_t) char early[4096];
static size_t early_used;
/* Found without a call, which a sanitizer would want to see before it is ready. */
static __thread bool asking __attribute__((tls_model("initial-exec")));

static void *
take_early(size_t size)
{
	size_t begin = early_used;

	early_used += (size + 15) / 16 * 16;
	return early_used <= sizeof(early) ? early + begin : NULL;
}

static bool
is_early(const void *memory)
{
	return (const char *)memory >= early && (const char *)memory < early + sizeof(early);
}

struct memory {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
};

static struct memory memory;

static bool
memory_found(void)
{
	if (memory.free != NULL)
		return true;
	if (asking)
		return false;
	asking = true;
	memory.malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	memory.calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	memory.realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	memory.free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	asking = false;
	return true;
}

static bool
no_memory(const void *caller)
{
	if (!call_fails(KIND_MEMORY, caller))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	if (!memory_found())
		return take_early(size);
	return no_memory(__builtin_return_address(0)) ? NULL : memory.malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	if (!memory_found())
		return take_early(count * size);
	return no_memory(__builtin_return_address(0)) ? NULL : memory.calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	if (!memory_found() || is_early(old))
		return NULL;
	return no_memory(__builtin_return_address(0)) ? NULL : memory.realloc(old, size);
}

void
free(void *old)
{
	if (old != NULL && !is_early(old) && memory_found())
		memory.free(old);
}

/* A sanitizer's would not ask the malloc above. */
static char *
copy_of(const char *text, size_t length, const void *caller)
{
	char *copy = !memory_found() || no_memory(caller) ? NULL : memory.malloc(length + 1);

	if (copy == NULL)
		return NULL;
	copy[length] = '\0';
	return memcpy(copy, text, length);
}

char *
strdup(const char *text)
{
	return copy_of(text, strlen(text), __builtin_return_address(0));
}

char *
strndup(const char *text, size_t most)
{
	return copy_of(text, strnlen(text, most), __builtin_return_address(0));
}

/* ---- libcurl ---- */

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

CURL *
curl_easy_init(void)
{
	NEXT(curl_easy_init);
	return fails(KIND_CURL) ? NULL : next();
}

/* Whatever stands behind the option is one word. */
CURLcode
curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	va_list list;
	void *value = NULL;
	NEXT(curl_easy_setopt);

	va_start(list, option);
	value = va_arg(list, void *);
	va_end(list);
	return fails(KIND_CURL) ? CURLE_OUT_OF_MEMORY : next(curl, option, value);
}

CURLcode
curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	va_list list;
	void *value = NULL;
	NEXT(curl_easy_getinfo);

	va_start(list, info);
	value = va_arg(list, void *);
	va_end(list);
	return fails(KIND_CURL) ? CURLE_OUT_OF_MEMORY : next(curl, info, value);
}

CURLHcode
curl_easy_header(CURL *curl, const char *name, size_t index, unsigned origin, int request, struct curl_header **header)
{
	NEXT(curl_easy_header);
	return fails(KIND_CURL) ? CURLHE_OUT_OF_MEMORY : next(curl, name, index, origin, request, header);
}

CURLM *
curl_multi_init(void)
{
	NEXT(curl_multi_init);
	return fails(KIND_CURL) ? NULL : next();
}

CURLMcode
curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	va_list list;
	void *value = NULL;
	NEXT(curl_multi_setopt);

	va_start(list, option);
	value = va_arg(list, void *);
	va_end(list);
	return fails(KIND_CURL) ? CURLM_OUT_OF_MEMORY : next(multi, option, value);
}

CURLMcode
curl_multi_add_handle(CURLM *multi, CURL *curl)
{
	NEXT(curl_multi_add_handle);
	return fails(KIND_CURL) ? CURLM_OUT_OF_MEMORY : next(multi, curl);
}

CURLMcode
curl_multi_remove_handle(CURLM *multi, CURL *curl)
{
	CURLMcode code = CURLM_OK;
	NEXT(curl_multi_remove_handle);

	code = next(multi, curl);
	return fails(KIND_CURL) ? CURLM_INTERNAL_ERROR : code;
}

CURLMcode
curl_multi_perform(CURLM *multi, int *running)
{
	NEXT(curl_multi_perform);
	return fails(KIND_CURL) ? CURLM_OUT_OF_MEMORY : next(multi, running);
}

CURLMcode
curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned extras, int timeout_ms, int *ready)
{
	NEXT(curl_multi_poll);
	return fails(KIND_CURL) ? CURLM_OUT_OF_MEMORY : next(multi, extra, extras, timeout_ms, ready);
}

CURLMsg *
curl_multi_info_read(CURLM *multi, int *left)
{
	NEXT(curl_multi_info_read);
	return fails(KIND_CURL) ? NULL : next(multi, left);
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *text)
{
	NEXT(curl_slist_append);
	return fails(KIND_CURL) ? NULL : next(list, text);
}

CURLU *
curl_url(void)
{
	NEXT(curl_url);
	return fails(KIND_CURL) ? NULL : next();
}

CURLUcode
curl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned flags)
{
	NEXT(curl_url_set);
	return fails(KIND_CURL) ? CURLUE_OUT_OF_MEMORY : next(url, part, text, flags);
}

CURLUcode
curl_url_get(CURLU *url, CURLUPart part, char **text, unsigned flags)
{
	NEXT(curl_url_get);
	return fails(KIND_CURL) ? CURLUE_OUT_OF_MEMORY : next(url, part, text, flags);
}

/* ---- SQLite ---- */

int
sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs)
{
	NEXT(sqlite3_open_v2);

	if (fails(KIND_SQLITE)) {
		*db = NULL;
		return SQLITE_NOMEM;
	}
	return next(path, db, flags, vfs);
}

int
sqlite3_prepare_v2(sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **statement, const char **tail)
{
	NEXT(sqlite3_prepare_v2);

	if (fails(KIND_SQLITE)) {
		*statement = NULL;
		return SQLITE_NOMEM;
	}
	return next(db, sql, bytes, statement, tail);
}

int
sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags, sqlite3_stmt **statement, const char **tail)
{
	NEXT(sqlite3_prepare_v3);

	if (fails(KIND_SQLITE)) {
		*statement = NULL;
		return SQLITE_NOMEM;
	}
	return next(db, sql, bytes, flags, statement, tail);
}

int
sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **error)
{
	NEXT(sqlite3_exec);
	return fails(KIND_SQLITE) ? SQLITE_IOERR : next(db, sql, row, context, error);
}

int
sqlite3_step(sqlite3_stmt *statement)
{
	NEXT(sqlite3_step);
	return fails(KIND_SQLITE) ? SQLITE_IOERR : next(statement);
}

int
sqlite3_bind_text(sqlite3_stmt *statement, int parameter, const char *text, int bytes, void (*destroy)(void *))
{
	NEXT(sqlite3_bind_text);
	return fails(KIND_SQLITE) ? SQLITE_NOMEM : next(statement, parameter, text, bytes, destroy);
}

int
sqlite3_bind_int64(sqlite3_stmt *statement, int parameter, sqlite3_int64 number)
{
	NEXT(sqlite3_bind_int64);
	return fails(KIND_SQLITE) ? SQLITE_NOMEM : next(statement, parameter, number);
}

const unsigned char *
sqlite3_column_text(sqlite3_stmt *statement, int column)
{
	NEXT(sqlite3_column_text);
	return fails(KIND_SQLITE) ? NULL : next(statement, column);
}

/* ---- The system ---- */

/* A function of the C library that fails with -1 and errno, or with a number for what went wrong. */
#define SYSTEM_CALL(type, name, parameters, arguments, failing) \
	type name parameters \
	{ \
		NEXT(name); \
\
		if (fails(KIND_SYSTEM)) { \
			errno = ENOMEM; \
			return failing; \
		} \
		return next arguments; \
	}

SYSTEM_CALL(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
SYSTEM_CALL(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1)
SYSTEM_CALL(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1)
SYSTEM_CALL(int, listen, (int fd, int backlog), (fd, backlog), -1)
SYSTEM_CALL(int, epoll_create1, (int flags), (flags), -1)
SYSTEM_CALL(int, epoll_ctl, (int set, int what, int fd, struct epoll_event *event), (set, what, fd, event), -1)
SYSTEM_CALL(int, eventfd, (unsigned count, int flags), (count, flags), -1)
SYSTEM_CALL(int, flock, (int fd, int operation), (fd, operation), -1)
SYSTEM_CALL(int, fstat, (int fd, struct stat *status), (fd, status), -1)
SYSTEM_CALL(int, stat, (const char *path, struct stat *status), (path, status), -1)
SYSTEM_CALL(int, lstat, (const char *path, struct stat *status), (path, status), -1)
SYSTEM_CALL(int, unlink, (const char *path), (path), -1)
SYSTEM_CALL(int, ftruncate, (int fd, off_t length), (fd, length), -1)
SYSTEM_CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
SYSTEM_CALL(ssize_t, read, (int fd, void *bytes, size_t count), (fd, bytes, count), -1)
SYSTEM_CALL(ssize_t, pread, (int fd, void *bytes, size_t count, off_t offset), (fd, bytes, count, offset), -1)
SYSTEM_CALL(ssize_t, pwrite, (int fd, const void *bytes, size_t count, off_t offset), (fd, bytes, count, offset), -1)
SYSTEM_CALL(int, getentropy, (void *bytes, size_t count), (bytes, count), -1)
SYSTEM_CALL(int, setenv, (const char *name, const char *value, int overwrite), (name, value, overwrite), -1)
SYSTEM_CALL(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old),
    (number, action, old), -1)
SYSTEM_CALL(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes),
    (mutex, attributes), ENOMEM)
SYSTEM_CALL(int, pthread_cond_init, (pthread_cond_t * condition, const pthread_condattr_t *attributes),
    (condition, attributes), ENOMEM)
SYSTEM_CALL(int, pthread_create, (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *),
    void *context), (thread, attributes, run, context), EAGAIN)

/* Whatever stands behind the path or the command is one word, or nothing that is looked at. */
int
open(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode = 0;
	NEXT(open);

	va_start(list, flags);
	mode = va_arg(list, mode_t);
	va_end(list);
	if (fails(KIND_SYSTEM)) {
		errno = ENFILE;
		return -1;
	}
	return next(path, flags, mode);
}

int
fcntl(int fd, int command, ...)
{
	va_list list;
	void *value = NULL;
	NEXT(fcntl);

	va_start(list, command);
	value = va_arg(list, void *);
	va_end(list);
	if (fails(KIND_SYSTEM)) {
		errno = ENOMEM;
		return -1;
	}
	return next(fd, command, value);
}

void *
mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	NEXT(mmap);

	if (fails(KIND_SYSTEM)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return next(address, length, protection, flags, fd, offset);
}
