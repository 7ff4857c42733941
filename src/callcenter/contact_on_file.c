#include "contact_on_file.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "customer_lookup.h"
#include "turn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The object that a path of names with dots between leads into, and then the path's last name; NULL if none. */
static struct json_object *
walk(struct json_object *attributes, const char **path)
{
	char name[SETTINGS_ATTRIBUTE_SIZE];

	for (const char *dot = strchr(*path, '.'); dot != NULL && attributes != NULL; dot = strchr(*path, '.')) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - *path), *path);
		attributes = json_get_object(attributes, name);
		*path = dot + 1;
	}
	return attributes;
}

/* Which customer the task says it is about, as text or as a whole number; "" if it does not say. */
static void
read_customer(const struct turn *turn, char customer[CUSTOMER_ID_SIZE])
{
	const char *path = turn->app->settings.customer_id_attribute, *text = NULL;
	struct json_object *object = path == NULL ? NULL : walk(turn->contact.task.attributes, &path);
	int64_t number = 0;

	customer[0] = '\0';
	if (object == NULL)
		return;
	text = json_get_string(object, path);
	if (text != NULL)
		turn_copy(customer, CUSTOMER_ID_SIZE, text);
	else if (json_get_int(object, path, &number))
		snprintf(customer, CUSTOMER_ID_SIZE, "%" PRId64, number);
}

/* What the task says finds the record; only what the record says counts from there on. */
static enum refusal
fetch_record(struct turn *turn, const char *caller, struct customer_on_file *on_file)
{
	struct contact *contact = &turn->contact;
	char customer[CUSTOMER_ID_SIZE];
	enum refusal refusal = REFUSAL_NONE;

	read_customer(turn, customer);
	if (caller == NULL && customer[0] == '\0')
		return REFUSAL_CUSTOMER_NOT_FOUND;
	refusal = customer_lookup(turn, caller, customer[0] != '\0' ? customer : NULL, &contact->record);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (contact->record == NULL)
		return REFUSAL_CUSTOMER_NOT_FOUND;
	return customer_lookup_read(contact->record, on_file) ? REFUSAL_NONE : REFUSAL_CUSTOMER_LOOKUP_FAILED;
}

/* Whoever takes an account over has its number changed first.  A time to come is a recent one, by another clock. */
static bool
changed_recently(const struct turn *turn, int64_t changed_at)
{
	int64_t days = turn->app->settings.number_change_days;

	return days > 0 && changed_at != 0 && clock_now_ms() - changed_at < days * CLOCK_DAY_MS;
}

static enum refusal
take_addresses(struct turn *turn, const struct customer_on_file *on_file)
{
	struct contact *contact = &turn->contact;
	bool email = on_file->email[0] != '\0' && settings_channel_allowed(&turn->app->settings, "email");
	bool email_changed = changed_recently(turn, on_file->email_changed_at);

	if (on_file->phone[0] != '\0' && changed_recently(turn, on_file->phone_changed_at))
		return REFUSAL_NUMBER_CHANGED_RECENTLY;
	turn_copy(contact->phone, sizeof(contact->phone), on_file->phone);
	if (email && !email_changed)
		turn_copy(contact->email, sizeof(contact->email), on_file->email);
	contact->texts = on_file->texts;
	if (contact->phone[0] != '\0' || contact->email[0] != '\0')
		return REFUSAL_NONE;
	if (email)
		return REFUSAL_NUMBER_CHANGED_RECENTLY;
	return settings_pins(&turn->app->settings) ? REFUSAL_NONE : REFUSAL_NO_NUMBER;
}

enum refusal
contact_on_file(struct turn *turn, const char *caller)
{
	struct customer_on_file on_file = { 0 };
	enum refusal refusal = fetch_record(turn, caller, &on_file);

	if (refusal == REFUSAL_NONE)
		refusal = take_addresses(turn, &on_file);
	if (refusal == REFUSAL_NONE &&
	    !secret_keyed_hash(turn->app->settings.log_key, on_file.id, turn->contact.customer_id))
		refusal = REFUSAL_INTERNAL_ERROR;
	secret_wipe(&on_file, sizeof(on_file));
	return refusal;
}

/* The object that a path of names with dots between leads into is made on the way. */
static void
add_at(struct json_object *object, const char *path, const char *text)
{
	const char *dot = strchr(path, '.');
	char name[SETTINGS_ATTRIBUTE_SIZE];
	struct json_object *child = NULL;

	if (dot == NULL) {
		json_add_string(object, path, text);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
	child = json_new_object();
	add_at(child, dot + 1, text);
	json_add(object, name, child);
}

void
contact_on_file_name(const struct turn *turn, struct json_object *attributes)
{
	char customer[CUSTOMER_ID_SIZE];

	read_customer(turn, customer);
	if (customer[0] != '\0')
		add_at(attributes, turn->app->settings.customer_id_attribute, customer);
}
