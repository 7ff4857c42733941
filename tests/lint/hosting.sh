#!/bin/bash
#
# hosting.sh MANDIR PROGRAM...: what is for other hosts than this one: the manual
# pages, and how little the services may do.
set -euo pipefail

cd "$(dirname "$0")/../.."
readonly MAN=$1
shift

# In tenths, of systemd's own measure; 10.0 is a service without any limit.
readonly EXPOSURE_MAX=15

broken=0

# complain TEXT: whatever there is to say makes this fail.
complain() {
	if [ -n "$1" ]; then
		printf '%s\n' "$1"
		broken=1
	fi
}

for page in "$MAN"/*.[1-8]; do
	# A page that only names another one is judged there; and whether the others
	# are found says something of this machine only.
	grep -q '^\.so ' "$page" || complain "$(mandoc -Tlint "$page" | grep -v 'referenced manual not found')"
done

if ! command -v systemd-analyze >/dev/null; then
	echo 'hosting.sh: there is no systemd-analyze here, so the services are not judged'
	exit $broken
fi

units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT

# SOURCE NAME: a unit as it is installed, but for a program that exists everywhere.
write_unit() {
	sed -e 's|@LIBEXEC@/[^ ]*|/bin/true|' -e 's|@SYSCONF@|/etc|' -e 's|@SOCKETS@|/run/flex-verify|' \
		-e "s|@SOCKET_UNITS@|$listeners|" "$1" >"$units/$2"
}

listeners=
for program; do
	listeners+=" flex-verify@$program.socket"
	write_unit deploy/systemd/flex-verify@.service "flex-verify@$program.service"
	write_unit deploy/systemd/flex-verify@.socket "flex-verify@$program.socket"
done
write_unit deploy/systemd/flex-verify.target flex-verify.target
write_unit deploy/sandbox/flex-verify-sandbox.service flex-verify-sandbox.service
write_unit deploy/sandbox/flex-verify-sandbox.socket flex-verify-sandbox.socket

# It complains of a word that systemd does not know, and exits with 0; and of units
# that are this machine's own, which are none of ours.
complain "$(systemd-analyze verify --man=no "$units"/*.target "$units"/*.socket "$units"/*.service 2>&1 |
	grep -F flex-verify)"

for unit in "$units"/*.service; do
	judged=$(systemd-analyze security --offline=true --threshold=$EXPOSURE_MAX --no-pager "$unit" 2>&1) ||
		complain "$(printf '%s\n' "$judged" | tail -n 3)"
done
exit $broken
