/*
 * identity: who the sandbox is: SIDs and credentials that never change, so
 * that a configuration written once fits every sandbox.  None is a secret.
 */
#ifndef SANDBOX_IDENTITY_H
#define SANDBOX_IDENTITY_H

#include <stdint.h>

#define SANDBOX_SID_SIZE 35 /* two letters, 32 hex digits, NUL */

#define SANDBOX_ACCOUNT_SID    "AC00000000000000000000000000000001"
#define SANDBOX_AUTH_TOKEN     "00000000000000000000000000000001"
#define SANDBOX_API_KEY_SID    "SK00000000000000000000000000000001"
#define SANDBOX_API_KEY_SECRET "sandbox-api-key-secret"

#define SANDBOX_SERVICE_SID  "VA00000000000000000000000000000001"
#define SANDBOX_SERVICE_NAME "Example Energy"

/* A service whose every setting is wrong for a call centre; it sends nothing. */
#define SANDBOX_OTHER_SERVICE_SID  "VA00000000000000000000000000000002"
#define SANDBOX_OTHER_SERVICE_NAME "My First Verify Service"

#define SANDBOX_WORKSPACE_SID "WS00000000000000000000000000000001"
#define SANDBOX_WORKFLOW_SID  "WW00000000000000000000000000000001"
#define SANDBOX_QUEUE_SID     "WQ00000000000000000000000000000001"

#define SANDBOX_MESSAGING_SID "MG00000000000000000000000000000001"

#define SANDBOX_CRM_USER     "sandbox-crm"
#define SANDBOX_CRM_PASSWORD "sandbox-crm-password"

/* The number of the call centre itself. */
#define SANDBOX_CENTRE_NUMBER "+12025550100"

/* prefix and the number in 32 decimal digits: ("WT", 1) is WT00000000000000000000000000000001. */
void identity_sid(char out[SANDBOX_SID_SIZE], const char *prefix, int number);

/* The same for what is new in every round, such as a call: the round in 16 hex digits, the number in 16. */
void identity_sid_of_round(char out[SANDBOX_SID_SIZE], const char *prefix, int64_t round, int number);

#endif
