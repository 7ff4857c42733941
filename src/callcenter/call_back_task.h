/*
 * call_back_task: the callback task as Flex has it.
 *
 * The attributes are those of the callback feature of Twilio's Flex project
 * template, whose page then has the button that calls; a workflow may route by
 * taskType=callback.
 */
#ifndef CALLCENTER_CALL_BACK_TASK_H
#define CALLCENTER_CALL_BACK_TASK_H

#include "refusal.h"
#include "twilio/twilio.h"

struct turn;

/* Makes the task, to the contact's number.  On REFUSAL_NONE task_sid is its SID. */
enum refusal call_back_task_make(struct turn *turn, char task_sid[TWILIO_SID_SIZE]);

#endif
