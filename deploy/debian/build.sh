#!/bin/bash
#
# build.sh DIRECTORY: Debian packages, and what lintian says of them.  make deb calls
# it with
#
#   VERSION  of the Makefile
#   AT       the path before every address, for the snippets, such as /verify
#
# A package is built from a copy in DIRECTORY/source, as it is here and now, so that
# no debian/ stands in the project's own directory.
set -euo pipefail

cd "$(dirname "$0")/../.."
readonly OUT=$1 SOURCE=$1/source

copy_source() {
	rm -rf "$OUT"
	mkdir -p "$SOURCE"
	cp -a Makefile README.md LICENSE .env.example cgi-bin src www deploy "$SOURCE"
	mv "$SOURCE/cgi-bin/README.md" "$SOURCE/deploy/README.api.md"
	find "$SOURCE/cgi-bin" -type f ! -name '*.c' -delete
	mv "$SOURCE/deploy/debian" "$SOURCE/debian"
	mv "$SOURCE/deploy/README.md" "$SOURCE/deploy/README.deploy.md"
}

# Debian's changelog names a version and a date; what changed is in the repository.
write_changelog() {
	local when
	when=$(git log -1 --format=%cD 2>/dev/null || date -R)
	cat >"$SOURCE/debian/changelog" <<-END
		flex-verify ($VERSION) bookworm; urgency=medium

		  * flex-verify $VERSION.

		 -- flex-verify contributors <flex-verify@example.org>  $when
	END
}

build() {
	(cd "$SOURCE" && AT=$AT dpkg-buildpackage -us -uc -b) >"$OUT/build.log" 2>&1 || {
		tail -n 30 "$OUT/build.log"
		echo "build.sh: no package; $OUT/build.log has the whole story" >&2
		return 1
	}
}

copy_source
write_changelog
build
lintian --fail-on error "$OUT"/*.changes
rm -rf "$SOURCE"
for package in "$OUT"/*.deb; do
	printf '%s  %s KiB\n' "$package" $(($(stat -c %s "$package") / 1024))
done
