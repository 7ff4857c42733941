#include "inspection.h"

#include "base/secret.h"
#include "chain.h"

#include <stdio.h>
#include <string.h>

/* What the walk along the events has to remember. */
struct walk {
	struct inspection   *inspection;
	struct ledger_seal   seal;
	bool                 no_seal;
	bool                 sealed;  /* the seal was made with the key */
	bool                 stopped; /* by the caller's visitor */
};

static void
find_fault(struct inspection *inspection, enum inspection_fault fault, int64_t position, int64_t at)
{
	inspection->fault = fault;
	inspection->position = position;
	inspection->at = at;
}

/* The link that this event would have behind the whole ones. */
static bool
link_here(struct inspection *inspection, const struct ledger_event *event, char link[LEDGER_LINK_SIZE])
{
	if (!chain_link(inspection->key, inspection->whole.link, inspection->whole.position + 1, event, link))
		inspection->failed = true;
	return !inspection->failed;
}

static bool
fits(struct inspection *inspection, const struct ledger_record *record)
{
	char link[LEDGER_LINK_SIZE];

	return record->whole && link_here(inspection, &record->event, link) && secret_equal(link, record->link);
}

static void
advance(struct inspection *inspection, const struct ledger_record *record)
{
	if (inspection->first_at == 0)
		inspection->first_at = record->event.at;
	inspection->last_at = record->event.at;
	inspection->whole.position = record->position;
	memcpy(inspection->whole.link, record->link, sizeof(inspection->whole.link));
}

static void
judge(struct walk *walk, const struct ledger_record *record)
{
	struct inspection *inspection = walk->inspection;
	const struct inspection_place *noted = &inspection->noted;
	int64_t next = inspection->whole.position + 1;

	if (record->position < next) {
		find_fault(inspection, INSPECTION_ADDED, record->position, record->event.at);
	} else if (record->position > next) {
		find_fault(inspection, INSPECTION_MISSING, next, record->event.at);
	} else if (!fits(inspection, record)) {
		find_fault(inspection, INSPECTION_EDITED, record->position, record->event.at);
		memcpy(inspection->broken_link, record->link, sizeof(inspection->broken_link));
	} else if (record->position == noted->position && strcmp(record->link, noted->link) != 0) {
		find_fault(inspection, INSPECTION_NOT_AS_NOTED, record->position, record->event.at);
	} else {
		advance(inspection, record);
	}
}

static bool
look_at(void *context, const struct ledger_record *record)
{
	struct walk *walk = context;
	struct inspection *inspection = walk->inspection;

	if (inspection->fault == INSPECTION_WHOLE)
		judge(walk, record);
	if (inspection->visit == NULL)
		return inspection->fault == INSPECTION_WHOLE;
	walk->stopped = !inspection->visit(inspection->context, record);
	return !walk->stopped;
}

/* An event that does not fit its link was not edited if it cannot have been there at all. */
static void
judge_edit(const struct walk *walk)
{
	struct inspection *inspection = walk->inspection;

	if (!walk->sealed && !walk->no_seal && inspection->whole.position == inspection->origin.position)
		inspection->fault = INSPECTION_KEY;
	else if (walk->sealed && inspection->position > walk->seal.position)
		inspection->fault = INSPECTION_ADDED;
}

static void
judge_seal(const struct walk *walk)
{
	struct inspection *inspection = walk->inspection;
	const struct inspection_place *whole = &inspection->whole;
	const struct ledger_seal *seal = &walk->seal;

	if (walk->no_seal && whole->position == 0)
		return;
	if (walk->sealed && seal->position > whole->position)
		find_fault(inspection, INSPECTION_CUT_OFF, whole->position + 1, 0);
	else if (!walk->sealed || seal->position < whole->position || strcmp(seal->link, whole->link) != 0)
		find_fault(inspection, INSPECTION_SEAL, whole->position, inspection->last_at);
}

static void
judge_noted(struct inspection *inspection)
{
	const struct inspection_place *noted = &inspection->noted, *origin = &inspection->origin;
	bool other = noted->position == origin->position && strcmp(noted->link, origin->link) != 0;

	if (noted->position > inspection->whole.position || (noted->position > 0 && other))
		find_fault(inspection, INSPECTION_NOT_AS_NOTED, noted->position, 0);
}

/* False: it cannot be read.  One that is not as it was written is no seal. */
static bool
read_seal(struct ledger *ledger, struct walk *walk)
{
	const struct ledger_seal *seal = &walk->seal;
	char expected[LEDGER_LINK_SIZE];
	enum ledger_result result = ledger_read_seal(ledger, &walk->seal);

	walk->no_seal = result == LEDGER_OK && seal->position == 0 && seal->seal[0] == '\0';
	if (!chain_seal(walk->inspection->key, seal->position, seal->link, expected))
		return false;
	walk->sealed = result == LEDGER_OK && secret_equal(expected, seal->seal);
	return result == LEDGER_OK || result == LEDGER_ALTERED;
}

/* Nobody without the key can say that the record begins later than it did.  False: it cannot be read. */
static bool
read_origin(struct ledger *ledger, struct inspection *inspection)
{
	char expected[LEDGER_LINK_SIZE];
	struct ledger_seal origin;
	enum ledger_result result = ledger_read_origin(ledger, &origin);

	if (result == LEDGER_OK && origin.position == 0 && origin.seal[0] == '\0')
		return true;
	if (!chain_origin(inspection->key, origin.position, origin.link, expected))
		return false;
	if (result == LEDGER_OK && secret_equal(expected, origin.seal)) {
		inspection->origin.position = origin.position;
		memcpy(inspection->origin.link, origin.link, sizeof(origin.link));
		return true;
	}
	find_fault(inspection, INSPECTION_ORIGIN, origin.position, 0);
	return result == LEDGER_OK || result == LEDGER_ALTERED;
}

bool
inspection_of_events(struct ledger *ledger, struct inspection *inspection)
{
	struct walk walk = { .inspection = inspection };
	int64_t from = inspection->whole.position == 0 ? INT64_MIN : inspection->whole.position + 1;
	enum ledger_result result = LEDGER_OK;

	if (!read_seal(ledger, &walk) || !read_origin(ledger, inspection))
		return false;
	if (inspection->whole.position == 0)
		inspection->whole = inspection->origin;
	result = ledger_each(ledger, LEDGER_BY_POSITION, from, look_at, &walk);
	if (result == LEDGER_OK && inspection->fault == INSPECTION_EDITED)
		judge_edit(&walk);
	if (result == LEDGER_OK && inspection->fault == INSPECTION_WHOLE && !walk.stopped)
		judge_seal(&walk);
	if (result == LEDGER_OK && inspection->fault == INSPECTION_WHOLE && !walk.stopped)
		judge_noted(inspection);
	if (result == LEDGER_ALTERED && inspection->fault == INSPECTION_WHOLE)
		find_fault(inspection, INSPECTION_DAMAGED, inspection->whole.position + 1, 0);
	return (result == LEDGER_OK || result == LEDGER_ALTERED) && !inspection->failed;
}

/* An event may have been moved with its link or without. */
static bool
belongs_here(void *context, const struct ledger_record *record)
{
	struct inspection *inspection = context;
	char link[LEDGER_LINK_SIZE];

	if (record->position == inspection->position || !record->whole ||
	    !link_here(inspection, &record->event, link))
		return true;
	if (!secret_equal(link, record->link) && !secret_equal(link, inspection->broken_link))
		return true;
	inspection->fault = INSPECTION_OUT_OF_ORDER;
	inspection->elsewhere = record->position;
	return false;
}

/* What is damaged behind an edit takes nothing back of it. */
bool
inspection_of_order(struct ledger *ledger, struct inspection *inspection)
{
	enum ledger_result result = LEDGER_OK;

	if (inspection->fault == INSPECTION_EDITED)
		result = ledger_each(ledger, LEDGER_BY_POSITION, inspection->position, belongs_here, inspection);
	return (result == LEDGER_OK || result == LEDGER_ALTERED) && !inspection->failed;
}

bool
inspection_of_file(struct ledger *ledger, struct inspection *inspection)
{
	struct ledger_verification verification;
	enum ledger_result result = LEDGER_OK;
	bool overridden = false;

	if (inspection->fault != INSPECTION_WHOLE)
		return true;
	result = ledger_check(ledger, inspection->detail);
	if (result == LEDGER_ALTERED)
		find_fault(inspection, INSPECTION_DAMAGED, 0, 0);
	if (result != LEDGER_OK)
		return result == LEDGER_ALTERED;
	result = ledger_unrecorded(ledger, &verification);
	if (result != LEDGER_OK && result != LEDGER_ALTERED)
		return result == LEDGER_NOT_FOUND;
	overridden = verification.state == LEDGER_STATE_OVERRIDDEN;
	find_fault(inspection, INSPECTION_UNRECORDED, 0,
	    overridden ? verification.decided_at : verification.approved_at);
	inspection->unrecorded = overridden ? "overridden" : "approved";
	snprintf(inspection->detail, sizeof(inspection->detail), "%s", verification.id);
	return true;
}
