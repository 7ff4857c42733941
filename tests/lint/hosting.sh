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
for page in "$MAN"/*.[1-8]; do
	# A page that only names another one is judged there; and whether the others
	# are found says something of this machine only.
	if ! grep -q '^\.so ' "$page" && mandoc -Tlint "$page" | grep -v 'referenced manual not found'; then
		broken=1
	fi
done

if ! command -v systemd-analyze >/dev/null; then
	echo 'hosting.sh: there is no systemd-analyze here, so the services are not judged'
	exit $broken
fi

units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT
for program; do
	unit=$units/flex-verify@$program.service
	sed -e 's|@LIBEXEC@|/usr/libexec/flex-verify|' -e 's|@SYSCONF@|/etc|' deploy/systemd/flex-verify@.service >"$unit"
	cp deploy/systemd/flex-verify@.socket "${unit%.service}.socket"
	if ! judged=$(systemd-analyze security --offline=true --threshold=$EXPOSURE_MAX --no-pager "$unit" 2>&1); then
		printf '%s\n' "$judged" | tail -n 3
		broken=1
	fi
done
exit $broken
