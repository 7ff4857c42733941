#include "info_fields.h"

#include "base/json.h"
#include "strength.h"

#include <stdlib.h>
#include <string.h>

#define TASK_PREFIX "task."

#define FRESH_MINUTES_MAX 1440
#define CHANNELS_MAX	  2

/* "5m", "2c" or "2s" */
static bool
read_demand(const char *text, struct info_field *field)
{
	char *unit = NULL;
	long number = strtol(text, &unit, 10);

	if (text[0] < '1' || text[0] > '9')
		return false;
	if (strcmp(unit, "m") == 0 && number <= FRESH_MINUTES_MAX)
		field->fresh_minutes = (int)number;
	else if (strcmp(unit, "c") == 0 && number <= CHANNELS_MAX)
		field->channels = (int)number;
	else if (strcmp(unit, "s") == 0 && number <= STRENGTH_MAX)
		field->strength = (int)number;
	else
		return false;
	return true;
}

bool
info_field_read(const char *word, struct info_field *field)
{
	size_t length = 0;

	memset(field, 0, sizeof(*field));
	field->channels = 1;
	field->of_task = strncmp(word, TASK_PREFIX, strlen(TASK_PREFIX)) == 0;
	if (field->of_task)
		word += strlen(TASK_PREFIX);
	length = strcspn(word, ":");
	if (length == 0 || length >= sizeof(field->name))
		return false;
	memcpy(field->name, word, length);
	return word[length] == '\0' || read_demand(word + length + 1, field);
}

bool
info_field_valid(const char *word)
{
	struct info_field field;

	return info_field_read(word, &field);
}

bool
info_fields_reachable(const char *const *words, int strength)
{
	struct info_field field;

	for (; *words != NULL; words++)
		if (info_field_read(*words, &field) && field.strength > strength)
			return false;
	return true;
}

static bool
reached(const struct info_field *field, const struct info_proof *proof)
{
	return proof->channels >= field->channels && proof->strength >= field->strength &&
	    (field->fresh_minutes == 0 || proof->age_ms < field->fresh_minutes * INT64_C(60000));
}

static struct json_object *
ways_of(char *const *strengths, int strength)
{
	struct json_object *ways = json_new_array();
	bool made = true;

	for (const char *const *way = strength_ways; *way != NULL; way++)
		if (strength_of(strengths, *way) >= strength)
			made = json_append(ways, json_new_string(*way)) && made;
	if (made)
		return ways;
	json_free(ways);
	return NULL;
}

static bool
withhold(struct json_object *withheld, const struct info_field *field, const struct info_proof *proof)
{
	struct json_object *item = json_new_object();
	bool made = json_add_string(item, "field", field->name);

	if (field->fresh_minutes > 0)
		made = json_add_int(item, "fresh_minutes", field->fresh_minutes) && made;
	if (field->channels > 1)
		made = json_add_int(item, "channels", field->channels) && made;
	if (field->strength > 0)
		made = json_add_int(item, "strength", field->strength) &&
		    json_add(item, "ways", ways_of(proof->strengths, field->strength)) && made;
	return json_append(withheld, item) && made;
}

static bool
select_field(const struct info_field *field, struct json_object *record, const struct info_proof *proof,
    struct json_object *selected, struct json_object *withheld)
{
	struct json_object *value = record != NULL ? json_get(record, field->name) : NULL;

	if (value == NULL)
		return true;
	return reached(field, proof) ? json_add(selected, field->name, json_copy(value)) :
				       withhold(withheld, field, proof);
}

struct json_object *
info_fields_select(const char *const *words, bool of_task, struct json_object *record, const struct info_proof *proof,
    struct json_object *withheld)
{
	struct json_object *selected = json_new_object();
	bool made = selected != NULL;

	for (; made && *words != NULL; words++) {
		struct info_field field;

		made = info_field_read(*words, &field);
		if (made && field.of_task == of_task)
			made = select_field(&field, record, proof, selected, withheld);
	}
	if (made)
		return selected;
	json_free(selected);
	return NULL;
}
