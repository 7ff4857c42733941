#!/bin/bash
#
# memcheck.sh BIN DIRECTORY: puts programs into DIRECTORY that run those of BIN under valgrind.
#
# They end with status 99 if memory is used that is not the program's, or not
# yet written, or lost at the end.
set -euo pipefail

cd "$(dirname "$0")/../.."
mkdir -p "$2"
for program in "$1"/*; do
	if [ ! -f "$program" ] || [ ! -x "$program" ]; then
		continue
	fi
	cat >"$2/${program##*/}" <<-END
		#!/bin/sh
		exec valgrind --quiet --error-exitcode=99 --exit-on-first-error=no --leak-check=full \\
			--errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect \\
			--child-silent-after-fork=yes "$PWD/$program" "\$@"
	END
	chmod +x "$2/${program##*/}"
done
