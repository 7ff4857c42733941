#!/bin/bash
#
# clean_root.sh PACKAGES NEXT: a life of the packages in a fresh Debian 12 with systemd
# as its first process.  make test-deb calls it, as root, with two directories of
# packages, the second of a later version.
#
# What is typed there is what deploy/README.md says to type: the blocks of commands
# are taken from it.  At the end nothing may be there that was not there before.
# The fresh Debian is made once, by debootstrap, and kept in .build/package with
# what was downloaded.  While it runs it has no network but its own loopback.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell there
set -euo pipefail

cd "$(dirname "$0")/../.."
readonly PACKAGES=$1 NEXT=$2
readonly BASE=.build/package/base.tar DOWNLOADS=.build/package/downloads
readonly WITH=systemd,systemd-sysv,dbus,nginx,ca-certificates,curl
readonly MIRROR=${MIRROR:-http://deb.debian.org/debian}

# In memory: dpkg syncs every file, and this Debian is gone in a minute.
WORK=$(mktemp -d)
readonly WORK ROOT=$WORK/root BOOT_SECONDS=60
manager=

say() {
	printf '%4s s  %s\n' $SECONDS "$*"
}

fail() {
	printf 'clean_root.sh: %s\n' "$*" >&2
	exit 1
}

end() {
	local status=$?
	if [ -n "$manager" ]; then
		if [ $status -ne 0 ]; then
			tail -n 15 "$WORK/install.log" || true
			inside 'journalctl --no-pager -q -n 60 -u "flex-verify*" -u nginx; systemctl --failed --no-pager' || true
		fi
		kill -s KILL "$manager" 2>/dev/null || true
		wait 2>/dev/null || true
	fi
	umount -R -l "$WORK" 2>/dev/null || true
	rm -rf "$WORK"
}

# ---- The fresh Debian ------------------------------------------------------------

make_base() {
	say "debootstrap, once: $BASE"
	mkdir -p "$(dirname "$BASE")"
	debootstrap --variant=minbase --include=$WITH bookworm "$ROOT" "$MIRROR" >"$WORK/debootstrap.log" 2>&1 ||
		{ tail "$WORK/debootstrap.log" && fail 'no fresh Debian'; }
	chroot "$ROOT" apt-get update -q >"$WORK/update.log" 2>&1
	tar -C "$ROOT" -cf "$BASE.new" .
	mv "$BASE.new" "$BASE"
}

unpack() {
	mkdir "$ROOT"
	if [ -e "$BASE" ]; then
		tar -C "$ROOT" -xf "$BASE"
	else
		make_base
	fi
}

# What the packages need besides what is there, before there is no network.
download() {
	mkdir -p "$DOWNLOADS"
	cp -a "$DOWNLOADS/." "$ROOT/var/cache/apt/archives/"
	mkdir "$ROOT/root/old" "$ROOT/root/new"
	cp "$PACKAGES"/*.deb "$ROOT/root/old/"
	cp "$NEXT"/*.deb "$ROOT/root/new/"
	chroot "$ROOT" sh -c 'for version in old new; do
		apt-get install -q --download-only /root/$version/*.deb || exit
	done' >"$WORK/download.log" 2>&1 || { tail "$WORK/download.log" && fail 'what the packages need cannot be had'; }
	cp -a "$ROOT"/var/cache/apt/archives/*.deb "$DOWNLOADS/"
}

# Its own systemd, in namespaces of its own.
boot() {
	systemd-nspawn --quiet --boot --register=no --keep-unit --private-network --directory="$ROOT" \
		--resolv-conf=off --timezone=off --console=pipe </dev/null >"$WORK/console.log" 2>&1 &
	manager=$!
	local deadline=$((SECONDS + BOOT_SECONDS))
	until [ "$(inside 'systemctl is-system-running --wait' 2>/dev/null)" = running ]; do
		kill -0 "$manager" 2>/dev/null || { tail -n 5 "$WORK/console.log" && fail 'systemd does not start here'; }
		[ $SECONDS -lt $deadline ] || { tail -n 20 "$WORK/console.log" && fail "systemd is not up after $BOOT_SECONDS s"; }
		sleep 0.2
	done
}

# Runs commands there, as root, until one fails.
inside() {
	local first
	first=$(pgrep -P "$manager") || return
	nsenter --target "$first" --mount --uts --ipc --net --pid --cgroup --root \
		env -i -C / PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive EDITOR=false bash -euo pipefail -c "$1" </dev/null
}

# ---- What the guides say to type -------------------------------------------------

# FILE WORD: the first block of commands in FILE that has WORD in it.
typed() {
	awk -v word="$2" '
		/^```/ { if (inside && index(block, word)) { printf "%s", block; exit } inside = !inside; block = ""; next }
		inside { block = block $0 "\n" }
	' "$1" | grep . || fail "$1 has no commands with $2"
}

# The administrator: an editor that fills in the sandbox's values, and answers nothing.
hire() {
	printf 'APT::Get::Assume-Yes "yes";\nAPT::Install-Recommends "no";\n' >"$ROOT/etc/apt/apt.conf.d/90test"
	printf 'force-unsafe-io\n' >"$ROOT/etc/dpkg/dpkg.cfg.d/90test"
	sed -e 's|@PORT@|8080|g' -e 's|@RUN_DIR@/metrics|/run/flex-verify/metrics/counters|' \
		-e 's|@RUN_DIR@|/var/lib/flex-verify|g' deploy/local/sandbox.env >"$ROOT/root/values"
	printf '#!/bin/sh\ncat /root/values >"$1"\n' >"$ROOT/usr/local/bin/editor"
	chmod 755 "$ROOT/usr/local/bin/editor"
}

# ---- What is looked at -----------------------------------------------------------

expect() {
	local what=$1 wanted=$2 got
	got=$(inside "$3" 2>&1) || true
	[[ $got =~ $wanted ]] || fail "$what: expected $wanted, got: $got"
	say "$what"
}

# Every file, and its owner and mode; not what apt, dpkg and logs write for every package.
everything() {
	inside "find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root \
		-o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log -o -path /var/tmp \
		-o -path /var/lib/systemd/catalog -o -path /etc/machine-id \) -prune \
		-o ! -name '*-' ! -name ld.so.cache ! -name .updated -printf '%p %u %g %m\n' | sort; cat /etc/passwd /etc/group"
}

# Runs while packages are exchanged; at the end prints how often which status came.
ASK='while [ ! -e /tmp/enough ]; do
	curl -s -o /dev/null -w "%{http_code}\n" -H "Authorization: Bearer sandbox-ana" \
		-d task=WT00000000000000000000000000000001 http://127.0.0.1:8080/customer-info || true
done | sort | uniq -c'

[ "$(id -u)" -eq 0 ] || fail 'as root, please: it makes a Debian of its own'
trap end EXIT
mount -t tmpfs -o mode=755 tmpfs "$WORK"
unpack
hire
download
cp "$ROOT"/root/old/*.deb "$ROOT/root/"
boot
say 'a fresh Debian has started'
everything >"$WORK/before"

inside "cd /root; $(typed deploy/README.md 'apt install ./flex-verify_' | head -n 1)" >"$WORK/install.log" 2>&1
grep -q 'not configured.*To do: /etc/flex-verify/flex-verify.env' "$WORK/install.log" || fail 'it does not say what to do'
say 'installed by package; it says what to do'
expect 'without a configuration nothing is served, and nothing has failed' '^inactive$' \
	'systemctl is-active flex-verify@start-verify.socket; systemctl is-failed "flex-verify*" | grep -x failed'
expect 'a program without a configuration says what is missing' 'flex-verify.env: cannot be opened: No such file' \
	'/usr/libexec/flex-verify/start-verify -n'
expect 'the manual is there' 'start-verify.8.gz' 'ls /usr/share/man/man8'

inside "cd /root; $(typed deploy/README.md 'apt install ./flex-verify_')" >>"$WORK/install.log" 2>&1
expect 'secrets are the programs'"'"' alone' '^600 flex-verify flex-verify$' 'stat -c "%a %U %G" /etc/flex-verify/flex-verify.env'
expect 'each socket is the web server'"'"'s alone' '^660 root www-data$' 'stat -c "%a %U %G" /run/flex-verify/*.sock | sort -u'
inside "cd /root; $(typed deploy/README.md 'apt install ./flex-verify-sandbox_')" >>"$WORK/install.log" 2>&1

expect 'a caller is verified, as the README of the API has it' '"name": ?"Maria Santos"' "$(typed cgi-bin/README.md 'api check-verify')"
expect 'the panel and the desk are there' '^200 200$' \
	'for page in "" sandbox/; do curl -s -o /dev/null -w "%{http_code} " "http://127.0.0.1:8080/$page"; done | sed "s/ $//"'
expect 'the command judges account and host' ' 0 failed' "$(typed deploy/README.md 'flex-verify doctor')"
expect 'the services run without a fault of theirs' '^0$' \
	'systemctl show -p NRestarts --value "flex-verify*.service" | sort -u | grep .'

expect 'the guide'"'"'s start of the target starts the sockets that are missing' '^active$' \
	'systemctl stop flex-verify@portal-pin.socket; systemctl start flex-verify.target
	systemctl is-active flex-verify@portal-pin.socket'

rm "$ROOT"/root/*.deb
cp "$ROOT"/root/new/*.deb "$ROOT/root/"
inside 'systemctl stop flex-verify@portal-pin.socket' # as if the old version had none
inside "$ASK" >"$WORK/asked" &
asking=$!
inside 'cd /root; apt install ./flex-verify_*.deb' >>"$WORK/install.log" 2>&1
inside 'for i in $(seq 20); do curl -s -o /dev/null http://127.0.0.1:8080/; done; touch /tmp/enough'
wait "$asking"
inside 'cd /root; apt install ./flex-verify-sandbox_*.deb' >>"$WORK/install.log" 2>&1
[[ $(<"$WORK/asked") =~ ^\ *[0-9]+\ 200$ ]] ||
	fail "requests failed while packages were exchanged: $(<"$WORK/asked")"
say "upgraded under load: $(awk '{ print $1 }' "$WORK/asked") requests, all answered"
version=$(dpkg-deb -f "$NEXT"/flex-verify_*.deb Version)
expect 'the new version is the one that answers' "version ${version//+/.}," \
	'journalctl -t customer-info -o cat | grep sys_startup | tail -n 1'
expect 'the socket of a program that is new is there' '^active$' 'systemctl is-active flex-verify@portal-pin.socket'
expect 'the configuration is kept' '^same$' 'cmp /root/values /etc/flex-verify/flex-verify.env && echo same'
expect 'the verification is kept' 'verification_started|code_sent|approved' \
	'runuser -u flex-verify flex-verify audit follow WT00000000000000000000000000000001'
expect 'the record is whole' 'whole' 'runuser -u flex-verify flex-verify audit verify'

inside 'rm /etc/nginx/sites-enabled/flex-verify.conf; systemctl reload nginx
	apt-get remove flex-verify flex-verify-sandbox' >>"$WORK/install.log" 2>&1
expect 'removed, configuration and ledger are still there' '^flex-verify.env ledger.db' \
	'echo $(basename -a /etc/flex-verify/flex-verify.env /var/lib/flex-verify/ledger.db)'
inside 'apt-get purge flex-verify flex-verify-sandbox; apt-get autoremove --purge' >>"$WORK/install.log" 2>&1
everything >"$WORK/after"
diff "$WORK/before" "$WORK/after" >"$WORK/left" || fail "left behind or lost: $(<"$WORK/left")"
say 'purged: nothing is left behind'
