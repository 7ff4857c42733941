#include "call_back_task.h"

#include "base/clock.h"
#include "base/json.h"
#include "contact_on_file.h"
#include "turn.h"
#include "twilio/taskrouter.h"

static struct json_object *
call_data(const struct turn *turn)
{
	struct json_object *data = json_new_object();
	char received[CLOCK_ISO8601_SIZE];

	clock_format_ms(clock_now_ms(), received);
	json_add_string(data, "numberToCall", turn->contact.phone);
	json_add_string(data, "numberToCallFrom", turn->app->settings.callback_from);
	json_add_int(data, "attempts", 0);
	json_add_string(data, "mainTimeZone", "UTC");
	json_add_string(data, "utcDateTimeReceived", received);
	json_add_bool(data, "isDeleted", false);
	return data;
}

/* The customer first: a name of the template's is never taken by it. */
static struct json_object *
attributes_of(const struct turn *turn)
{
	struct json_object *attributes = json_new_object();

	contact_on_file_name(turn, attributes);
	json_add_string(attributes, "taskType", "callback");
	json_add_string(attributes, "name", turn->contact.phone);
	json_add_string(attributes, "from", turn->contact.phone);
	json_add_string(attributes, "direction", "inbound");
	json_add_null(attributes, "message");
	json_add(attributes, "callBackData", call_data(turn));
	return attributes;
}

enum refusal
call_back_task_make(struct turn *turn, char task_sid[TWILIO_SID_SIZE])
{
	const struct settings *settings = &turn->app->settings;
	enum twilio_result result = TWILIO_OK;

	task_sid[0] = '\0';
	result = taskrouter_create(&turn->app->twilio, settings->callback_workflow_sid, attributes_of(turn),
	    settings->callback_valid_s, turn->deadline_ms, task_sid, &turn->trace);
	if (result == TWILIO_OK || result == TWILIO_CREDENTIALS)
		return refusal_of_twilio(result);
	return REFUSAL_CALLBACK_FAILED;
}
