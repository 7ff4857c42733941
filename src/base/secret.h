/*
 * secret: what is done with passcodes, tokens and keys: compared in constant
 * time, wiped, drawn at random, and turned into keyed hashes for the log.
 * The one user of libcrypto's algorithms.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * 64 bits are enough to tell numbers apart in a log, and too few to be worth
 * inverting without the key.
 */
#define SECRET_HASH_SIZE 17 /* 16 hex digits and the NUL */

#define SECRET_CODE_SIZE 65 /* 64 hex digits and the NUL */

#define SECRET_SIGNATURE_SIZE 29 /* 20 bytes in base64, and the NUL */

/* Overwrites memory in a way that the compiler may not leave out. */
void secret_wipe(void *memory, size_t length);

/* Same text?  Takes the same time wherever they differ.  NULL equals nothing. */
bool secret_equal(const char *a, const char *b);

/* size - 1 random lower-case hex digits and a NUL; false if the kernel gives none. */
bool secret_random_hex(char *out, size_t size);

/* The same with decimal digits, each as likely as every other. */
bool secret_random_digits(char *out, size_t size);

/*
 * The first 16 hex digits of HMAC-SHA256(key, text).  Keyed, because a bare
 * hash of a phone number is undone in seconds.  False if libcrypto fails.
 */
bool secret_keyed_hash(const char *key, const char *text, char out[SECRET_HASH_SIZE]);

/* HMAC-SHA256(key, text) in hex, whole: a message authentication code.  False if libcrypto fails. */
bool secret_authenticate(const char *key, const char *text, char out[SECRET_CODE_SIZE]);

/* The same of bytes, which may hold a NUL. */
bool secret_authenticate_bytes(const char *key, const void *bytes, size_t length, char out[SECRET_CODE_SIZE]);

/*
 * HMAC-SHA1(key, text) in base64 (RFC 4648, 4), with which Twilio signs its
 * requests: SHA-1 is its choice, and sound in an HMAC.  False if libcrypto fails.
 */
bool secret_sign_sha1(const char *key, const char *text, char out[SECRET_SIGNATURE_SIZE]);

/* SHA-256 of bytes, in lower-case hex; no secret, but libcrypto's.  False if it fails. */
bool secret_sha256(const void *bytes, size_t length, char out[SECRET_CODE_SIZE]);

/*
 * Makes the process keep its secrets: no core dump, not readable by other
 * processes of its user (PR_SET_DUMPABLE), nothing left in memory that a
 * library has freed (mallopt, M_PERTURB), and without the environment
 * variables by which libcurl would use a proxy or write TLS keys to a file.
 */
void secret_harden_process(void);

#endif
