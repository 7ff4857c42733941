/* The words of a page that was just opened, in Spanish; en.js says what is what. */
export default {
	language: "es",
	direction: "ltr",
	title: "Verificar al cliente",

	states: {
		loading: { badge: "Consultando el estado" },
		no_task: {
			badge: "Ningún contacto elegido",
			text: ["Elija una llamada o un chat. Aquí podrá verificar a su cliente."],
		},
		bad_task: {
			badge: "Requiere atención",
			text: ["Esta página se abrió con una dirección que no nombra ninguna tarea de Flex.",
				"Dígalo a su supervisor: task es WT y 32 caracteres."],
		},
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
	unexpected: "No se pudo leer la respuesta del servidor ({status}).",

	channels: {
		sms: { send: "Enviar el código por SMS", instead: "Mejor por SMS", sent: "SMS enviado", by: "por SMS" },
		call: { send: "Llamar con el código", instead: "Mejor llamar", sent: "Llamada iniciada", by: "por llamada" },
		whatsapp: { send: "Enviar el código por WhatsApp", instead: "Mejor por WhatsApp",
			sent: "Mensaje de WhatsApp enviado", by: "por WhatsApp" },
		email: { send: "Enviar el código por correo", instead: "Mejor por correo", sent: "Correo enviado",
			by: "por correo" },
		other: { send: "Enviar el código", instead: "De otro modo", sent: "Código enviado", by: "con un código" },
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
