/*
 * wiped_memory: the heap for a library that does not wipe what it frees.
 *
 * libcurl holds bodies and headers, and so tokens and passcodes, in memory of
 * its own and gives it back as it is.  M_PERTURB (secret_harden_process) does not
 * reach small pieces, which glibc keeps for their thread without touching them.
 * The functions are those of malloc(3), for curl_global_init_mem(3).
 */
#ifndef HTTP_WIPED_MEMORY_H
#define HTTP_WIPED_MEMORY_H

#include <stddef.h>

void  wiped_memory_free(void *memory);
void *wiped_memory_realloc(void *memory, size_t size); /* moves, always */

#endif
