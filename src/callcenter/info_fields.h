/*
 * info_fields: which fields of a customer an agent may see, and what each
 * demands of the proof.
 *
 * A word of INFO_FIELDS is NAME, task.NAME (of the task's attributes instead
 * of the customer's record), with an optional demand behind a colon:
 * NAME:5m, verified within the last five minutes; NAME:2c, verified by two
 * channels; NAME:2s, verified by a way of strength 2 (see strength.h).  A field
 * that is not listed never leaves the server.
 */
#ifndef CALLCENTER_INFO_FIELDS_H
#define CALLCENTER_INFO_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

#define INFO_FIELD_NAME_SIZE 64

struct info_field {
	bool    of_task; /* else of the customer's record */
	char    name[INFO_FIELD_NAME_SIZE];
	int     fresh_minutes; /* 0: as long as the approval lives */
	int     channels;      /* 1, or 2 */
	int     strength;      /* 0: whatever there is */
};

/* How well the customer is verified. */
struct info_proof {
	int64_t age_ms;   /* since the approval */
	int     channels; /* different ones with a living approval */
	int     strength; /* of the strongest of them */
	char *const *strengths; /* words of strength.h, which tell what ways would reach a demand */
};

/* Reads a word; false if it is none. */
bool info_field_read(const char *word, struct info_field *field);

/* Is it a word of INFO_FIELDS?  For the configuration. */
bool info_field_valid(const char *word);

/* Does none of the words demand more than this strength? */
bool info_fields_reachable(const char *const *words, int strength);

/*
 * Copies what words (ended by NULL) allow out of a record, or out of a task's
 * attributes, into an object that is the caller's.  A field that the proof
 * does not reach is named in withheld, with what it demands, and not copied.
 * Without memory one of the two is incomplete.  A NULL record is an empty one.
 */
struct json_object *info_fields_select(const char *const *words, bool of_task, struct json_object *record,
    const struct info_proof *proof, struct json_object *withheld);

#endif
