#!/bin/bash
#
# fuzz.sh SECONDS TARGET...: runs each target of tests/fuzz for so long.
#
# What libFuzzer learns stays in .build/fuzz/corpus, and goes on from there the
# next time.  An input under which something does not hold is kept in
# .build/fuzz/findings, and the result is then 1.
set -euo pipefail

cd "$(dirname "$0")/../.."
seconds=$1
shift

findings=.build/fuzz/findings
mkdir -p $findings

total=0
broken=()
for target; do
	corpus=.build/fuzz/corpus/$target
	report=.build/fuzz/$target.log
	mkdir -p "$corpus"
	status=0
	.build/fuzz/fuzz/"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
		-print_final_stats=1 -artifact_prefix=$findings/"$target"- \
		"$corpus" tests/fuzz/seeds/"$target" >"$report" 2>&1 || status=$?
	runs=$(awk '/^stat::number_of_executed_units:/ { runs = $2 } END { print runs + 0 }' "$report")
	covered=$(grep -oP '\bcov: \K\d+' "$report" | tail -n 1 || true)
	total=$((total + runs))
	if [ $status = 0 ]; then
		printf 'ok      %-12s %10d executions, %s edges\n' "$target" "$runs" "${covered:-0}"
	else
		broken+=("$target")
		printf 'FINDING %-12s %10d executions\n' "$target" "$runs"
		grep -m 5 -E 'does not hold|ERROR:|runtime error|Test unit written' "$report" || tail -n 5 "$report"
	fi
done
echo "fuzz: $# targets, $seconds s each, $total executions, ${#broken[@]} findings${broken[*]:+: ${broken[*]}}"
[ ${#broken[@]} = 0 ]
