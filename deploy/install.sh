#!/bin/bash
#
# install.sh install|uninstall: puts flex-verify where a host has it, and takes
# it away again.  make install and make uninstall call it, after a build, with
#
#   DESTDIR  goes before every path, for packages
#   PREFIX   where what is not configuration goes
#   LIBEXEC, BINDIR, SHARE, MANDIR, UNITS, SYSUSERS, SYSCONF, SOCKETS
#            the directories
#   AT       the path before every address, such as /verify
#   BIN, COMMAND, MAN, PROGRAMS
#            what was built, and the programs' names
#
# Neither the sandbox nor its desk is ever among it.  The snippets of the web
# servers are yours to change: one that was changed stays as it is, here and when
# flex-verify is taken away, and the new one is put beside it as NAME.new.  So do
# the configuration and the ledger stay.
set -euo pipefail

cd "$(dirname "$0")/.."

readonly WWW=$SHARE
read -ra NAMES <<<"$PROGRAMS"

# The words between @ signs in what is installed.
filled_in() {
	local listeners=${NAMES[*]/#/flex-verify@}
	sed -e "s|@AT@|$AT|g" -e "s|@SOCKETS@|$SOCKETS|g" -e "s|@WWW_DIR@|$WWW|g" -e "s|@LIBEXEC@|$LIBEXEC|g" \
		-e "s|@SYSCONF@|$SYSCONF|g" -e "s|@SOCKET_UNITS@|${listeners// /.socket }.socket|g" -- "$1"
}

# SOURCE TARGET of all that is filled in.
made_files() {
	local unit
	for unit in deploy/systemd/*.{service,socket,target}; do
		printf '%s %s\n' "$unit" "$UNITS/${unit##*/}"
	done
	printf '%s %s\n' deploy/systemd/flex-verify.sysusers.conf "$SYSUSERS/flex-verify.conf"
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
	for file in "$MAN"/*.[1-8]; do
		printf '%s %s %s\n' 644 "$file" "$MANDIR/man${file##*.}/${file##*/}"
	done
}

install_snippet() {
	local source=$1 target=$DESTDIR$2
	if [ ! -e "$target" ] || filled_in "$source" | cmp -s - "$target"; then
		rm -f "$target.new"
	else
		target=$target.new
		printf 'install: %s was changed and stays; the new one is beside it, as %s\n' "$2" "${target##*/}"
	fi
	install -D -m 644 <(filled_in "$source") "$target"
}

install_all() {
	local mode source target
	while read -r mode source target; do
		install -D -m "$mode" "$source" "$DESTDIR$target"
	done < <(copied_files)
	while read -r source target; do
		install -D -m 644 <(filled_in "$source") "$DESTDIR$target"
	done < <(made_files)
	while read -r source target; do
		install_snippet "$source" "$target"
	done < <(snippets)
}

remove() {
	rm -f "$DESTDIR$1"
}

# Only directories that are ours alone, and only empty ones.
remove_directories() {
	local directory
	for directory in "$LIBEXEC" "$SHARE" "$SYSCONF/flex-verify"; do
		[ ! -d "$DESTDIR$directory" ] || find "$DESTDIR$directory" -depth -type d -empty -delete
	done
}

uninstall_all() {
	local mode source target
	while read -r mode source target; do
		remove "$target"
	done < <(copied_files)
	while read -r source target; do
		remove "$target"
	done < <(made_files)
	while read -r source target; do
		remove "$target.new"
		if [ ! -e "$DESTDIR$target" ] || filled_in "$source" | cmp -s - "$DESTDIR$target"; then
			remove "$target"
		else
			printf 'uninstall: %s was changed and stays\n' "$target"
		fi
	done < <(snippets)
	remove_directories
}

case ${1:-} in
install | uninstall) "${1}_all" ;;
*)
	echo "usage: install.sh install|uninstall" >&2
	exit 2
	;;
esac
