#!/bin/bash
#
# house.sh [DIRECTORY]: the rules of this house that no compiler knows.
#
# Prints FILE:LINE: the rule, for each line that breaks one.
set -euo pipefail

cd "${1:-$(dirname "$0")/../..}"
shopt -s nullglob
PRODUCT=(src/*/*.[ch] cgi-bin/*.c)
ALL_C=("${PRODUCT[@]}" tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.c tests/faults/*.c)
WEB=(www/*.html www/*.js www/*/*.html www/*/*.js)

broken=0

# Reads FILE:LINE:TEXT, as grep prints it.
report() {
	local file line rest
	while IFS=: read -r file line rest; do
		printf '%s:%s: %s\n' "$file" "$line" "$1"
		broken=1
	done
}

# The files as FILE:LINE:CODE, without comments and without what strings say.
code_of() {
	awk '
		FNR == 1 { in_comment = 0 }
		{
			rest = $0
			code = ""
			while (rest != "") {
				if (in_comment) {
					end = index(rest, "*/")
					in_comment = end == 0
					rest = end == 0 ? "" : substr(rest, end + 2)
				} else if (match(rest, /"([^"\\]|\\.)*"|\x27([^\x27\\]|\\.)*\x27|\/\*/)) {
					code = code substr(rest, 1, RSTART - 1)
					in_comment = substr(rest, RSTART, 2) == "/*"
					if (!in_comment)
						code = code "\"\""
					rest = substr(rest, RSTART + RLENGTH)
				} else {
					code = code rest
					rest = ""
				}
			}
			print FILENAME ":" FNR ":" code
		}
	' "$@" /dev/null
}

# ---- Names ------------------------------------------------------------------

# Function and what to use.
while read -r name instead; do
	report "$name is banned; use $instead" < <(code_of "${ALL_C[@]}" | grep -P "(?<![\w.>])$name\s*\(" || true)
done <<-END
	sprintf snprintf or a struct buffer
	vsprintf vsnprintf or a struct buffer
	strcpy snprintf or memcpy with a length
	strcat a struct buffer
	strncpy snprintf or memcpy: strncpy may leave the NUL out
	strncat a struct buffer
	strtok strcspn and strspn
	sscanf strtol and a look at what it left
	atoi strtol and a look at what it left
	atol strtol and a look at what it left
	gets getline
	localtime gmtime_r: times are UTC
	gmtime gmtime_r
	ctime clock_format
	asctime clock_format
	alloca malloc
	FCGX_FPrintF FCGX_PutStr: FCGX_FPrintF knows %n
END

report "comments are written /* so */" < <(code_of "${ALL_C[@]}" | grep -P '//' || true)

report "more than 120 columns" < <(
	for file in "${ALL_C[@]}"; do
		expand -t 8 "$file" | awk -v file="$file" 'length($0) > 120 { print file ":" FNR ":" }'
	done
)

report "a README names a file for CONFIG= that is not there" < <(
	grep -ohs 'CONFIG=deploy/local/[a-z_]*\.env' README.md {cgi-bin,deploy,src/sandbox}/README.md deploy/panel.md | sort -u |
		while IFS='=' read -r _ file; do git ls-files --error-unmatch "$file" >/dev/null 2>&1 || echo "$file"; done
)

# ---- Who may include what ---------------------------------------------------

# FILE:LINE:HEADER of each #include <HEADER> or "HEADER".
library_includes() {
	grep -HnoP '^\s*#\s*include\s*<\K[^>]+' "$@" /dev/null || true
}
own_includes() {
	grep -HnoP '^\s*#\s*include\s*"\K[^"]+' "$@" /dev/null || true
}

# A library's headers, and the one file, or the files of one module, that may include them.
while read -r headers owner; do
	report "<$headers> belongs to $owner alone" < <(
		library_includes "${PRODUCT[@]}" | grep -P "^(?!${owner//\*/\\w*}:)[^:]+:\d+:(?:$headers)" || true
	)
done <<-'END'
	curl/          src/http/http_client(.c|_*.[ch])
	json           src/base/json(|_value).c
	fcgi           src/http/fcgi_(server|worker).[ch]
	openssl/       src/(base/secret|http/trust).c
	sqlite3        src/ledger/ledger_sqlite*.[ch]
	libpq|postgres src/ledger/ledger_postgres*.[ch]
END

# What the files of one module share among themselves.
while read -r headers users; do
	report "$headers is private to $users" < <(
		own_includes "${ALL_C[@]}" | grep -P "^(?!${users//\*/\\w*}:)[^:]+:\d+:(?:.*/)?${headers//\*/\\w*}$" || true
	)
done <<-'END'
	config_value.h  src/base/config(|_value).[ch]
	fcgi_worker.h   src/http/fcgi_(server|worker).[ch]
	http_client_*.h src/http/http_client*.[ch]
	json_scan.h     src/base/json(|_scan).c
	twilio_call.h   src/twilio/*.[ch]
	ledger_engine.h (src/ledger/*|tests/unit/test_ledger_*).[ch]
END

# Who may use which folders of src besides his own.
while read -r pattern folders; do
	mapfile -t users < <(compgen -G "$pattern" || true)
	report "$pattern may use ${folders:-nothing} besides its own folder" < <(
		own_includes "${users[@]}" | grep -P '^[^:]+:\d+:.*/' | grep -vP ":(?:${folders// /|})/" || true
	)
done <<-'END'
	src/base/*
	src/http/*       base
	src/ledger/*     base
	src/twilio/*     base http
	src/callcenter/* base http ledger twilio
	src/sandbox/*    base http
	src/cli/*        base http ledger twilio callcenter
	cgi-bin/[!t]*.c  base http ledger twilio callcenter
	cgi-bin/twilio-* base http sandbox
END

# ---- The pages --------------------------------------------------------------

report "no HTML from strings: use textContent and createElement" < <(
	grep -HnP 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|createContextualFragment' \
		"${WEB[@]}" /dev/null || true
)
report "no code from strings" < <(grep -HnP '\beval\s*\(|new Function\b|javascript:' "${WEB[@]}" /dev/null || true)
report "nothing inline: handlers, scripts and styles have their files" < <(
	grep -HniP '<[^>]*\s(on[a-z]+|style)\s*=|<style\b|<script(?![^>]*\ssrc=)' www/*.html www/*/*.html /dev/null || true
)
report "nothing from other hosts" < <(
	grep -HniP '(src|href)="(https?:)?//(?!www\.w3\.org)|@import\s+url|url\(["'\'']?(https?:)?//|import.*["'\''](https?:)?//' \
		"${WEB[@]}" www/*.css www/*/*.css /dev/null || true
)

# ---- What people look up ----------------------------------------------------

# Each key of the configuration is explained, and each key explained exists.
known=$(grep -ohP '^\s*\{\s*"\K[A-Z][A-Z0-9_]+(?=",\s*CONFIG_)' src/callcenter/settings.c /dev/null || true)
for key in $known; do
	grep -qswF "$key" .env.example || report "$key is not explained" <<<".env.example:1:"
done

# Each default is told as it is.
defaults=$(perl -0ne 'print "$1=$2\n" while /\{ "([A-Z0-9_]+)",\s*CONFIG_[^{}]*?\.default_value = "([^"]+)"/g' \
	src/callcenter/settings.c /dev/null)
compare_defaults() { # FILE, and as standard input what it tells
	local line
	while read -r line; do
		report "not the default: $line" <<<"$1:1:"
	done < <(diff --unchanged-line-format= --old-line-format='told %L' --new-line-format='not told %L' \
		<(sort) <(sort <<<"$defaults") || true)
}
compare_defaults .env.example < <(
	sed -nE 's/^#([A-Z0-9_]+=.+)/\1/p' .env.example
)
compare_defaults deploy/README.md < <(
	# shellcheck disable=SC2016 # Markdown
	sed -nE 's/^\| `([A-Z0-9_]+)` \| `([^`]*)` \| .*/\1=\2/p' deploy/README.md
)

report "no program has this key" < <(
	grep -HnoP '^#?\K[A-Z][A-Z0-9_]+(?==)' .env.example deploy/local/{sandbox,portal}.env /dev/null |
		grep -vwF "$known" || true
)

exit $broken
