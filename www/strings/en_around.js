/* Words that few agents meet: of task_form.js and of signed_in.js. */
export default {
	task_form: {
		label: "Or paste the task of the contact (WT and 32 characters)",
		open: "Open the contact",
		none: "That holds no task. A task is WT and 32 characters, 0 to 9 and a to f.",
	},
	signed_in: {
		done: "You are signed in.",
		alone: "You are signed in. Close this window, and press “Sign in” in the panel once more.",
		not_here: "This server signs nobody in by itself. Open the panel from Flex.",
	},
};
