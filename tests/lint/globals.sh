#!/bin/bash
#
# globals.sh OBJECT...: no object file has a variable that can change.
#
# Threads share nothing but what is passed to them; one struct app goes down
# the calls.  Tables are const: they stand in .rodata or .data.rel.ro.
set -euo pipefail

objdump -t "$@" | awk '
	/file format/ { file = $1; sub(/:$/, "", file) }
	$0 ~ /\t/ {
		split($0, half, "\t")
		n = split(half[1], left, " ")
		if (left[n] ~ /^\.(data|bss|tdata|tbss)/ && left[n] !~ /^\.data\.rel\.ro/ && half[1] ~ / O /) {
			split(half[2], right, " ")
			print file ": " right[2] " is a mutable global; pass it down, or make it const"
			broken = 1
		}
	}
	END { exit broken }
'
