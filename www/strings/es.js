/* All words of the panel, in Spanish; en.js says what is what. */
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
			say: "«Le enviaré un código al número que está usando. Léamelo solo si usted se puso en contacto con nosotros.»",
		},
		ran_out: {
			badge: "Sin verificar",
			text: ["La verificación terminó a las {approved_until}.",
				"Envíe un código nuevo para volver a ver los datos del cliente."],
			say: "«Para continuar, le enviaré un código más.»",
		},
		sending: { badge: "Enviando…" },
		sending_again: { badge: "Enviando…" },
		sending_elsewhere: { badge: "Enviando…", text: ["{sent_by} está enviando un código."] },
		pending: {
			badge: "Esperando el código",
			text: ["{sent} a las {sent_at}.", "Válido hasta las {expires_at}."],
			say: "«Puede tardar unos segundos. Léame los números cuando los tenga.»",
		},
		pending_again: {
			badge: "Esperando el código",
			text: ["Enviado otra vez a las {sent_at}.", "Es el mismo código, válido hasta las {expires_at}."],
			say: "«Se lo he enviado otra vez. Los números de los dos mensajes sirven.»",
		},
		pending_other: {
			badge: "Esperando el código",
			text: ["{sent} por {sent_by} a las {sent_at}.", "Válido hasta las {expires_at}."],
			say: "«Léame los números del mensaje que le hemos enviado.»",
		},
		checking: { badge: "Comprobando…", text: ["Comparando el código con el que se envió."] },
		checking_elsewhere: { badge: "Comprobando…", text: ["Se está comprobando un código."] },
		ending: { badge: "Un momento…" },
		confirm_stop: {
			badge: "¿El cliente no nos contactó?",
			text: ["Esto cancela el código, cierra los datos del cliente y marca el contacto.",
				"Solo un supervisor puede deshacerlo."],
			say: "«Gracias por decírnoslo. No comparta el código con nadie.»",
		},
		approved: {
			badge: "Cliente verificado",
			text: ["Verificado {by} a las {approved_at} por usted.", "Válido hasta las {approved_until}."],
			say: "«Gracias, queda confirmado.»",
		},
		approved_other: {
			badge: "Cliente verificado",
			text: ["Verificado {by} a las {approved_at} por {approved_by}.", "Válido hasta las {approved_until}."],
			say: "«Gracias, ya está verificado.»",
		},
		expiring: {
			badge: "Verificado · {left}",
			text: ["Los datos del cliente se cierran a las {approved_until}.", "Un código nuevo los mantiene abiertos."],
			say: "«Para continuar, le enviaré un código más.»",
		},
		no_data: {
			badge: "Cliente verificado",
			text: ["Verificado {by} a las {approved_at} por {approved_by}.",
				"Su acceso no incluye los datos del cliente."],
			say: "«Gracias, queda confirmado.»",
		},
		needs_own_code: {
			badge: "Verificado por {approved_by}",
			text: ["Para ver los datos del cliente hace falta un código propio.",
				"{approved_by} verificó al cliente a las {approved_at}."],
			say: "«Ya está verificado. Para ver sus datos le enviaré un código más.»",
		},
		overridden: {
			badge: "Sin verificar. Permitido por {overridden_by} hasta las {overridden_until}",
			text: ["Motivo: {override_reason}"],
			end: "Terminar el permiso",
			say: "«Puedo ayudarle con esto ahora, aunque no he podido verificarle.»",
		},
		expired: {
			badge: "Código caducado",
			text: ["El código caducó a las {expires_at}.", "Ya no se puede usar."],
			say: "«Ese código ha caducado. Le enviaré uno nuevo.»",
		},
		locked: {
			badge: "Bloqueado hasta las {locked_until}",
			text: ["Demasiados códigos no coincidieron.", "Se podrá enviar uno nuevo a las {locked_until}."],
			say: "«Ahora no puedo verificarle con un código. Veré qué más puedo hacer.»",
		},
		locked_for_good: {
			badge: "Bloqueado",
			text: ["Demasiados códigos no coincidieron, demasiadas veces.",
				"Solo un supervisor puede desbloquear este número."],
			say: "«Ahora no puedo verificarle con un código. Veré qué más puedo hacer.»",
		},
		stopped: {
			badge: "Detenido",
			text: ["El cliente no nos contactó, anotó {stopped_by} a las {stopped_at}.",
				"El código está cancelado y el contacto, marcado."],
			say: "«Gracias por decírnoslo. No comparta el código con nadie.»",
		},
		canceled: {
			badge: "Sin verificar",
			text: ["Código cancelado.", "Ya no se puede usar."],
			say: "«He cancelado ese código. No lo comparta con nadie.»",
		},
		ended: {
			badge: "Sin verificar",
			text: ["La verificación se dio por terminada.", "Los datos del cliente están cerrados."],
			say: "«Para continuar, le enviaré un código más.»",
		},
		confirming: {
			badge: "Consultando el resultado",
			text: ["Se perdió una respuesta.", "Preguntando a Twilio qué pasó…"],
			say: "«Un momento.»",
		},
		unclear: {
			badge: "Requiere atención",
			text: ["Se perdió una respuesta de Twilio y no se sabe qué pasó con el último código.",
				"Envíe uno nuevo."],
			say: "«Un momento. Le enviaré un código nuevo.»",
		},
		signed_out: { badge: "Sesión cerrada", text: ["{refusal}"] },
		not_allowed: { badge: "No permitido", text: ["{refusal}"] },
		not_yours: { badge: "No es su contacto", text: ["{refusal}"] },
		contact_gone: { badge: "Contacto terminado", text: ["{refusal}"] },
		no_way: {
			badge: "Sin verificar",
			text: ["{refusal}"],
			say: "«Necesito confirmar quién es usted de otra manera.»",
		},
		server_trouble: { badge: "Requiere atención", text: ["{refusal}"] },
		offline: {
			badge: "Sin conexión",
			text: ["Falló la conexión con el servidor.", "No se pierde nada: el servidor guarda el estado."],
		},
	},

	connection_lost: "Falló la conexión con el servidor.",
	unexpected: "No se pudo leer la respuesta del servidor ({status}).",
	untouched: {
		start: "No se envió nada.",
		check: "El código no se comprobó.",
		cancel: "El código no se canceló.",
		stop: "No se detuvo nada.",
		end: "La verificación no se terminó.",
		status: "",
	},
	still_good: "El código sigue siendo válido hasta las {expires_at}.",
	asked_id: "Petición {id}",

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
		check: "Comprobar el código",
		resend: "Enviar otra vez",
		send_new: "Enviar un código nuevo",
		again: "Verificar otra vez",
		cancel: "Cancelar el código",
		stop: "El cliente no nos contactó",
		stop_now: "Detener y marcar el contacto",
		back: "Volver",
		end: "Terminar la verificación",
		open_info: "Abrir los datos del cliente",
		retry: "Reintentar",
		ask_again: "Consultar el estado",
		tell: "Avisar a su supervisor",
	},
	busy: {
		start: "Enviando…",
		check: "Comprobando…",
		cancel: "Cancelando…",
		stop: "Deteniendo…",
		end: "Terminando…",
		status: "Consultando…",
	},
	slow: {
		start: "Todavía enviando. No envíe otro código por ahora.",
		check: "Todavía comprobando. No pida un código nuevo por ahora.",
		other: "Todavía esperando al servidor.",
	},

	code: {
		label: "Código del cliente",
		hint: "{length} números; se comprueba al completarlo.",
		hint_enter: "{length} números y después Intro.",
		empty: "Escriba los {length} números que lee el cliente.",
		length: "El código tiene {length} números. Ha escrito {entered}.",
		repeated: "Ese código ya fue rechazado. Pida al cliente que lo lea otra vez.",
	},
	tries_left: { one: "Queda 1 intento; después, una espera.", other: "Quedan {count} intentos." },
	no_sends_left: "Se enviaron todos los códigos. Si llegó alguno, escríbalo. "
		+ "Si no, el siguiente puede salir a las {expires_at}.",
	resend_in: {
		minutes: "El próximo código puede enviarse en {count} min.",
		seconds: "El próximo código puede enviarse en {count} s.",
	},
	resend_now: "Ya se puede enviar otro código.",
	left: {
		minutes: { one: "queda 1 min", other: "quedan {count} min" },
		seconds: { one: "queda 1 s", other: "quedan {count} s" },
	},
	last_minute: {
		expires_at: "El código caduca en 1 minuto.",
		approved_until: "Los datos del cliente se cierran en 1 minuto.",
		overridden_until: "Los datos del cliente se cierran en 1 minuto.",
	},
	cancel_hint: "Pulse Intro para cancelar el código.",

	number: {
		spoken: "Número terminado en {ending}",
		true: "El número de quien llama es el registrado.",
		false: "Quien llama no usa el número registrado.",
	},
	locale: { label: "Idioma del mensaje", default: "El del país del cliente" },
	someone: "otro agente",

	say: {
		title: "Diga al cliente",
		wrong: "«No ha coincidido. ¿Me lo puede leer otra vez?»",
	},

	help_title: "Teclas y ayuda",
	tell: {
		title: "Para su supervisor",
		reference: "Referencia",
		task: "Contacto",
	},
};
