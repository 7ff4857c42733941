/*
 * coach: the hints: the guided first call, and how to get the panel into each
 * of its states.
 */
import { button, element, part, setText } from "./page.js";
import { GROUPS } from "./states.js";

const TOUR = {
	title: "Your first call",
	steps: ["Press the blue button: a code goes to Maria’s phone.", "Type the code that Maria reads to you.",
		"She is verified. Open the customer info."],
};
const TOUR_KEY = "flex-verify.desk.tour";

const parts = {
	coach: part("coach"), title: part("coach-title"), steps: part("coach-steps"), close: part("coach-close"),
	states: part("states"), groups: part("groups"),
};

/* Storage may be refused; the tour is then over until the page is left. */
function remembered(value) {
	try {
		if (value !== undefined)
			localStorage.setItem(TOUR_KEY, value);
		return localStorage.getItem(TOUR_KEY);
	} catch {
		return null;
	}
}
let tourOver = remembered() === "over";
let touring = false;

/* How far the first call is: a code is out, it was right. */
function tourStep([newest]) {
	if (newest === undefined)
		return 0;
	return newest.status === "approved" ? 2 : 1;
}

/* state: the one that is practised, or null; sent: messages of this contact, the newest first. */
export function renderCoach({ state, firstCall, sent }) {
	touring = state === null && firstCall && !tourOver;
	const lesson = touring ? TOUR : state;
	parts.coach.hidden = lesson === null;
	if (lesson === null)
		return;
	const current = touring ? tourStep(sent) : -1;
	const wanted = `${lesson.title} ${current}`;
	if (parts.coach.dataset.shown === wanted)
		return;
	parts.coach.dataset.shown = wanted;
	setText(parts.title, touring ? lesson.title : `How to get to: ${lesson.title}`);
	parts.steps.replaceChildren(...lesson.steps.map((step, index) => {
		const item = element("li", "", step);
		if (index === current)
			item.setAttribute("aria-current", "step");
		return item;
	}));
}

export function onCoachClosed(then) {
	parts.close.addEventListener("click", () => {
		if (touring) {
			tourOver = true;
			remembered("over");
		}
		then();
	});
}

function stateGroup({ title, states }, choose) {
	const group = element("section", "group");
	const list = element("ul", "group__list");
	list.append(...states.map((state) => {
		const item = element("li", "");
		const goal = button("goal", "", () => choose(state));
		goal.dataset.state = state.id;
		goal.append(element("span", "goal__name", state.title), element("span", "goal__steps", state.steps.join(" ")));
		item.append(goal);
		return item;
	}));
	group.append(element("h3", "group__title", title), list);
	return group;
}

/* The list of all states; choose is called with the one that was chosen. */
export function writeStates(choose) {
	parts.groups.append(...GROUPS.map((group) => stateGroup(group, choose)));
	part("states-open").addEventListener("click", () => parts.states.showModal());
	part("states-close").addEventListener("click", () => parts.states.close());
}

export const closeStates = () => parts.states.close();
