/*
 * cases: the tasks that a fresh sandbox has: the everyday ones of the desk,
 * every kind of task that an integration meets and may get wrong, and one for
 * each magic number, so that it can be reached from a task.
 */
#ifndef SANDBOX_CASES_H
#define SANDBOX_CASES_H

#include "state.h"

/* Adds them to a sandbox without tasks; false without memory. */
bool cases_seed(struct sandbox *sandbox);

/* Frees all tasks. */
void cases_forget(struct sandbox *sandbox);

#endif
