/* words: the page's, by the language of the browser.  {names} are filled in. */
const EN = {
	language: "en",
	title: "Is that you?",
	call: { asks: "Are you on a call with {company} now?", why: "You should be on a call with {company} now.",
		agent: "You are speaking with {agent}.", yes: "Yes, that is me", no: "I am not on a call" },
	written: { asks: "Are you writing with {company} now?", why: "You should be writing with {company} now.",
		agent: "{agent} is answering you.", yes: "Yes, that is me", no: "I am not writing with you" },
	note: "Asked at {time}. Say yes only if you contacted {company} yourself. Nobody needs a code from you.",
	sending: "Sending your answer…",
	yes: { title: "Thank you", text: "{company} knows that it is you. You can close this page." },
	no: { title: "Thank you for telling us", text: "We have stopped it. If somebody is on the line: hang up, and tell them nothing. Call {company} at the number that you know." },
	link_expired: { title: "This link is no longer valid", text: "Nothing was answered. If you are in touch with us, ask for a new link. If you are not, ignore the message." },
	link_used: { title: "This link was answered already", text: "It counts once. If that was not you, call the company at the number that you know." },
	unknown_link: { title: "This link is not whole", text: "Nothing was answered. Open it from the text message once more." },
	framed: { title: "Open this page by itself", text: "It stands inside another page. Open the link from the text message." },
	trouble: { title: "We cannot ask you now", text: "Nothing was answered. Open the link once more in a few seconds." },
	lost: "Your answer did not get through. Press once more.",
};

const ES = {
	language: "es",
	title: "¿Es usted?",
	call: { asks: "¿Está ahora en una llamada con {company}?", why: "Debería estar ahora en una llamada con {company}.",
		agent: "Le atiende {agent}.", yes: "Sí, soy yo", no: "No estoy en ninguna llamada" },
	written: { asks: "¿Está escribiendo ahora con {company}?", why: "Debería estar escribiendo ahora con {company}.",
		agent: "Le responde {agent}.", yes: "Sí, soy yo", no: "No les estoy escribiendo" },
	note: "Preguntado a las {time}. Diga que sí solo si usted se puso en contacto con {company}. Nadie necesita un código suyo.",
	sending: "Enviando su respuesta…",
	yes: { title: "Gracias", text: "{company} sabe que es usted. Puede cerrar esta página." },
	no: { title: "Gracias por avisarnos", text: "Lo hemos detenido. Si hay alguien al teléfono: cuelgue y no le diga nada. Llame a {company} al número que usted conoce." },
	link_expired: { title: "Este enlace ya no es válido", text: "No se ha respondido nada. Si está en contacto con nosotros, pida un enlace nuevo. Si no, ignore el mensaje." },
	link_used: { title: "Este enlace ya se respondió", text: "Cuenta una sola vez. Si no fue usted, llame a la empresa al número que conoce." },
	unknown_link: { title: "Este enlace no está completo", text: "No se ha respondido nada. Ábralo otra vez desde el mensaje de texto." },
	framed: { title: "Abra esta página por separado", text: "Está dentro de otra página. Abra el enlace desde el mensaje de texto." },
	trouble: { title: "Ahora no podemos preguntarle", text: "No se ha respondido nada. Abra el enlace otra vez dentro de unos segundos." },
	lost: "Su respuesta no ha llegado. Pulse otra vez.",
};

export const LANGUAGES = { en: EN, es: ES };

/* The browser's first language that is there; else English. */
export function wordsFor(preferred) {
	const known = preferred.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in LANGUAGES);
	return LANGUAGES[known] || EN;
}

export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name] || "");
