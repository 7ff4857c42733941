#include "wiped_memory.h"

#include "base/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void
wiped_memory_free(void *memory)
{
	if (memory == NULL)
		return;
	secret_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

void *
wiped_memory_realloc(void *memory, size_t size)
{
	void *moved = malloc(size);
	size_t had = memory == NULL ? 0 : malloc_usable_size(memory);

	if (moved == NULL)
		return NULL;
	if (memory != NULL)
		memcpy(moved, memory, had < size ? had : size);
	wiped_memory_free(memory);
	return moved;
}
