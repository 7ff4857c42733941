/* phone: the customer's end: what arrived, and what the customer says of it. */
import { clock, element, part, setText } from "./page.js";

/* How the phone tells what came by which channel. */
const ARRIVALS = {
	sms: { label: "Text message" },
	call: { label: "Automated call", spoken: true },
	whatsapp: { label: "WhatsApp" },
	email: { label: "E-mail" },
};

const parts = {
	owner: part("owner"), time: part("phone-time"), call: part("phone-call"), messages: part("messages"),
	say: part("say"), who: part("say-who"), words: part("say-words"),
};
let arrived = null; /* the messages shown, as a text to compare with */

/* A link is opened beside the desk, as a phone's browser would. */
function bodyOf(text) {
	const body = element("p", "message__body", "");
	const [before, url] = text.split(/(https?:\/\/\S+)/);
	body.append(before);
	if (url !== undefined) {
		const link = element("a", "", url);
		link.href = url;
		link.target = "_blank";
		link.rel = "noopener noreferrer";
		body.append(link);
	}
	return body;
}

function bubble(message) {
	const kind = ARRIVALS[message.channel] ?? { label: message.channel };
	const item = element("article", `message${kind.spoken ? " message--call" : ""}`);
	item.append(element("p", "message__head", `${kind.label} · ${clock(Date.parse(message.date_created))}`),
		kind.spoken ? element("p", "message__body", `“${message.body}”`) : bodyOf(message.body));
	return item;
}

function renderMessages(messages) {
	const now = JSON.stringify(messages.map(({ attempt_sid: sid }) => sid));
	if (now === arrived)
		return;
	arrived = now;
	const items = messages.map(bubble).reverse();
	if (items.length === 0)
		items.push(element("p", "phone__quiet", "No messages yet"));
	else
		items.at(-1).classList.add("message--new");
	parts.messages.replaceChildren(...items);
	parts.messages.scrollTop = parts.messages.scrollHeight;
}

/* A first name; a caller may also have none, or show a number for it. */
const firstOf = (name) => /^\p{L}+/u.exec(name ?? "")?.[0] ?? "The customer";

/* owner: "" for nobody; messages, the newest first; speech: "" for silence. */
export function renderPhone({ owner, onCall, written, messages, speech, now }) {
	const first = firstOf(owner);
	setText(parts.time, clock(now));
	setText(parts.owner, owner === "" ? "" : `${first}’s phone`);
	parts.call.hidden = !onCall;
	parts.say.classList.toggle("say--silent", speech === "");
	setText(parts.who, speech === "" ? "" : `${first} ${written ? "writes" : "says"}`);
	setText(parts.words, speech === "" ? "" : speech);
	renderMessages(messages.filter(({ delivered }) => delivered));
}
