#!/bin/bash
#
# format.sh [--fix] FILE...: are the C files laid out as .clang-format says?
#
# Indentation, braces and blanks are clang-format's.  Where a statement or a
# table breaks into lines, and what stands in columns, is its author's: a
# statement that differs from clang-format's in nothing else stays as it is.
set -euo pipefail

fix=
if [ "${1:-}" = --fix ]; then
	fix=yes
	shift
fi

# Reads the author's file, then clang-format's version, and prints the latter
# with the author's own lines for each statement that is the same in both.
laid_out() {
	awk '
		# Indent, and the words with one blank between them.
		function plain(text,   indent) {
			match(text, /^[ \t]*/)
			indent = substr(text, 1, RLENGTH)
			text = substr(text, RLENGTH + 1)
			gsub(/\(\n[ \t]*/, "(", text)
			gsub(/[ \t]*\\\n/, " ", text)
			gsub(/[ \t\n]+/, " ", text)
			return indent text
		}

		# Does a statement, or a part of one that has a line to itself, end with this text?
		function is_whole(text, line,   code, opened) {
			if (line ~ /\\$/)
				return 0
			if (line ~ /^#/ || line ~ /^$/)
				return 1
			code = text
			gsub(/"([^"\\]|\\.)*"/, "", code)
			gsub(/\x27([^\x27\\]|\\.)*\x27/, "", code)
			gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
			if (code ~ /\/\*/)
				return 0
			if (text ~ /\*\/$/ && code ~ /^[ \t]*$/)
				return 1
			sub(/[ \t]+$/, "", code)
			opened = gsub(/\(/, "(", code) - gsub(/\)/, ")", code)
			if (code ~ /= \{/)
				opened += gsub(/\{/, "{", code) - gsub(/\}/, "}", code)
			if (opened > 0)
				return 0
			if (code ~ /[;{}]$/ || code ~ /^[ \t]*(case .*|default|[a-z_]+):$/)
				return 1
			if (code ~ /^[ \t]*(} )?(if|else if|for|while|switch) .*\)$/ || code ~ /(^|[ \t])(else|do)$/)
				return 1
			return code ~ /^[a-z][a-z_0-9 *]*$/
		}

		function end_statement(   key) {
			key = plain(text)
			if (in_own) {
				own[key, ++count[key]] = text
			} else {
				++seen[key]
				print((key, seen[key]) in own ? own[key, seen[key]] : text)
			}
			text = ""
			started = 0
		}

		FNR == 1 { if (started) end_statement(); in_own = NR == 1 }
		{
			text = started ? text "\n" $0 : $0
			started = 1
			if (is_whole(text, $0))
				end_statement()
		}
		END { if (started) end_statement() }
	' "$1" <(clang-format "$1")
}

result=0
for file; do
	if [ -n "$fix" ]; then
		text=$(laid_out "$file")
		printf '%s\n' "$text" | cmp -s - "$file" || printf '%s\n' "$text" >"$file"
	elif ! laid_out "$file" | diff -u --label "$file" --label "$file, as make format lays it out" "$file" -; then
		result=1
	fi
done
exit $result
