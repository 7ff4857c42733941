/*
 * event_columns: an event as people and other programs read it: under the
 * names that src/ledger/schema.sql explains.
 */
#ifndef CLI_EVENT_COLUMNS_H
#define CLI_EVENT_COLUMNS_H

#include "base/buffer.h"
#include "ledger/ledger.h"

/* Room for the longest event in either form, be all its texts control characters, of which JSON makes six bytes. */
#define EVENT_COLUMNS_MAX_BYTES 16384

/* Appends a row of CSV (RFC 4180): the names, or an event. */
void event_columns_write_names(struct buffer *out);
void event_columns_write_csv(const struct ledger_record *record, struct buffer *out);

/* Appends the event as a JSON object. */
void event_columns_write_json(const struct ledger_record *record, struct buffer *out);

#endif
