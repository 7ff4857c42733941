/* The words of a page that was just opened, in Spanish; en.js says what is what. */
export default {
	language: "es",
	direction: "ltr",
	title: "Verificar al cliente",

	states: {
		loading: { badge: "Consultando el estado" },
		not_verified: {
			badge: "Sin verificar",
			text: ["Se puede enviar un código a este contacto. El cliente se lo lee después."],
			say: "«Le enviaré un código. Léamelo solo si usted nos contactó.»",
			say_on_file: "«Le enviaré un código al número registrado. Léamelo solo si usted nos contactó.»",
		},
		sending: { badge: "Enviando…" },
		offline: {
			badge: "Sin conexión",
			text: ["Falló la conexión con el servidor.", "No se pierde nada: el servidor guarda el estado."],
		},
	},

	connection_lost: "Falló la conexión con el servidor.",

	channels: {
		sms: { send: "Enviar el código por SMS", instead: "Mejor por SMS" },
		call: { send: "Llamar con el código", instead: "Mejor llamar" },
		whatsapp: { send: "Enviar el código por WhatsApp", instead: "Mejor por WhatsApp" },
		email: { send: "Enviar el código por correo", instead: "Mejor por correo" },
		other: { send: "Enviar el código", instead: "De otro modo" },
	},

	actions: {
		stop: "El cliente no nos contactó",
		retry: "Reintentar",
		tell: "Avisar a su supervisor",
		sign_in: "Iniciar sesión",
	},

	busy: {
		start: "Enviando…",
		status: "Consultando…",
	},

	number: {
		spoken: "Número terminado en {ending}",
		true: "El número de quien llama es el registrado.",
		false: "Quien llama no usa el número registrado.",
	},
	code_label: "Código del cliente",
	locale: { label: "Idioma del mensaje", default: "El del país del cliente" },
	someone: "otro agente",

	say: {
		title: "Diga al cliente",
	},

	help_title: "Teclas y ayuda",
	tell: {
		title: "Para su supervisor",
		reference: "Referencia",
		task: "Contacto",
	},
};
