#!/bin/sh
#
# postgres.sh DIRECTORY: a PostgreSQL of a test's own.
#
# Makes a database "tests" of the user "tests" in DIRECTORY, which is empty, and
# serves it on a Unix socket there alone:
#     postgresql://tests@/tests?host=DIRECTORY
# Then it does what it is told, a word a line, and says "ready" after each and
# in the beginning: stop, start, kill (as if the power went).  When its input
# ends, so does the server, and DIRECTORY is empty again: a test that dies takes
# it along.  FSYNC=on: what was committed survives the whole host's death, too.
set -eu

directory=$1
data=$directory/data
programs=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")

# PostgreSQL refuses to be root.
as_owner=
if [ "$(id -u)" -eq 0 ]; then
	as_owner='setpriv --reuid=nobody --regid=nogroup --clear-groups'
	chown nobody "$directory"
	chmod 755 "$directory"
fi

# shellcheck disable=SC2086 # words
control() {
	$as_owner "$programs/pg_ctl" -s -D "$data" -w -t 60 "$@" >&2
}

start() {
	control -l "$directory/log" start
}

# shellcheck disable=SC2086 # words
$as_owner "$programs/initdb" -D "$data" -U tests -A trust -E UTF8 --locale=C --no-sync >/dev/null
cat >>"$data/postgresql.conf" <<-END
	listen_addresses = ''
	unix_socket_directories = '$directory'
	unix_socket_permissions = 0777
	fsync = ${FSYNC:-off}
	max_connections = 200
	shared_buffers = 32MB
	log_min_messages = warning
END
trap 'control -m immediate stop || true; rm -rf "$data" "$directory/log"' EXIT
start
"$programs/createdb" -h "$directory" -U tests tests
echo ready
while read -r word; do
	case $word in
	stop) control -m fast stop ;;
	kill) control -m immediate stop ;;
	start) start ;;
	esac
	echo ready
done
