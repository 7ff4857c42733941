#!/bin/bash
#
# stack.sh COMMAND: everything on this machine, for development: the programs,
# the sandbox that plays Twilio, and nginx.
#
#   start   in the background; starts what is not running, and restarts what was
#           rebuilt or configured anew
#   stop    ends all of it, requests in hand first
#   run     in the foreground, until Ctrl-C
#   status  says what runs; exit status 0: all of it, 3: not all
#   check   judges the configurations without starting anything
#   forget  removes the logs and the ledger of a stack that is stopped
#
# From the environment:
#   PORT      on 127.0.0.1, 8080 unless given; each port is a stack of its own
#   PROGRAMS  to start beside the sandbox, all of cgi-bin unless given
#   BIN       where the programs are, cgi-bin unless given
#   WWW       where the panel's files are, www unless given
#   CONFIG    a file whose keys go before those of sandbox.env
#
# All state is in .run/PORT: NAME.sock, NAME.pid, NAME.log, NAME.exit (how it
# ended), flex-verify.env, ledger.db, nginx/.
set -euo pipefail

# Before the directory changes, so that CONFIG=FILE is where the caller means.
if [[ -n ${CONFIG:-} && $CONFIG != /* ]]; then
	CONFIG=$PWD/$CONFIG
fi
cd "${0%/*}/../.."

ROOT=$PWD
PORT=${PORT:-8080}
RUN_DIR=$ROOT/.run/$PORT
BIN=${BIN:-cgi-bin}
WWW=${WWW:-www}
[[ $BIN == /* ]] || BIN=$ROOT/$BIN
[[ $WWW == /* ]] || WWW=$ROOT/$WWW

# One file in cgi-bin, one program; all but the sandbox have the configuration.
read -ra CONFIGURED <<<"${PROGRAMS:-}"
if [ ${#CONFIGURED[@]} -eq 0 ]; then
	for file in cgi-bin/*.c; do
		file=${file#cgi-bin/}
		[ "$file" = twilio-sandbox.c ] || CONFIGURED+=("${file%.c}")
	done
fi
STARTED=("${CONFIGURED[@]}" twilio-sandbox)
SERVICES=(nginx "${STARTED[@]}")
LAUNCHED=() # by this call

# The line of nginx.conf in whose place the sandbox's locations go.
readonly NO_SANDBOX='location ^~ /sandbox { return 404; }'

# What nginx.conf has in common with other hosts.
readonly NGINX_PARTS=(deploy/nginx/flex-verify-http.conf deploy/nginx/flex-verify.conf)

START_SECONDS=60 # under a sanitizer, on a busy machine
STOP_SECONDS=30  # more than the longest request takes

# Debian keeps nginx where only root looks.
PATH=$PATH:/usr/sbin:/sbin

# Never readable; see pause.
exec {NEVER}<> <(:)

fail() {
	printf 'stack.sh: %s\n' "$*" >&2
	exit 1
}

# ---- One service -------------------------------------------------------------

# What follows is asked again and again, and starts no process for it.

pause() { # SECONDS
	read -rt "$1" -u "$NEVER" || true
}

# Sets PID, and the words of its command line.  From /proc/PID/cmdline, because
# the programs hide /proc/PID/exe along with their memory.
look_up() {
	PID='' COMMAND_LINE=()
	{
		read -r PID <"$RUN_DIR/$1.pid"
		mapfile -d '' -t COMMAND_LINE <"/proc/$PID/cmdline"
	} 2>/dev/null || true
}

# Running, and still ours: its pid may belong to somebody else by now.
is_running() {
	look_up "$1"
	[[ ${COMMAND_LINE[*]} == *"$RUN_DIR/"* ]]
}

# Another binary than now stands in BIN.
is_outdated() {
	look_up "$1"
	[ "$BIN/$1" -nt "$RUN_DIR/$1.pid" ] || [ "${COMMAND_LINE[0]:-}" != "$BIN/$1" ]
}

any_running() {
	local name
	for name in "${SERVICES[@]}"; do
		if is_running "$name"; then
			return 0
		fi
	done
	return 1
}

port_answers() {
	{ : <>"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null
}

# Still, after a second: an nginx that just ended may take a moment.
port_is_taken() {
	for _ in {1..50}; do
		port_answers || return 1
		pause 0.02
	done
}

is_listening() {
	local line lines
	if [ "$1" = nginx ]; then
		port_answers
		return
	fi
	mapfile -t lines </proc/net/unix
	for line in "${lines[@]}"; do
		# __SO_ACCEPTCON: somebody listens.
		if [[ $line == *' 00010000 '*" $RUN_DIR/$1.sock" ]]; then
			return 0
		fi
	done
	return 1
}

set_command() {
	case $1 in
	nginx)
		COMMAND=(nginx -p "$RUN_DIR/nginx/" -c "$RUN_DIR/nginx/nginx.conf" -e stderr)
		# The programs' sockets are root's then, so the workers have to be root's, too.
		if [ "$EUID" -eq 0 ]; then
			COMMAND+=(-g 'user root;')
		fi
		;;
	twilio-sandbox) COMMAND=("$BIN/$1" -s "$RUN_DIR/$1.sock") ;;
	*) COMMAND=("$BIN/$1" -c "$RUN_DIR/flex-verify.env" -s "$RUN_DIR/$1.sock") ;;
	esac
}

remove() {
	local path
	for path; do
		if [ -e "$path" ]; then
			rm -f "$path"
		fi
	done
}

# A process group of its own (set -m), so that Ctrl-C reaches stack.sh alone.
# The shell in between stays: it writes down how the service ends, and ends the
# workers of an nginx that was killed, which would keep the port.
launch() {
	local name=$1
	local -a COMMAND
	set_command "$name"
	remove "$RUN_DIR/$name.pid" "$RUN_DIR/$name.exit"
	LAUNCHED+=("$name")
	set -m
	(
		set +em
		TZ=UTC "${COMMAND[@]}" 2>>"$RUN_DIR/$name.log" &
		printf '%s\n' $! >"$RUN_DIR/$name.pid"
		wait $!
		printf '%s\n' $? >"$RUN_DIR/$name.exit"
		trap '' TERM
		kill -s TERM 0
	) </dev/null >/dev/null 2>&1 9>&- {NEVER}>&- &
	set +m
}

# Prints the end of a service's log and ends what was started with it.
give_up() {
	{
		printf '%s\n' "--- $RUN_DIR/$1.log:"
		tail -n 15 "$RUN_DIR/$1.log"
	} >&2
	end_services "${LAUNCHED[@]}" || true
	fail "$2"
}

wait_until_listening() {
	local deadline=$((SECONDS + START_SECONDS))
	until is_running "$1" && is_listening "$1"; do
		if [ -e "$RUN_DIR/$1.exit" ]; then
			give_up "$1" "$1 did not start"
		fi
		if [ $SECONDS -ge $deadline ]; then
			give_up "$1" "$1 does not answer after $START_SECONDS s"
		fi
		pause 0.02
	done
}

# Ends services, all at the same time; false if one had to be killed.
end_services() {
	local name signal deadline=$((SECONDS + STOP_SECONDS)) result=0
	for name; do
		signal=TERM
		if [ "$name" = nginx ]; then
			signal=QUIT # for nginx, TERM means to drop the requests in hand
		fi
		if is_running "$name"; then
			kill -s $signal "$PID" 2>/dev/null || true
		fi
	done
	for name; do
		while is_running "$name" && [ $SECONDS -lt $deadline ]; do
			pause 0.02
		done
		if is_running "$name"; then
			printf 'stack.sh: %s did not end within %s s and was killed\n' "$name" $STOP_SECONDS >&2
			kill -s KILL "$PID" 2>/dev/null || true
			result=1
		fi
		# How it ended is written by the shell around it, a moment later.
		while [ -e "$RUN_DIR/$name.pid" ] && [ ! -e "$RUN_DIR/$name.exit" ] && [ $SECONDS -le $deadline ]; do
			pause 0.02
		done
		remove "$RUN_DIR/$name.pid" "$RUN_DIR/$name.sock"
	done
	return $result
}

# ---- Configuration -----------------------------------------------------------

# The keys of CONFIG, then those of sandbox.env that it does not have.
write_env() {
	local text overlay=
	if [ -n "${CONFIG:-}" ]; then
		[ -f "$CONFIG" ] || fail "CONFIG=$CONFIG: no such file"
		overlay=$(<"$CONFIG")
	fi
	text="# Made from ${CONFIG:+$CONFIG and }deploy/local/sandbox.env
$overlay
$(awk -F= '
		{ key = $1; gsub(/[[:blank:]]/, "", key) }
		key !~ /^[A-Z][A-Z0-9_]*$/ { next }
		NR == FNR { laid_over[key] = 1; next }
		!(key in laid_over)
	' <(printf '%s\n' "$overlay") deploy/local/sandbox.env)"
	text=${text//@PORT@/"$PORT"}
	printf '%s\n' "${text//@RUN_DIR@/"$RUN_DIR"}" >"$RUN_DIR/flex-verify.env.new"
}

write_nginx_conf() {
	local text line lines origins='' file
	local -r origin_list='^[]a-z0-9.:/ [-]*$'
	mapfile -t lines <"$RUN_DIR/flex-verify.env.new"
	for line in "${lines[@]}"; do
		if [[ $line =~ ^[[:blank:]]*ALLOWED_ORIGINS[[:blank:]]*=(.*)$ ]]; then
			origins=${BASH_REMATCH[1]//\"/}
		fi
	done
	[[ $origins =~ $origin_list ]] || fail "ALLOWED_ORIGINS=$origins is no list of origins"
	text=$(<nginx.conf)
	for file in "${NGINX_PARTS[@]}"; do
		[[ $text == *"include $file;"* ]] || fail "nginx.conf does not include $file"
		text=${text/"include $file;"/$(<"$file")}
	done
	[[ $text == *"$NO_SANDBOX"* ]] || fail "nginx.conf has no line $NO_SANDBOX"
	text=${text/"$NO_SANDBOX"/$(<deploy/local/sandbox.nginx.conf)}
	text=${text//@PORT@/"$PORT"}
	text=${text//@RUN_DIR@/"$RUN_DIR"}
	text=${text//@WWW_DIR@/"$WWW"}
	text=${text//@SOCKETS@/"$RUN_DIR"}
	text=${text//@AT@/}
	printf '%s\n' "${text//@FRAME_ANCESTORS@/"'self' $origins"}" >"$RUN_DIR/nginx/nginx.conf.new"
}

# Puts FILE.new in the place of FILE; false if they are the same.
replace() {
	if cmp -s "$1.new" "$1"; then
		rm -f "$1.new"
		return 1
	fi
	mv -f "$1.new" "$1"
}

# One command at a time: start and stop from two terminals take turns.
prepare() {
	if ! [[ $PORT =~ ^[1-9][0-9]{0,4}$ && $PORT -le 65535 ]]; then
		fail "PORT=$PORT is no port"
	fi
	# A Unix socket's path has at most 107 bytes.
	[ ${#RUN_DIR} -le 87 ] || fail "$ROOT is too long a path for Unix sockets; use a shorter one"
	umask 077
	[ -d "$RUN_DIR/nginx" ] || mkdir -p "$RUN_DIR/nginx"
	exec 9>"$RUN_DIR/lock"
	flock 9
}

check_programs() {
	local name
	for name in "${STARTED[@]}"; do
		[ -x "$BIN/$name" ] || fail "$BIN/$name is missing; make builds it"
	done
	command -v nginx >/dev/null || fail "nginx is missing; make start and make run install it"
}

# ---- Commands ----------------------------------------------------------------

# A mistake is found here, before anything that runs is touched.
check_configuration() {
	check_programs
	write_env
	write_nginx_conf
	# All programs read it the same way.
	"$BIN/${CONFIGURED[0]}" -n -c "$RUN_DIR/flex-verify.env.new" >/dev/null || fail "the configuration cannot be used"
	nginx -t -q -p "$RUN_DIR/nginx/" -c "$RUN_DIR/nginx/nginx.conf.new" -e stderr ||
		fail "nginx.conf cannot be used"
}

start_all() {
	local name outdated=()
	check_configuration
	if replace "$RUN_DIR/nginx/nginx.conf"; then
		outdated+=(nginx)
	fi
	if replace "$RUN_DIR/flex-verify.env"; then
		outdated+=("${CONFIGURED[@]}")
	fi
	for name in "${STARTED[@]}"; do
		if is_outdated "$name"; then
			outdated+=("$name")
		fi
	done
	end_services "${outdated[@]}" || true

	if ! is_running nginx && port_is_taken; then
		fail "port $PORT is taken by another program; choose another one with PORT=$((PORT % 65535 + 1))"
	fi
	for name in "${SERVICES[@]}"; do
		is_running "$name" || launch "$name"
	done
	for name in "${SERVICES[@]}"; do
		wait_until_listening "$name"
	done
}

say_where() {
	printf '%s\n' '' \
		"  Agent desk, with a customer's phone:  http://127.0.0.1:$PORT/sandbox/" \
		"  The panel alone, for Ana's call:      http://127.0.0.1:$PORT/?task=WT00000000000000000000000000000001#token=sandbox-ana" \
		"  Logs and ledger:                      .run/$PORT/" ''
}

start() {
	prepare
	start_all
	say_where
}

stop() {
	if [ -d "$RUN_DIR" ]; then
		prepare
		end_services "${SERVICES[@]}"
	fi
}

run() {
	local name asked_to_stop=
	prepare
	if any_running; then
		fail "port $PORT is in use by make start or another make run; end it with: make stop PORT=$PORT"
	fi
	trap 'asked_to_stop=yes' INT TERM HUP
	trap 'end_services "${LAUNCHED[@]}"' EXIT
	start_all
	exec 9>&-
	say_where
	echo "Ctrl-C ends it."
	while [ -z "$asked_to_stop" ]; do
		for name in "${SERVICES[@]}"; do
			if is_running "$name"; then
				continue
			fi
			# Who stops or restarts it elsewhere has the lock until that is done.
			if [ -e "$RUN_DIR/$name.pid" ]; then
				exec 9>"$RUN_DIR/lock"
				flock 9
			fi
			if [ ! -e "$RUN_DIR/$name.pid" ]; then
				echo "Stopped by somebody else."
				exit 0
			elif ! is_running "$name"; then
				give_up "$name" "$name ended by itself, so all is stopped"
			fi
			exec 9>&-
		done
		pause 0.5
	done
	echo "Stopping."
}

status() {
	local name result=0
	for name in "${SERVICES[@]}"; do
		if is_running "$name"; then
			printf '%-15s runs, pid %s\n' "$name" "$PID"
		else
			printf '%-15s stopped\n' "$name"
			result=3
		fi
	done
	return $result
}

check() {
	prepare
	check_configuration
	rm -f "$RUN_DIR/flex-verify.env.new" "$RUN_DIR/nginx/nginx.conf.new"
}

forget() {
	if any_running; then
		fail "the stack on port $PORT runs; end it with: make stop PORT=$PORT"
	fi
	rm -rf "$RUN_DIR"
}

case ${1:-} in
start | stop | run | status | check | forget) "$1" ;;
*) fail "usage: stack.sh start|stop|run|status|check|forget" ;;
esac
