#include "identity.h"

#include <inttypes.h>
#include <stdio.h>

void
identity_sid(char out[SANDBOX_SID_SIZE], const char *prefix, int number)
{
	snprintf(out, SANDBOX_SID_SIZE, "%.2s%032d", prefix, number);
}

void
identity_sid_of_round(char out[SANDBOX_SID_SIZE], const char *prefix, int64_t round, int number)
{
	snprintf(out, SANDBOX_SID_SIZE, "%.2s%016" PRIx64 "%016d", prefix, (uint64_t)round, number);
}
