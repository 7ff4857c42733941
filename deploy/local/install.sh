#!/bin/sh
#
# install.sh PACKAGE...: installs those Debian packages that are not there yet.
#
# Quick and silent when nothing is missing.  Uses sudo unless root.  A word
# "command:NAME=PACKAGE" stands for PACKAGE unless a command NAME exists, from
# wherever it came.
set -eu

wanted=
for package; do
	case $package in
	command:*)
		package=${package#command:}
		command -v "${package%%=*}" >/dev/null 2>&1 && continue
		package=${package#*=}
		;;
	esac
	wanted="$wanted $package"
done

# shellcheck disable=SC2016,SC2086 # the format is dpkg-query's; a list of words
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status},' $wanted 2>/dev/null || true)
missing=
for package in $wanted; do
	case ",$installed" in
	*",$package installed,"*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "install.sh: no apt-get here, so these are yours to install (names as in Debian 12):$missing" >&2
	exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "install.sh: neither root nor sudo; as root, run: apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

# Something else may be installing at this moment, such as a host's nightly upgrade.
LOCK_TIMEOUT_SECONDS=300

apt_get() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout="$LOCK_TIMEOUT_SECONDS" "$@"
}

install_missing() {
	# shellcheck disable=SC2086 # a list of words
	apt_get install -y --no-install-recommends $missing
}

# A fresh image has no package lists, and old lists name files that are gone.
echo "Installing with apt-get:$missing"
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' 2>/dev/null)" ]; then
	apt_get update
	install_missing
else
	install_missing || { apt_get update && install_missing; }
fi

# Debian starts what it installs.
while read -r package unit port; do
	case " $missing " in
	*" $package "*)
		if [ -d /run/systemd/system ]; then
			echo "Debian's package has also started the system's own $unit on port $port."
			echo "It is not needed here; to switch it off: sudo systemctl disable --now $unit"
		fi
		;;
	esac
done <<-END
	nginx          nginx       80
	apache2        apache2     80
	lighttpd       lighttpd    80
	caddy          caddy       80
	postgresql-15  postgresql  5432
	prometheus     prometheus  9090
END
