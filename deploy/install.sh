#!/bin/bash
#
# install.sh install|uninstall [sandbox]: puts flex-verify where a host has it, and
# takes it away again; or the sandbox and its desk.  make install, uninstall and
# install-sandbox call it, after a build, with
#
#   DESTDIR  goes before every path, for packages
#   PREFIX   where what is not configuration goes
#   LIBEXEC, BINDIR, SHARE, DOCS, MANDIR, UNITS, SYSUSERS, TMPFILES, SYSCONF, SOCKETS
#            the directories
#   AT       the path before every address, such as /verify
#   BIN, COMMAND, PAGES, PROGRAMS
#            what was built, the manual pages, and the programs' names
#
# Without the word sandbox neither it nor its desk is among it.  The snippets of
# the web servers are yours to change: one that was changed stays as it is, here and when
# flex-verify is taken away, and the new one is put beside it as NAME.new.  So do
# the configuration and the ledger stay.
#
# RECORD has what only this knows: "text SUM PATH" of each snippet as it was ever put there,
# by which one that nobody changed is told from one that somebody did, and "made PATH" of
# each directory that was not there before, which goes again if nothing else is in it.
set -euo pipefail

cd "$(dirname "$0")/.."

readonly WWW=$SHARE RECORD=$DESTDIR$LIBEXEC/install.record
read -ra NAMES <<<"$PROGRAMS"
readonly PART=${2:+$2_}

# The words between @ signs in what is installed.
filled_in() {
	local listeners=${NAMES[*]/#/flex-verify@}
	sed -e "s|@AT@|$AT|g" -e "s|@SOCKETS@|$SOCKETS|g" -e "s|@WWW_DIR@|$WWW|g" -e "s|@LIBEXEC@|$LIBEXEC|g" \
		-e "s|@SYSCONF@|$SYSCONF|g" -e "s|@PORT@|8080|g" -e "s|@RUN_DIR@/metrics|$SOCKETS/metrics/counters|g" \
		-e "s|@RUN_DIR@|/var/lib/flex-verify|g" -e "s|@SOCKET_UNITS@|${listeners// /.socket }.socket|g" -- "$1"
}

# SOURCE TARGET of all that is filled in.
made_files() {
	local unit
	for unit in deploy/systemd/*.{service,socket,target}; do
		printf '%s %s\n' "$unit" "$UNITS/${unit##*/}"
	done
	printf '%s %s\n' deploy/systemd/flex-verify.sysusers.conf "$SYSUSERS/flex-verify.conf" \
		deploy/systemd/flex-verify.tmpfiles.conf "$TMPFILES/flex-verify.conf"
}

# SOURCE TARGET of what belongs to the operator once it is there.
snippets() {
	printf '%s %s\n' deploy/nginx/flex-verify.conf "$SYSCONF/nginx/snippets/flex-verify.conf" \
		deploy/nginx/flex-verify-http.conf "$SYSCONF/nginx/snippets/flex-verify-http.conf" \
		deploy/apache/flex-verify.conf "$SYSCONF/apache2/conf-available/flex-verify.conf" \
		deploy/apache/flex-verify-fcgid.conf "$SYSCONF/apache2/conf-available/flex-verify-fcgid.conf" \
		deploy/lighttpd/flex-verify.conf "$SYSCONF/lighttpd/conf-available/90-flex-verify.conf" \
		deploy/caddy/flex-verify.caddy "$SYSCONF/caddy/flex-verify.caddy"
}

# MODE SOURCE TARGET of the manual pages.
manual_pages() {
	local page
	for page in $PAGES; do
		printf '%s %s %s\n' 644 "$page" "$MANDIR/man${page##*.}/${page##*/}"
	done
}

# MODE SOURCE TARGET of what is copied as it is.
copied_files() {
	local name file
	for name in "${NAMES[@]}"; do
		printf '%s %s %s\n' 755 "$BIN/$name" "$LIBEXEC/$name"
	done
	printf '%s %s %s\n' 755 "$COMMAND" "$BINDIR/flex-verify"
	while read -r file; do
		printf '%s %s %s\n' 644 "www/$file" "$WWW/$file"
	done < <(cd www && find . -path ./sandbox -prune -o -type f -printf '%P\n' | sort)
	printf '%s %s %s\n' 644 .env.example "$SYSCONF/flex-verify/flex-verify.env.example"
	printf '%s %s %s\n' 644 deploy/lighttpd/flex-verify.lua "$LIBEXEC/lighttpd.lua"
	for file in deploy/monitoring/*.{json,yml} deploy/studio/*; do
		printf '%s %s %s\n' 644 "$file" "$DOCS/examples/${file##*/}"
	done
	manual_pages
}

# ---- The same of the sandbox ---------------------------------------------------

sandbox_made_files() {
	printf '%s %s\n' deploy/sandbox/flex-verify-sandbox.service "$UNITS/flex-verify-sandbox.service" \
		deploy/sandbox/flex-verify-sandbox.socket "$UNITS/flex-verify-sandbox.socket" \
		deploy/local/sandbox.env "$DOCS/examples/sandbox.env"
}

sandbox_snippets() {
	printf '%s %s\n' deploy/local/sandbox.nginx.conf "$SYSCONF/nginx/snippets/flex-verify-sandbox.conf"
}

sandbox_copied_files() {
	local file
	printf '%s %s %s\n' 755 "$BIN/twilio-sandbox" "$LIBEXEC/twilio-sandbox" \
		644 deploy/sandbox/nginx-site.conf "$DOCS/examples/nginx-site.conf"
	while read -r file; do
		printf '%s %s %s\n' 644 "www/sandbox/$file" "$WWW/sandbox/$file"
	done < <(cd www/sandbox && find . -type f -printf '%P\n' | sort)
	manual_pages
}

# ---- Putting and taking away ---------------------------------------------------

# Writes a line into the record, once.
note() {
	grep -qsxF -- "$*" "$RECORD" || printf '%s\n' "$*" >>"$RECORD"
}

# MODE SOURCE TARGET
put() {
	local directory=${3%/*} made=()
	until [ -z "$directory" ] || [ -d "$DESTDIR$directory" ]; do
		made+=("$directory")
		directory=${directory%/*}
	done
	install -D -m "$1" "$2" "$DESTDIR$3"
	for directory in "${made[@]}"; do
		note made "$directory"
	done
}

sum_of() {
	sha256sum | cut -d ' ' -f 1
}

# Is that snippet as it was put there, in whatever version?
is_untouched() {
	grep -qsxF -- "text $(sum_of <"$DESTDIR$1") $1" "$RECORD"
}

install_snippet() {
	local source=$1 target=$2
	note text "$(filled_in "$source" | sum_of)" "$target"
	if [ ! -e "$DESTDIR$target" ] || is_untouched "$target"; then
		rm -f "$DESTDIR$target.new"
	else
		target=$target.new
		printf 'install: %s was changed and stays; the new one is beside it, as %s\n' "$2" "${target##*/}"
	fi
	put 644 <(filled_in "$source") "$target"
}

install_all() {
	local mode source target
	while read -r mode source target; do
		put "$mode" "$source" "$target"
	done < <("${PART}copied_files")
	while read -r source target; do
		put 644 <(filled_in "$source") "$target"
	done < <("${PART}made_files")
	while read -r source target; do
		install_snippet "$source" "$target"
	done < <("${PART}snippets")
}

remove() {
	rm -f "$DESTDIR$1"
}

# What is below comes first; the record itself is in one of them.  Its own go in any case.
remove_directories() {
	local directory made=()
	[ ! -e "$RECORD" ] || mapfile -t made < <(sed -n 's/^made //p' "$RECORD" | sort -r)
	rm -f "$RECORD"
	for directory in "$LIBEXEC" "$SHARE" "$DOCS" "$SYSCONF/flex-verify"; do
		[ ! -d "$DESTDIR$directory" ] || find "$DESTDIR$directory" -depth -type d -empty -delete
	done
	for directory in "${made[@]}"; do
		[ ! -d "$DESTDIR$directory" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$directory"
	done
}

uninstall_all() {
	local mode source target
	while read -r mode source target; do
		remove "$target"
	done < <("${PART}copied_files")
	while read -r source target; do
		remove "$target"
	done < <("${PART}made_files")
	while read -r source target; do
		remove "$target.new"
		if [ ! -e "$DESTDIR$target" ] || is_untouched "$target" || filled_in "$source" | cmp -s - "$DESTDIR$target"; then
			remove "$target"
		else
			printf 'uninstall: %s was changed and stays\n' "$target"
		fi
	done < <("${PART}snippets")
	remove_directories
}

case "${1:-} ${PART:-host_}" in
"install host_" | "install sandbox_" | "uninstall host_" | "uninstall sandbox_") "${1}_all" ;;
*)
	echo "usage: install.sh install|uninstall [sandbox]" >&2
	exit 2
	;;
esac
