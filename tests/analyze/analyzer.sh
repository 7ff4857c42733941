#!/bin/bash
#
# analyzer.sh COMMAND...: gcc's analyzer over the C files named on standard input.
#
# COMMAND compiles one of them, whose name is put behind it.  What the analyzer
# is known to see where nothing is stands in analyzer.known with the reason: one
# that it no longer sees is to be removed there, and is a finding as well.
set -euo pipefail

cd "$(dirname "$0")/../.."
known=tests/analyze/analyzer.known
report=.build/analyzer.log
mkdir -p .build

# Not strict: what is left is compared below.
xargs -P "$(nproc)" -I '{}' "$@" -O2 -fanalyzer -fdiagnostics-path-format=none -c -o /dev/null '{}' >"$report.all" 2>&1 ||
	{ cat "$report.all"; exit 1; }

# file: function: what, once each; the function is named in the line before.
awk '/: In function / { sub(/:.*: In function/, ""); function_name = $NF; gsub(/[^A-Za-z0-9_]/, "", function_name) }
	/warning:/ { split($0, part, ":"); sub(/.*\[-Wanalyzer-/, ""); sub(/\].*/, ""); print part[1] ": " function_name ": " $0 }' \
	"$report.all" | sort -u >"$report"
grep -v '^#' $known | sort -u >"$report.known"

new=$(comm -23 "$report" "$report.known")
gone=$(comm -13 "$report" "$report.known")
[ -z "$new" ] || { cat "$report.all"; printf '%s\n' "analyzer: not known: $new"; }
[ -z "$gone" ] || printf '%s\n' "analyzer: no longer seen, remove from $known: $gone"
echo "analyzer: $(wc -l <"$report.known") places known, $(grep -c . <<<"$new$gone" || true) findings"
[ -z "$new$gone" ]
