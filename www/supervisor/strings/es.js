/* The words of the supervisor's view in Spanish.  {names} are filled in by text.js. */
export default {
	language: "es",
	title: "Verificaciones",
	close: "Cerrar",

	live: {
		asking: "Consultando…",
		live: "En directo, como {name}. Última consulta a las {time}.",
		past: "Estado a las {time}, para {name}.",
		lost: "Sin conexión desde las {time}. Lo que ve es de entonces.",
	},
	day: { label: "Día", earlier: "Día anterior", later: "Día siguiente" },

	shut: {
		signed_out: { title: "Sesión cerrada", text: "Inicie sesión para ver las verificaciones. Abra esta página desde Flex o con el acceso de su empresa." },
		sign_in: { title: "Sesión cerrada", text: "Inicie sesión para ver las verificaciones." },
		blocked: { title: "Sesión cerrada", text: "El navegador no deja que esta página use aquí su sesión." },
		window_blocked: { title: "Sesión cerrada", text: "El navegador bloqueó la ventana de acceso. Permita las ventanas emergentes de esta página e inicie sesión." },
		not_allowed: { title: "Para supervisores", text: "Su sesión no es la de un supervisor, así que aquí no se muestra nada." },
	},
	shut_actions: { sign_in: "Iniciar sesión", allow: "Permitir la sesión aquí", open: "Abrir en una ventana" },

	tiles: {
		approved: "Verificados", approved_of: "de {count} iniciadas",
		pass_rate: "Tasa de éxito", pass_rate_of: "de las iniciadas",
		median: "Tiempo de verificación", median_of: "la mitad no tardó más",
		open: "En curso", open_of: "en este momento",
		closed: "Bloqueados o detenidos", closed_of: "en este momento",
		overrides: "Sin prueba", overrides_of: "permitidos en este día",
		none: "–",
	},

	states: {
		not_verified: "Sin verificar", was_verified: "Verificado antes", was_allowed: "Permitido antes",
		sending: "Enviando…", pending: "Esperando el código", checking: "Comprobando…", approved: "Verificado",
		expired: "Código caducado", locked: "Bloqueado", canceled: "Cancelado", unclear: "Resultado incierto",
		stopped: "Detenido por el cliente", overridden: "Permitido sin prueba",
		number_locked: "Número bloqueado",
	},
	channels: { sms: "por SMS", call: "por llamada", whatsapp: "por WhatsApp", email: "por correo", pin: "con PIN" },

	closed: {
		title: "Bloqueados y detenidos",
		none: "No hay ningún número bloqueado ni contacto detenido.",
		locked: "Demasiados códigos erróneos. Bloqueado hasta las {time}.",
		locked_for_good: "Demasiados códigos erróneos seguidos. Solo un supervisor puede abrirlo.",
		stopped: "El cliente dijo que no se puso en contacto. Detenido por {name} a las {time}.",
		news: { one: "Hay un contacto bloqueado o detenido más.", other: "Hay {count} contactos bloqueados o detenidos más." },
	},

	chart: {
		title: "A lo largo del día",
		as_table: "Lo mismo en una tabla",
		verified: "verificados", other: "sin verificar", median: "segundos hasta verificar, mediana",
		overrides: "permitidos sin prueba",
		summary: "Se aprobaron {approved} de {begun} verificaciones iniciadas, {rate}; la mitad en menos de {median}. Hora por hora en la tabla siguiente.",
		nothing: "En este día no se inició ninguna.",
		seconds: "{count} s",
	},
	figures: {
		hour: "Hora", begun: "Iniciadas", approved: "Verificadas", pass_rate: "Tasa de éxito", median_seconds: "La mitad en",
		codes: "Códigos enviados", wrong_codes: "Códigos erróneos", locks: "Bloqueos", overrides: "Sin prueba",
		stops: "Detenidos", unlocks: "Desbloqueos", total: "Todo el día",
	},

	list: {
		title: "Contactos",
		find: "Referencia, tarea, agente o final del número",
		show: "Mostrar",
		shows: { all: "todos", open: "en curso", verified: "verificados", trouble: "bloqueados, detenidos o sin prueba" },
		none: "En este día aún no se ha verificado ningún contacto.",
		none_found: "Ningún contacto de la lista es así.",
		more: "Hay más contactos de los que se muestran. Para uno anterior, escriba arriba su referencia o tarea.",
		direct: "{id} no está en la lista.",
		columns: { begun: "Inicio", state: "Estado", number: "Número", agent: "Agente", tries: "Códigos · intentos",
			until: "Hasta", reference: "Referencia, tarea", actions: "Acciones" },
		checked_by: "comprobado por {name}",
		stopped_by: "detenido por {name}",
		reason: "{name}: «{reason}»",
		good_until: "código hasta las {time}",
		until: "hasta las {time}",
		since: "hasta las {time}, terminado",
		until_opened: "hasta que un supervisor lo abra",
		someone: "alguien",
	},

	actions: {
		unlock: "Desbloquear", allow: "Permitir sin prueba",
		unlock_of: "Desbloquear {id}", allow_of: "Permitir sin prueba {id}",
	},

	ask: {
		reason: "Motivo", reason_hint: "De 10 a 200 caracteres. Queda registrado con su nombre.",
		minutes: "Minutos", minutes_hint: "De 1 a {max}. Después termina por sí solo.",
		cancel: "Cancelar",
		busy: "En curso…",
		unlock: {
			title: "Desbloquear",
			text: "Los códigos erróneos de este número se cuentan de nuevo desde ahora y se levanta la detención del contacto. No verifica a nadie: el agente envía un código nuevo.",
			done: "Desbloqueado: {id}.",
		},
		allow: {
			title: "Permitir sin prueba",
			text: "El agente de este contacto ve los datos del cliente aunque nadie haya probado quién llama. Los campos que exigen una prueba reciente siguen cerrados. Usted no ve nada de ello.",
			done: "Permitido sin prueba: {id}.",
		},
		count: "{count} de 200",
		reason_short: "Un motivo tiene al menos 10 caracteres. Ha escrito {count}.",
		reason_long: "Un motivo tiene como máximo 200 caracteres. Ha escrito {count}.",
		minutes_wrong: "Un número entero de 1 a {max}.",
	},

	csv: {
		button: "Exportar CSV",
		done: { one: "Una fila guardada.", other: "{count} filas guardadas." },
		nothing: "No hay ninguna fila que guardar.",
		file: "verificaciones-{day}.csv",
	},

	refusals: {
		agent_not_allowed: "Su sesión no es la de un supervisor.",
		agent_not_signed_in: "Su sesión está cerrada. Inicie sesión y repítalo.",
		agent_session_expired: "Su sesión ha caducado. Inicie sesión y repítalo.",
		sign_in_unavailable: "No se pudo comprobar su sesión con Twilio, así que no se hizo nada. Repítalo en unos segundos.",
		own_task: "Usted tiene este contacto o manejó sus códigos, así que hace falta un segundo supervisor. Pídaselo a otro.",
		override_off: "Aquí no se deja pasar a nadie sin prueba.",
		task_not_found: "Ese contacto ya no existe.",
		task_closed: "Este contacto ha terminado.",
		task_unavailable: "No se pudo consultar este contacto en Twilio, así que no se hizo nada. Repítalo en unos segundos.",
		no_number: "Este contacto no tiene un número que se pueda verificar.",
		invalid_task: "Una tarea es WT y 32 caracteres, de 0 a 9 y de a a f.",
		invalid_reason: "Un motivo tiene de 10 a 200 caracteres visibles. Diga por qué con palabras que otra persona entienda después.",
		invalid_minutes: "Los minutos son un número entero, hasta el máximo configurado.",
		already_approved: "Este cliente ya está verificado, así que el agente tiene los datos.",
		verification_busy: "Ahora mismo se envía o comprueba un código de este contacto. Repítalo en unos segundos.",
		contact_stopped: "El cliente dijo que no se puso en contacto. Desbloquee antes el contacto, si fue un error.",
		not_locked: "El número ya no está bloqueado ni el contacto detenido.",
		unknown_reference: "Ninguna verificación tiene esta referencia. Compare sus 8 caracteres con los del panel del agente.",
		ledger_unavailable: "Ahora no se puede escribir el registro, así que no se hizo nada. Repítalo en unos segundos.",
		too_many_requests: "Demasiadas peticiones a la vez. Espere unos segundos.",
		lost: "Se perdió la respuesta. Mire en la lista si se hizo.",
	},
};
