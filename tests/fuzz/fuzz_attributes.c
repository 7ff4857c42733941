/*
 * A task's attributes, read, changed and written back.  Input: the answers to
 * a read and a write, and perhaps to a second of each.  Whatever they are: it
 * says that it wrote only if Twilio said so, of a version that it had read.
 */
#include "base/clock.h"
#include "twilio/task_attributes.h"

#include "answers.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *value = json_new_object();

	json_add_string(value, "state", "approved");
	answers_begin(data, size);
	if (task_attributes_set(&answers_twilio, TASK, "flex_verify", value, clock_monotonic_ms(), NULL) ==
	    TASK_ATTRIBUTES_OK) {
		size_t last = 0;

		while (answers_given(last + 1) != NULL)
			last++;
		property(answers_positive(last), "what was written is what Twilio took, or had already");
	}
	answers_end();
	json_free(value);
	return 0;
}
