/*
 * inspection: is the record of events as it was written?
 *
 * Walks the events in order, recomputes each link, and names the first event
 * that is not the one its link was made for.  Nobody can make a link or a seal
 * without the key.  What the ledger cannot tell by itself is that it was put
 * back, as a whole and with its seal, to what it was earlier: that takes a
 * place in it that was noted elsewhere.
 */
#ifndef LEDGER_INSPECTION_H
#define LEDGER_INSPECTION_H

#include "ledger.h"

enum inspection_fault {
	INSPECTION_WHOLE = 0,
	INSPECTION_EDITED,       /* the event is not the one its link was made for */
	INSPECTION_OUT_OF_ORDER, /* the event that belongs here stands elsewhere */
	INSPECTION_MISSING,      /* the next event has a later position */
	INSPECTION_ADDED,        /* the event stands where none was written */
	INSPECTION_CUT_OFF,      /* the seal is that of a later event */
	INSPECTION_SEAL,         /* the seal is missing, altered, or that of an earlier event */
	INSPECTION_KEY,          /* neither the first event nor the seal was made with this key */
	INSPECTION_NOT_AS_NOTED, /* the place that was noted is not in the record */
	INSPECTION_UNRECORDED,   /* a verification is approved or overridden, and no event says so */
	INSPECTION_ORIGIN,       /* what says where the record begins was not made with the key */
	INSPECTION_DAMAGED,      /* pages or indexes of the file contradict each other */
	INSPECTION__MAX
};

/* A place in the record; all events before it follow from its link. */
struct inspection_place {
	int64_t position; /* 0: none */
	char    link[LEDGER_LINK_SIZE];
};

struct inspection {
	/* Set by the caller, zero for none. */
	const char             *key;
	struct inspection_place noted; /* must be in the record */
	ledger_visitor         *visit; /* gets each event, also behind a fault, until it returns false */
	void                   *context;

	/* How far the record is whole; what the caller sets here is taken as such. */
	struct inspection_place whole;
	struct inspection_place origin; /* the last event that was purged, by the ledger's sealed word; 0: none */
	int64_t                 first_at, last_at; /* times of the events that were found whole; 0: none */

	bool                  failed; /* libcrypto did, for want of memory: what was found is nothing */
	enum inspection_fault fault;
	int64_t               position;  /* of the event concerned */
	int64_t               at;        /* its time as it stands there; if it is missing, the next one's; 0: unknown */
	int64_t               elsewhere; /* INSPECTION_OUT_OF_ORDER: where the event that belongs here stands */
	char                  detail[LEDGER_FAULT_SIZE]; /* INSPECTION_UNRECORDED: its id; INSPECTION_DAMAGED: how */
	const char             *unrecorded; /* INSPECTION_UNRECORDED: "approved" or "overridden" */
	char                  broken_link[LEDGER_LINK_SIZE]; /* INSPECTION_EDITED: what stands there as its link */
};

/*
 * In this order, inside a transaction, and false if the ledger cannot be read;
 * what they find is in the inspection.
 */

/* Events and seal. */
bool inspection_of_events(struct ledger *ledger, struct inspection *inspection);
/* If an event does not fit its link: does the one that does stand elsewhere?  A second walk. */
bool inspection_of_order(struct ledger *ledger, struct inspection *inspection);
/* If the events are whole: the rest of the file. */
bool inspection_of_file(struct ledger *ledger, struct inspection *inspection);

#endif
