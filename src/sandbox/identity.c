#include "identity.h"

#include <stdio.h>

void
identity_sid(char out[SANDBOX_SID_SIZE], const char *prefix, int number)
{
	snprintf(out, SANDBOX_SID_SIZE, "%.2s%032d", prefix, number);
}
