/*
 * voice_api: the calls that the account makes, as Twilio's Voice API lists
 * them, and the desk's way to make one.
 */
#ifndef SANDBOX_VOICE_API_H
#define SANDBOX_VOICE_API_H

struct exchange;

/* GET /2010-04-01/Accounts/{AC}/Calls.json, filterable by To and Status; one page. */
void voice_api_list_calls(struct exchange *exchange);

/* POST /sandbox/dialled: an agent dials to, and the customer answers; or, with over=yes, that call is over. */
void voice_api_dial(struct exchange *exchange);

#endif
