#!/bin/bash
#
# fuzz.sh SECONDS TARGET...: runs each target of tests/fuzz for so long, one per processor at a time.
#
# What libFuzzer learns stays in .build/fuzz/corpus, and goes on from there the
# next time.  An input under which something does not hold is kept in
# .build/fuzz/findings, and the result is then 1.
set -euo pipefail

cd "$(dirname "$0")/../.."
seconds=$1
shift

findings=.build/fuzz/findings
reports=.build/fuzz/reports
rm -rf $reports
mkdir -p $findings $reports

# Says what came of one target, with its processor time: beside other work, seconds say little.
run() {
	local target=$1 corpus=.build/fuzz/corpus/$1 report=$reports/$1 status=0 runs covered TIMEFORMAT='%U'
	mkdir -p "$corpus"
	{ time .build/fuzz/fuzz/"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
		-print_final_stats=1 -artifact_prefix=$findings/"$target"- \
		"$corpus" tests/fuzz/seeds/"$target" >"$report" 2>&1 || status=$?; } 2>"$report.seconds"
	runs=$(awk '/^stat::number_of_executed_units:/ { runs = $2 } END { print runs + 0 }' "$report")
	covered=$(grep -oP '\bcov: \K\d+' "$report" | tail -n 1 || true)
	echo "$runs" >"$report.runs"
	if [ $status = 0 ]; then
		printf 'ok      %-12s %10d executions in %s s of a processor, %s edges\n' \
			"$target" "$runs" "$(tail -n 1 "$report.seconds")" "${covered:-0}"
	else
		echo "$target" >"$report.broken"
		printf 'FINDING %-12s %10d executions\n%s\n' "$target" "$runs" \
			"$(grep -m 5 -E 'does not hold|ERROR:|runtime error|Test unit written' "$report" || tail -n 5 "$report")"
	fi
}

for target; do
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n; done
	run "$target" &
done
wait

shopt -s nullglob
broken=("$reports"/*.broken)
total=$(cat $reports/*.runs | awk '{ sum += $1 } END { print sum }')
echo "fuzz: $# targets, $seconds s each, $total executions, ${#broken[@]} findings${broken[*]:+: $(cat "${broken[@]}" | xargs)}"
[ ${#broken[@]} = 0 ]
