/*
 * supervised_day: the day of two agents, for pictures of the supervisor's page.
 */
import { ANA, ANAS_CALL, BEN, BENS_CALL, SAM, agent, newCall, notThe } from "../api/helpers.js";
import { letTake, moveBack } from "../api/history.js";

const MINUTE = 60000, HOUR = 60 * MINUTE;

/* Of each hour of the day before this one: verified, not verified, seconds that it took. */
const DAY = [[3, 1, 41], [6, 1, 33], [9, 2, 28], [11, 1, 24], [8, 1, 26], [5, 1, 31], [9, 1, 22], [10, 2, 25], [4, 0, 27]];

/* It is afternoon where the supervisor is. */
export function afternoon() {
	const east = (39 - new Date().getUTCHours()) % 24;
	return east <= 14 ? `Etc/GMT-${east}` : `Etc/GMT+${24 - east}`;
}

/* A new call of a number that nobody had today, for one agent and the other by turns. */
function newCalls(stack) {
	const people = [[agent(stack, ANA), ANAS_CALL], [agent(stack, BEN), BENS_CALL]];
	let count = 0;
	return async () => {
		const [who, task] = people[count % people.length];
		const to = `+${447700900000 + count++}`;
		await newCall(stack, { from: to, task });
		return { who, task, to };
	};
}

async function pastHours(stack, contact) {
	const verified = async (ago, took) => {
		const { who, task, to } = await contact();
		await who.start(task, { channel: took % 4 === 0 ? "call" : "sms" });
		const answer = await who.check(task, await stack.lastCode(to));
		letTake(stack, answer, took * 1000);
		moveBack(stack, answer, ago);
	};
	const canceled = async (ago) => {
		const { who, task } = await contact();
		const answer = await who.start(task);
		await who.cancel(task);
		moveBack(stack, answer, ago);
	};
	for (const [ago, [good, bad, seconds]] of DAY.toReversed().entries()) {
		for (let i = 0; i < good; i++)
			await verified(ago * HOUR + (i * 5 + 4) * MINUTE, seconds + (i % 3 - 1) * 6);
		for (let i = 0; i < bad; i++)
			await canceled(ago * HOUR + (i * 9 + 7) * MINUTE);
	}
}

/* And now: one contact of each kind. */
export async function makeDay(stack) {
	const contact = newCalls(stack);
	await pastHours(stack, contact);
	const allowed = await contact();
	await agent(stack, SAM).override(allowed.task, { reason: "Lost the phone; known by account and voice.", minutes: "10" });
	const locked = await contact();
	const sent = await locked.who.start(locked.task);
	for (let i = 0; i < 5; i++)
		await locked.who.check(locked.task, notThe(await stack.lastCode(locked.to)));
	moveBack(stack, sent, 3 * MINUTE);
	const stopped = await contact();
	await stopped.who.start(stopped.task);
	moveBack(stack, await stopped.who.stop(stopped.task), 12 * MINUTE);
	const open = await contact();
	await open.who.start(open.task);
}
