#!/bin/bash
#
# coverage.sh PERCENT: how many branches the programs of .build/coverage have taken.
#
# Files with branches that were not, most of them first, then a line with the sum;
# the result is 1 below PERCENT.  .build/coverage/report has each branch.
set -euo pipefail

cd "$(dirname "$0")/../.."
report=.build/coverage/report
mkdir -p $report

status=0
gcovr --root . --filter src/ --filter cgi-bin/ --exclude-unreachable-branches --branches -j "$(nproc)" \
	--fail-under-branch "$1" --json-summary $report/summary.json --html-details $report/index.html \
	.build/coverage >/dev/null 2>$report/errors || status=$?
# The bits of gcovr's exit status: 4 is below PERCENT.
[ $((status & ~4)) = 0 ] || { cat $report/errors; exit 1; }

# shellcheck disable=SC2016 # the ${} are JavaScript's
node -e '
	const { files, branch_covered: taken, branch_total: all } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
	const left = files.map((file) => [file.branch_total - file.branch_covered, file]).filter(([count]) => count > 0);
	for (const [count, file] of left.sort(([a], [b]) => b - a))
		console.log(`${String(count).padStart(4)} of ${String(file.branch_total).padStart(4)} not taken  ${file.filename}`);
	console.log(`coverage: ${taken} of ${all} branches, ${(100 * taken / all).toFixed(1)} %; at least ${process.argv[2]} % wanted`);
' $report/summary.json "$1"
[ $status = 0 ]
