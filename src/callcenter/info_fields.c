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

	for (const char *const *way = strength_ways; *way != NULL; way++)
		if (strength_of(strengths, *way) >= strength)
			json_append(ways, json_new_string(*way));
	return ways;
}

static void
withhold(struct json_object *withheld, const struct info_field *field, const struct info_proof *proof)
{
	struct json_object *item = json_new_object();

	json_add_string(item, "field", field->name);
	if (field->fresh_minutes > 0)
		json_add_int(item, "fresh_minutes", field->fresh_minutes);
	if (field->channels > 1)
		json_add_int(item, "channels", field->channels);
	if (field->strength > 0) {
		json_add_int(item, "strength", field->strength);
		json_add(item, "ways", ways_of(proof->strengths, field->strength));
	}
	json_append(withheld, item);
}

static void
select_field(const struct info_field *field, struct json_object *record, const struct info_proof *proof,
    struct json_object *selected, struct json_object *withheld)
{
	struct json_object *value = record != NULL ? json_get(record, field->name) : NULL;

	if (value == NULL)
		return;
	if (reached(field, proof))
		json_add(selected, field->name, json_copy(value));
	else
		withhold(withheld, field, proof);
}

struct json_object *
info_fields_select(const char *const *words, bool of_task, struct json_object *record, const struct info_proof *proof,
    struct json_object *withheld)
{
	struct json_object *selected = json_new_object();
	struct info_field field;

	for (; *words != NULL; words++)
		if (info_field_read(*words, &field) && field.of_task == of_task)
			select_field(&field, record, proof, selected, withheld);
	return selected;
}
