#!/bin/bash
#
# self_test.sh: do the checks of this directory find what they are there for?
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

failed=0

# expect WORDS COMMAND...: fails and says WORDS; expect '' COMMAND...: succeeds.
expect() {
	local words=$1 said status=0
	shift
	said=$("$@" 2>&1) || status=$?
	if [ -z "$words" ] && [ $status -ne 0 ]; then
		printf 'self_test.sh: %s complains without reason:\n%s\n' "$(basename "$1")" "$said"
		failed=1
	elif [ -n "$words" ] && { [ $status -eq 0 ] || [[ $said != *"$words"* ]]; }; then
		printf 'self_test.sh: %s does not find "%s" but says:\n%s\n' "$(basename "$1")" "$words" "$said"
		failed=1
	fi
}

# A small house in which all is well.
fresh_house() {
	rm -rf "$SCRATCH/house"
	mkdir -p "$SCRATCH"/house/{src/{base,http,callcenter},cgi-bin,tests/unit,www,deploy/local}
	cd "$SCRATCH/house"
	printf '#include "buffer.h"\n\n/* Not sprintf(). */\nconst char *x = "atoi(1); // no comment";\n' >src/base/buffer.c
	printf '#include "http/request.h"\n\n#include "base/buffer.h"\n' >src/callcenter/agent.c
	printf '\t{ "LEDGER", CONFIG_TEXT, 0,\n\t    .default_value = "/x" },\n' >src/callcenter/settings.c
	printf '# Where records are kept.\n#LEDGER=/x\n' >.env.example
	# shellcheck disable=SC2016 # Markdown
	printf '| `LEDGER` | `/x` | it is short |\n' >deploy/README.md
	printf 'LEDGER=x\n' | tee deploy/local/{sandbox,portal}.env >/dev/null
	printf 'LEDGER says where records are kept.\n' >README.md
	printf '<script type="module" src="panel.js"></script>\n' >www/index.html
	printf "element.textContent = 'on call = yes';\n" >www/panel.js
}

# breaks WORDS FILE LINE: with that line added, house.sh says WORDS.
breaks() {
	fresh_house
	printf '%s\n' "$3" >>"$2"
	expect "$1" "$HERE/house.sh" "$SCRATCH/house"
}

fresh_house
expect '' "$HERE/house.sh" "$SCRATCH/house"
breaks 'sprintf is banned' src/base/buffer.c $'\tsprintf(out, "%d", 1);'
breaks 'strtok is banned' cgi-bin/start-verify.c $'\tfor (;;) strtok (text, ",");'
breaks 'FCGX_FPrintF is banned' src/http/fcgi_server.c $'\tFCGX_FPrintF(out, text);'
breaks 'comments are written' src/base/buffer.c $'\tint a; // so'
breaks '120 columns' src/base/buffer.c "$(printf '/* %0130d */' 0)"
breaks 'http_client(.c|_*.[ch]) alone' src/callcenter/agent.c '#include <curl/curl.h>'
breaks 'http_client(.c|_*.[ch]) alone' src/http/http_client.h '#include <curl/curl.h>'
breaks 'private to src/http/http_client*.[ch]' src/http/fcgi_server.c '#include "http_client_lines.h"'
breaks 'private to src/twilio/*.[ch]' src/callcenter/agent.c '#include "twilio/twilio_call.h"'
breaks 'private to (src/ledger/*' src/callcenter/agent.c '#include "ledger/ledger_engine.h"'
breaks 'private to src/http/http_client*.[ch]' tests/unit/test_form.c '#include "http/http_client_lines.h"'
breaks 'json(|_value).c alone' src/base/buffer.c '#include <json-c/json.h>'
breaks 'json(|_value).c alone' src/base/json_scan.c '#include <json-c/json.h>'
breaks 'fcgi_(server|worker).[ch] alone' src/http/request.c '#include <fcgiapp.h>'
breaks 'secret|http/trust).c alone' cgi-bin/start-verify.c '#include <openssl/hmac.h>'
breaks 'ledger_sqlite*.[ch] alone' cgi-bin/start-verify.c '#include <sqlite3.h>'
breaks 'src/base/* may use nothing' src/base/buffer.c '#include "http/request.h"'
breaks 'src/http/* may use base' src/http/request.c '#include "callcenter/agent.h"'
breaks 'cgi-bin/[!t]*.c may use' cgi-bin/start-verify.c '#include "sandbox/state.h"'
breaks 'no HTML from strings' www/panel.js "element.innerHTML = '';"
breaks 'no code from strings' www/panel.js 'eval(text);'
breaks 'nothing inline' www/index.html '<button type="button" onclick="go()">Go</button>'
breaks 'nothing inline' www/index.html '<script>go()</script>'
breaks 'nothing from other hosts' www/index.html '<script src="https://example.com/a.js"></script>'
breaks 'no program has this key' .env.example '#LEGDER=x'
breaks 'no program has this key' deploy/local/portal.env 'LEGDER=x'
breaks 'SENDS_MAX is not explained' src/callcenter/settings.c $'\t{ "SENDS_MAX", CONFIG_NUMBER, 0, .default_value = "5" },'
breaks 'README.md:1: not the default: not told SENDS_MAX=5' src/callcenter/settings.c $'\t{ "SENDS_MAX", CONFIG_NUMBER, 0, .default_value = "5" },'
breaks '.env.example:1: not the default: told LEDGER=/y' .env.example '#LEDGER=/y'
# shellcheck disable=SC2016 # Markdown
breaks 'README.md:1: not the default: told LEDGER=/y' deploy/README.md '| `LEDGER` | `/y` | it is shorter |'

cp "$HERE/../../.clang-format" "$SCRATCH"
cd "$SCRATCH"
printf 'static int\nsquare(int a)\n{\n\treturn a *\n\t    a;\n}\n' >right.c
expect '' "$HERE/format.sh" right.c
printf 'static int square(int a)\n{\n\treturn a * a;\n}\n' >wrong.c
expect '+square(int a)' "$HERE/format.sh" wrong.c
printf 'static int\nsquare(int a)\n{\n  return a * a;\n}\n' >wrong.c
expect $'+\treturn a * a;' "$HERE/format.sh" wrong.c
"$HERE/format.sh" --fix wrong.c
expect '' "$HERE/format.sh" wrong.c

printf 'const char *const names[] = { "a", 0 };\n' >right.c
gcc -fPIE -c right.c
expect '' "$HERE/globals.sh" right.o
printf 'int f(void);\nint f(void) { static int calls; return ++calls; }\n' >wrong.c
gcc -fPIE -c wrong.c
expect 'mutable global' "$HERE/globals.sh" right.o wrong.o

mkdir js
printf "import './there.js';\nconst a = await 1;\n" >js/right.js
printf '' >js/there.js
expect '' node --experimental-vm-modules --no-warnings "$HERE/modules.mjs" js
printf "import './gone.js';\n" >js/wrong.js
expect 'which is not there' node --experimental-vm-modules --no-warnings "$HERE/modules.mjs" js
printf 'const a = ;\n' >js/wrong.js
expect 'SyntaxError' node --experimental-vm-modules --no-warnings "$HERE/modules.mjs" js

# A host in which all is well: the units of the project, and one page of a manual.
fresh_host() {
	rm -rf "$SCRATCH/host"
	mkdir -p "$SCRATCH"/host/{tests/lint,man}
	cp "$HERE/hosting.sh" "$SCRATCH/host/tests/lint"
	cp -r "$HERE/../../deploy" "$SCRATCH/host"
	printf '.Dd November 1, 2026\n.Dt A 8\n.Os\n.Sh NAME\n.Nm a\n.Nd a program\n' >"$SCRATCH/host/man/a.8"
	cd "$SCRATCH/host"
}

# hosts WORDS EXPRESSION FILE: with the sed expression applied to the file, hosting.sh says WORDS.
hosts() {
	fresh_host
	sed -i "$2" "$3"
	expect "$1" tests/lint/hosting.sh man start-verify
}

fresh_host
expect '' tests/lint/hosting.sh man start-verify
hosts 'longer than 80 bytes' "\$ a a $(printf 'of %030d ' 1 2 3)" man/a.8
if command -v systemd-analyze >/dev/null; then
	hosts 'has no ExecStart=' '/^ExecStart=/d' deploy/systemd/flex-verify@.service
	hosts 'is not executable' 's|^ExecStart=.*|ExecStart=/nowhere|' deploy/sandbox/flex-verify-sandbox.service
	hosts 'Unknown key' 's/^NoNewPrivileges=/NoNewPrivilege=/' deploy/systemd/flex-verify@.service
	hosts 'Overall exposure level' '/^\(System\|Restrict\|Protect\|Private\)/d' deploy/systemd/flex-verify@.service
fi

mkdir "$SCRATCH/documents"
cd "$SCRATCH/documents"
git init --quiet
printf '# What it is\n\n[here](#what-it-is), [there](other.md#why)\n' >README.md
git add README.md
expect 'README.md:3: other.md#why leads nowhere' node "$HERE/links.mjs" .
printf '# Why\n' >other.md
expect '' node "$HERE/links.mjs" .
cd "$SCRATCH"

# shellcheck disable=SC2016 # what stands there is a template, not a variable
# A table in which all is well, of claims that are tried in JavaScript and in C.
fresh_table() {
	rm -rf "$SCRATCH/table"
	mkdir -p "$SCRATCH/table/tests/api"
	cd "$SCRATCH/table"
	printf 'test("locks", () => {});\n\ttest(\n\t\t`of ${what}, too`, () => {});\n' >tests/api/a.test.js
	printf '\t\tTEST(a_wrong_code_counts),\n' >tests/api/test_b.c
	{
		for claim in R{1..34} T{1..32}; do
			echo "| $claim | words | \`tests/api/a.test.js\` \"locks\" |"
			[ "$claim" != R34 ] || echo '| R35 | words | `tests/api/a.test.js` "of ${what}, too" |'
		done
		echo '| T33 | words | `tests/api/test_b.c` "a_wrong_code_counts" |'
	} >tests/security.md
}

# forgets WORDS EXPRESSION FILE: with the sed expression applied to the file, security.mjs says WORDS.
forgets() {
	fresh_table
	sed -i "$2" "$3"
	expect "$1" node "$HERE/security.mjs" "$SCRATCH/table"
}

fresh_table
expect '' node "$HERE/security.mjs" "$SCRATCH/table"
forgets 'there is no test "locks"' 's/locks/opens/' tests/api/a.test.js
forgets 'there is no test "locks"' 's/"locks"/"locks or so"/' tests/api/a.test.js
# shellcheck disable=SC2016
forgets 'there is no test "of ${what}, too"' 's/{what}/{whom}/' tests/api/a.test.js
forgets 'there is no test "a_wrong_code_counts"' 's/counts/counts_not/' tests/api/test_b.c
forgets 'there is no tests/api/c.test.js' '3s/a.test/c.test/' tests/security.md
forgets 'security.md:7: names no test' '7s/`.*"/none/' tests/security.md
forgets 'each once: T9' '/| T9 |/d' tests/security.md
forgets '44 rows have tests' '2,25s/`.*"/Does not apply: no webhooks/' tests/security.md

exit $failed
