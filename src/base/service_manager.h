/*
 * service_manager: what a program tells whoever started and watches it, by the
 * protocol of systemd's sd_notify(3): one datagram to the Unix socket that
 * NOTIFY_SOCKET names.  Without that variable nobody asked, and nothing is sent.
 *
 * The protocol is a page long and promised to stay as it is (systemd.io,
 * "Interface Portability And Stability"), so libsystemd is not needed for it.
 */
#ifndef BASE_SERVICE_MANAGER_H
#define BASE_SERVICE_MANAGER_H

#include <stdint.h>

/* The states that are told. */
#define SERVICE_READY    "READY=1"    /* serves: configuration read, socket open, threads there */
#define SERVICE_STOPPING "STOPPING=1" /* takes nothing new, and finishes what is in hand */
#define SERVICE_ALIVE    "WATCHDOG=1" /* gets on with its work; see service_manager_watchdog_ms */

/* Tells a state.  What cannot be delivered is dropped: the service goes first. */
void service_manager_tell(const char *state);

/*
 * How long the service manager waits for one SERVICE_ALIVE after another before
 * it takes this process for dead (WATCHDOG_USEC, if WATCHDOG_PID is this one or
 * absent); 0: it does not wait for any.
 */
int64_t service_manager_watchdog_ms(void);

#endif
