/*
 * chain: what ties each event of the ledger to all before it.
 *
 * The link of an event is HMAC-SHA256 over the previous link and every member
 * of the event.  Who edits, removes, inserts or reorders an event without the
 * key breaks a link, and the break names the place.  A seal over the last link
 * shows events that were cut off the end.
 */
#ifndef LEDGER_CHAIN_H
#define LEDGER_CHAIN_H

#include "ledger.h"

/* The link of the event at a position (from 1) behind previous ("" before the first).  False if libcrypto fails. */
bool chain_link(const char *key, const char *previous, int64_t position, const struct ledger_event *event,
    char link[LEDGER_LINK_SIZE]);

/* The seal of a ledger whose last event, at position, has this link. */
bool chain_seal(const char *key, int64_t position, const char *link, char seal[LEDGER_LINK_SIZE]);

/* The same of a ledger that begins behind the event at position, because that one and all before it were purged. */
bool chain_origin(const char *key, int64_t position, const char *link, char seal[LEDGER_LINK_SIZE]);

#endif
