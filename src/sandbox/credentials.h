/*
 * credentials: HTTP Basic (RFC 7617) with the sandbox's fixed names and passwords.
 */
#ifndef SANDBOX_CREDENTIALS_H
#define SANDBOX_CREDENTIALS_H

#include "http/request.h"

#include <stdbool.h>

/* The account SID with its auth token, or the API key's SID with its secret. */
bool credentials_of_account(const struct request *request);

bool credentials_of_crm(const struct request *request);

#endif
