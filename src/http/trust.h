/*
 * trust: the authorities whose certificates servers are judged by, loaded
 * once for all connections of a process.
 *
 * libcurl would load them for each of its handles, and a system's 140 take
 * 30 ms and more than 1 MiB each time.
 */
#ifndef HTTP_TRUST_H
#define HTTP_TRUST_H

#include <stdbool.h>

struct trust;

/*
 * A file of certificates, a directory of them named by their hashes, or both
 * (NULL: none), kept by reference and loaded when first needed.  NULL: no
 * memory.
 */
struct trust *trust_new(const char *file, const char *directory);
void          trust_free(struct trust *trust);

/*
 * Makes an OpenSSL SSL_CTX judge by them and nothing else.  For many threads
 * at once.  The file is loaded anew when it has become another one.  False: it
 * holds no certificates, or there is no memory; then the context judges by
 * what it did before.
 */
bool trust_apply(struct trust *trust, void *ssl_ctx);

#endif
