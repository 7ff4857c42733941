/* Palabras que pocos agentes encuentran: de task_form.js y de signed_in.js. */
export default {
	task_form: {
		label: "O pegue la tarea del contacto (WT y 32 caracteres)",
		open: "Abrir el contacto",
		none: "Ahí no hay ninguna tarea. Una tarea es WT y 32 caracteres, de 0 a 9 y de a hasta f.",
	},
	signed_in: {
		done: "Ha iniciado sesión.",
		alone: "Ha iniciado sesión. Cierre esta ventana y pulse «Iniciar sesión» en el panel otra vez.",
		not_here: "Este servidor no inicia sesiones por sí mismo. Abra el panel desde Flex.",
	},
};
