#include "trust.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

struct trust {
	const char     *file, *directory;
	pthread_mutex_t mutex; /* guards the rest */
	X509_STORE     *store; /* NULL: not loaded yet */
	struct stat     loaded;
};

struct trust *
trust_new(const char *file, const char *directory)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (trust == NULL || pthread_mutex_init(&trust->mutex, NULL) != 0) {
		free(trust);
		return NULL;
	}
	trust->file = file;
	trust->directory = directory;
	return trust;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->store);
	pthread_mutex_destroy(&trust->mutex);
	free(trust);
}

/* As libcurl has it: an authority is trusted whether or not it was signed by another one. */
static X509_STORE *
load(const char *file, const char *directory)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL)
		return NULL;
	if (X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
	    (file == NULL || X509_STORE_load_file(store, file) == 1) &&
	    (directory == NULL || X509_STORE_load_path(store, directory) == 1))
		return store;
	X509_STORE_free(store);
	return NULL;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Under the mutex: the first time, and when a package or an administrator has changed the file. */
static bool
refresh(struct trust *trust)
{
	struct stat now = { 0 };
	X509_STORE *store = NULL;

	if (trust->file != NULL && stat(trust->file, &now) != 0)
		return false;
	if (trust->store != NULL && same_file(&now, &trust->loaded))
		return true;
	store = load(trust->file, trust->directory);
	if (store == NULL)
		return false;
	X509_STORE_free(trust->store);
	trust->store = store;
	trust->loaded = now;
	return true;
}

bool
trust_apply(struct trust *trust, void *ssl_ctx)
{
	bool applied = false;

	pthread_mutex_lock(&trust->mutex);
	applied = refresh(trust);
	if (applied)
		SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
	pthread_mutex_unlock(&trust->mutex);
	return applied;
}
