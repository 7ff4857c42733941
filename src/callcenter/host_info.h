/*
 * host_info: how this host's programs are, for what watches over them.
 *
 * Answers from the file that they count into (see metrics.h) and by a look at
 * the ledger, in a program of its own: theirs may be busy to the last thread.
 * Twilio is never asked, so its bad hour does not take a host out of service.
 */
#ifndef CALLCENTER_HOST_INFO_H
#define CALLCENTER_HOST_INFO_H

#include "http/response.h"
#include "settings.h"

/* 200: the way to the programs is open.  Looks at nothing. */
void host_info_health(const struct settings *settings, struct response *response);

/*
 * 200: requests are served; 503: they would not be, because the ledger could
 * not be written, or because all processes of a program are stopping, hang or
 * died.  A program that was stopped or never started is none of these: with
 * socket activation it starts with its first request.
 */
void host_info_ready(const struct settings *settings, struct response *response);

/* All counts as Prometheus reads them, of all programs, and whether the ledger could be written. */
void host_info_metrics(const struct settings *settings, struct response *response);

#endif
