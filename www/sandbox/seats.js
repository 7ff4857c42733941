/*
 * seats: whose place at the desk can be taken.  The tokens are the sandbox's own.
 * Between two tasks a supervisor has a page to look at.
 */
const worker = (number) => `WK${String(number).padStart(32, "0")}`;

export const SEATS = [
	{ id: "ana", name: "Ana", role: "Agent", worker: worker(1), token: "sandbox-ana", hands: "ben" },
	{ id: "ben", name: "Ben", role: "Agent", worker: worker(2), token: "sandbox-ben", hands: "ana" },
	{ id: "sam", name: "Sam", role: "Supervisor", worker: worker(3), token: "sandbox-sam", hands: "ana",
		page: "supervisor/" },
];

export const seatOf = (id) => SEATS.find((seat) => seat.id === id);
