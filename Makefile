# flex-verify: see README.md, or `make help`.

VERSION = 0.1.0

# ---- What is built ----------------------------------------------------------

# One file in cgi-bin, one program, one URL.
PROGRAMS = start-verify check-verify customer-info override-verify unlock-verify supervisor-info portal-pin \
	approve-verify verify-call host-info twilio-sandbox

# Each folder may use those before it; tests/lint/house.sh has the exact rules.
FOLDERS = base http ledger twilio callcenter sandbox

# The operator's command; its subcommands are the files of src/cli.
COMMAND = flex-verify

LIBRARY_SOURCES = $(foreach folder,$(FOLDERS),$(sort $(wildcard src/$(folder)/*.c)))
COMMAND_SOURCES = $(sort $(wildcard src/cli/*.c))
UNIT_TESTS      = $(sort $(wildcard tests/unit/test_*.c))
UNIT_HELPERS    = $(filter-out $(UNIT_TESTS),$(sort $(wildcard tests/unit/*.c)))
FUZZ_TARGETS    = $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_HELPERS    = $(filter-out $(FUZZ_TARGETS) tests/fuzz/replay.c,$(sort $(wildcard tests/fuzz/*.c)))
C_FILES         = $(sort $(wildcard src/*/*.[ch] cgi-bin/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.c tests/faults/*.c))

# ---- How it is built --------------------------------------------------------

# Yours, and last on each line: make CC=clang CFLAGS='-O0 -g' LDFLAGS=...
ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
LDFLAGS ?=

# WERROR=1 makes warnings errors; SANITIZE=1 builds beside the usual binaries,
# in .build/asan, with AddressSanitizer and UndefinedBehaviorSanitizer, and
# SANITIZE=thread in .build/tsan with ThreadSanitizer.
WERROR ?=
SANITIZE ?=

VARIANT = $(if $(SANITIZE),$(if $(filter thread,$(SANITIZE)),tsan,asan),plain)
BUILD   = .build/$(VARIANT)
BIN     = $(if $(filter plain,$(VARIANT)),cgi-bin,$(BUILD)/cgi-bin)

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wswitch-enum -Wvla -Wundef $(if $(WERROR),-Werror)

# Against indirect jumps to where no branch should land; named per processor.
BRANCHES_x86_64  = -fcf-protection
BRANCHES_aarch64 = -mbranch-protection=standard

HARDENING      = -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 $(BRANCHES_$(shell uname -m))
HARDENING_LINK = -Wl,-z,relro,-z,now
ifeq ($(VARIANT),asan)
HARDENING      = -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
HARDENING_LINK = -fsanitize=address,undefined
endif
ifeq ($(VARIANT),tsan)
HARDENING      = -fsanitize=thread -fno-omit-frame-pointer
HARDENING_LINK = -fsanitize=thread
endif

# What make coverage builds for itself.  Threads count, so atomically.
ifeq ($(VARIANT),coverage)
HARDENING      = --coverage -fprofile-update=atomic -fprofile-abs-path
HARDENING_LINK = --coverage -rdynamic -Wl,-u,__gcov_dump
endif

# What make fuzz builds for itself, with clang.
ifeq ($(VARIANT),fuzz)
HARDENING      = -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
HARDENING_LINK = -fsanitize=fuzzer,address,undefined
endif

# Asked for when first needed, which is after the packages are there, and once.
LIBRARIES   = libcurl json-c sqlite3 libpq libssl libcrypto
PKG_CFLAGS  = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES)))$(PKG_CFLAGS)
PKG_LDLIBS  = $(eval PKG_LDLIBS := $(shell pkg-config --libs $(LIBRARIES)))$(PKG_LDLIBS)

COMPILE_AS = -std=c17 -D_GNU_SOURCE -DFLEX_VERIFY_VERSION='"$(VERSION)"' -Isrc -I$(BUILD)/generated $(PKG_CFLAGS)

COMPILE = $(CC) $(COMPILE_AS) -pthread -fPIE -MMD -MP $(WARNINGS) $(HARDENING) $(CFLAGS)
LINK    = $(CC) -pie -pthread -Wl,--as-needed $(HARDENING_LINK) $(CFLAGS) $(LDFLAGS)
LDLIBS  = -lfcgi $(PKG_LDLIBS)

# ---- What it needs ----------------------------------------------------------

# Debian 12's names.  command:NAME=PACKAGE: only if there is no such command.
TESTS    = $(filter-out test-deb,$(filter test% lint% screenshots%,$(MAKECMDGOALS)))
PACKAGES = gcc libc6-dev pkg-config libfcgi-dev libcurl4-openssl-dev libjson-c-dev libsqlite3-dev libpq-dev libssl-dev
ifneq ($(TESTS)$(filter run start,$(MAKECMDGOALS)),)
PACKAGES += nginx
endif
ifneq ($(filter bench%,$(MAKECMDGOALS)),)
PACKAGES += nginx libnginx-mod-http-echo wrk openssl sqlite3 ca-certificates command:node=nodejs command:npm=npm
endif
ifneq ($(TESTS),)
PACKAGES += libcmocka-dev command:node=nodejs command:npm=npm ca-certificates
PACKAGES += curl sqlite3 valgrind strace faketime python3-twilio chromium chromium-headless-shell fonts-dejavu-core apache2 prometheus postgresql-15
PACKAGES += libapache2-mod-fcgid lighttpd lighttpd-modules-lua caddy
endif
ifneq ($(filter deb test-deb,$(MAKECMDGOALS)),)
PACKAGES += build-essential debhelper lintian
endif
ifneq ($(filter test-deb,$(MAKECMDGOALS)),)
PACKAGES += debootstrap systemd-container
endif
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
PACKAGES += clang
endif
ifneq ($(filter analyze coverage inject faults soak,$(MAKECMDGOALS)),)
PACKAGES += nginx libcmocka-dev command:node=nodejs command:npm=npm ca-certificates sqlite3 faketime postgresql-15
endif
ifneq ($(filter analyze,$(MAKECMDGOALS)),)
PACKAGES += valgrind
endif
ifneq ($(filter coverage,$(MAKECMDGOALS)),)
PACKAGES += chromium chromium-headless-shell fonts-dejavu-core curl gcovr strace python3-twilio apache2 libapache2-mod-fcgid lighttpd lighttpd-modules-lua caddy prometheus
endif
ifneq ($(filter lint% format,$(MAKECMDGOALS)),)
PACKAGES += clang clang-format clang-tidy cppcheck shellcheck mandoc command:systemd-analyze=systemd
endif

# ---- How make works ---------------------------------------------------------

# One job per processor; a make that this one starts shares them.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc)
endif

# Short lines; V=1 shows the commands.
QUIET = $(if $(V),,@printf '  %s  %s\n' '$(1)' '$(2)';)

.DELETE_ON_ERROR:
.SECONDARY:

# ---- Targets for people -----------------------------------------------------

.PHONY: all
all: $(PROGRAMS:%=$(BIN)/%) $(BUILD)/bin/$(COMMAND)

.PHONY: help
help:
	@echo 'make              build the programs into cgi-bin/, the command into .build/plain/bin/'
	@echo 'make run          build, and run everything on http://127.0.0.1:8080/sandbox/ until Ctrl-C'
	@echo 'make start, stop  the same in the background'
	@echo '                  PORT=n for another port, CONFIG=FILE for keys that go before the sandbox'\''s'
	@echo 'make test         all tests, the programs also under sanitizers; prints N passed, N failed'
	@echo 'make test-unit, test-api, test-browser'
	@echo '                  one kind of tests; FILE=tests/... for one file, SANITIZE=1 under sanitizers'
	@echo 'make fuzz         looks for inputs under which something does not hold that must; SECONDS=60 for each'
	@echo '                  target, FUZZ="form json" for some of them'
	@echo 'make analyze      gcc'\''s analyzer, ThreadSanitizer and valgrind, each with a line of what it found'
	@echo 'make coverage     which branches of the C code the tests and make inject take;'
	@echo '                  fails below BRANCHES=$(BRANCHES) percent'
	@echo 'make inject       lets each allocation, call of libcurl and of SQLite of each kind of request fail, in turn,'
	@echo '                  and of the command and a program'\''s start; EVERY=n for every n-th,'
	@echo '                  KIND="memory curl sqlite system" for some, REQUEST="..." for one'
	@echo 'make faults       the tests of what goes wrong: Twilio, peers, kills, reloads, the ledger, the clock, too much work'
	@echo 'make soak         callers verified for half an hour: are memory, descriptors, ledger and answers flat?'
	@echo '                  MINUTES=30, RATE=20 callers a second; a picture in .build/soak'
	@echo 'make test-web     tests of the API behind each of five set-ups of web servers; WEB=caddy for one of'
	@echo '                  nginx apache fcgid lighttpd caddy; FILE=tests/api/... for one file'
	@echo 'make test-web-all all tests of the API that go through a web server, behind each'
	@echo 'make test-hosts   10,000 verifications on two hosts that are killed in turn; N=n for so many'
	@echo 'make screenshots  every state of the panel, light and dark, in .build/screenshots'
	@echo 'make screenshots-monitoring'
	@echo '                  the dashboard with data of two minutes, deploy/monitoring/dashboard.png'
	@echo 'make bench        what a request costs, beside what one would use instead; ROUNDS=3, SECONDS=4,'
	@echo '                  ONLY="full bones" for some of what is measured'
	@echo 'make bench-ledger what it costs with more and more events in the ledger; EVENTS=1000000'
	@echo 'make bench-commits'
	@echo '                  how many verifications a second the ledger alone takes; VERIFICATIONS=4000'
	@echo 'make bench-overload'
	@echo '                  what those get who are served when there is too much to do; SECONDS=20'
	@echo 'make lint         format, house rules, warnings of two compilers, analysers'
	@echo 'make format       lay out the C files as lint wants them'
	@echo 'make install, uninstall'
	@echo '                  for a host of yours, see deploy/README.md; DESTDIR=, PREFIX=/usr/local, AT=/verify'
	@echo 'make install-sandbox, uninstall-sandbox'
	@echo '                  the same for what plays Twilio, on a host where people practise'
	@echo 'make deb          Debian packages for such a host, in .build/deb; AT=/verify'
	@echo 'make test-deb     installs, upgrades and purges these packages in a clean Debian; as root'
	@echo 'make clean        remove what was made, and what stopped stacks left behind'
	@echo 'What a target needs and the machine lacks is installed first, with apt-get.'

# ---- Building ---------------------------------------------------------------

LIBRARY         = $(BUILD)/libflex-verify.a
LIBRARY_OBJECTS = $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS = $(PROGRAMS:%=$(BUILD)/cgi-bin/%.o)
COMMAND_OBJECTS = $(COMMAND_SOURCES:%.c=$(BUILD)/%.o)
UNIT_OBJECTS    = $(UNIT_TESTS:%.c=$(BUILD)/%.o) $(UNIT_HELPERS:%.c=$(BUILD)/%.o)
UNIT_PROGRAMS   = $(UNIT_TESTS:tests/%.c=$(BUILD)/%)
FUZZ_OBJECTS    = $(FUZZ_TARGETS:%.c=$(BUILD)/%.o) $(FUZZ_HELPERS:%.c=$(BUILD)/%.o) $(BUILD)/tests/fuzz/replay.o
FUZZ_PROGRAMS   = $(FUZZ_TARGETS:tests/fuzz/fuzz_%.c=$(BUILD)/fuzz/%)
GENERATED       = $(BUILD)/generated/schema_sql.h

.PHONY: objects
objects: $(LIBRARY_OBJECTS) $(PROGRAM_OBJECTS) $(COMMAND_OBJECTS) $(UNIT_OBJECTS) $(FUZZ_OBJECTS) $(BUILD)/tests/bench/bones.o \
	$(BUILD)/tests/bench/commits.o

.PHONY: packages
packages:
	@deploy/local/install.sh $(PACKAGES)

# Written anew only when the flags are others, and then all is compiled again.
$(BUILD)/flags: packages
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK))' >$@.new
	@cmp -s $@.new $@ || cp $@.new $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call QUIET,cc,$<)$(COMPILE) -c -o $@ $<

$(BUILD)/src/ledger/ledger_schema.o: $(GENERATED)

# The schema as a C string, one line of SQL a line.
$(BUILD)/generated/schema_sql.h: src/ledger/schema.sql
	@mkdir -p $(@D)
	@{ echo 'static const char schema_sql[] ='; sed 's/[\\"]/\\&/g; s/.*/    "&\\n"/; $$s/$$/;/' $<; } >$@

$(LIBRARY): $(LIBRARY_OBJECTS)
	@rm -f $@
	$(call QUIET,ar,$@)$(AR) rcs $@ $^

$(PROGRAMS:%=$(BIN)/%): $(BIN)/%: $(BUILD)/cgi-bin/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(call QUIET,ld,$@)$(LINK) -o $@ $^ $(LDLIBS)

$(BUILD)/bin/$(COMMAND): $(COMMAND_OBJECTS) $(LIBRARY)
	@mkdir -p $(@D)
	$(call QUIET,ld,$@)$(LINK) -o $@ $^ $(LDLIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(UNIT_HELPERS:%.c=$(BUILD)/%.o) $(LIBRARY)
	@mkdir -p $(@D)
	$(call QUIET,ld,$@)$(LINK) -o $@ $^ -lcmocka $(LDLIBS)

# With libFuzzer, which has a main of its own, or with what only replays seeds.
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_HELPERS:%.c=$(BUILD)/%.o) \
	$(if $(filter fuzz,$(VARIANT)),,$(BUILD)/tests/fuzz/replay.o) $(LIBRARY)
	@mkdir -p $(@D)
	$(call QUIET,ld,$@)$(LINK) -o $@ $^ $(LDLIBS)

-include $(wildcard $(BUILD)/src/*/*.d $(BUILD)/cgi-bin/*.d $(BUILD)/tests/*/*.d)

# ---- Running ----------------------------------------------------------------

PORT   ?= 8080
CONFIG ?=

STACK = PORT='$(PORT)' CONFIG='$(CONFIG)' BIN='$(BIN)' deploy/local/stack.sh

.PHONY: run start stop
run: all
	@$(STACK) run

start: all
	@$(STACK) start

stop:
	@$(STACK) stop

# ---- Installing -------------------------------------------------------------

# Where things go; DESTDIR before all of it, for packages.  AT=/verify for panel
# and API below a path of a site that is there already.
PREFIX  ?= /usr/local
UNITS   ?= $(PREFIX)/lib/systemd/system
SYSCONF ?= /etc
SOCKETS ?= /run/flex-verify
AT      ?=

# The sandbox is for development and practice; it has a target and a package of its own.
INSTALLED = $(filter-out twilio-sandbox,$(PROGRAMS))

# One page for all programs; the others' names lead to it.
MAN       = $(BUILD)/man
MAN_PAGES = $(MAN)/flex-verify.8 $(INSTALLED:%=$(MAN)/%.8) $(MAN)/flex-verify.env.5
SANDBOX_PAGES = $(MAN)/twilio-sandbox.8

$(MAN)/flex-verify.env.5: deploy/man/env.awk .env.example
	@mkdir -p $(@D)
	@awk -f $^ >$@

$(MAN)/%.8: deploy/man/%.8
	@mkdir -p $(@D)
	@cp $< $@

$(MAN)/%.8:
	@mkdir -p $(@D)
	@echo '.so man8/start-verify.8' >$@

INSTALL = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONF='$(SYSCONF)' SOCKETS='$(SOCKETS)' AT='$(AT)' \
	LIBEXEC='$(PREFIX)/libexec/$(1)' BINDIR='$(PREFIX)/bin' SHARE='$(PREFIX)/share/$(1)' \
	DOCS='$(PREFIX)/share/doc/$(1)' MANDIR='$(PREFIX)/share/man' UNITS='$(UNITS)' \
	SYSUSERS='$(PREFIX)/lib/sysusers.d' TMPFILES='$(PREFIX)/lib/tmpfiles.d' \
	BIN='$(BIN)' COMMAND='$(BUILD)/bin/$(COMMAND)' PAGES='$(2)' PROGRAMS='$(INSTALLED)' deploy/install.sh

.PHONY: install uninstall install-sandbox uninstall-sandbox
install: all $(MAN_PAGES)
	@$(call INSTALL,flex-verify,$(MAN_PAGES)) install

uninstall: $(MAN_PAGES)
	@$(call INSTALL,flex-verify,$(MAN_PAGES)) uninstall

install-sandbox: all $(SANDBOX_PAGES)
	@$(call INSTALL,flex-verify-sandbox,$(SANDBOX_PAGES)) install sandbox

uninstall-sandbox: $(SANDBOX_PAGES)
	@$(call INSTALL,flex-verify-sandbox,$(SANDBOX_PAGES)) uninstall sandbox

# ---- Packaging --------------------------------------------------------------

# Debian packages in .build/deb, judged by lintian: flex-verify and flex-verify-sandbox.
.PHONY: deb test-deb
deb: packages
	@VERSION='$(VERSION)' AT='$(AT)' deploy/debian/build.sh .build/deb

# Not among make test: it takes root, a mirror of Debian and minutes.
test-deb: deb
	@VERSION='$(VERSION)+next' AT='$(AT)' deploy/debian/build.sh .build/deb-next
	@tests/package/clean_root.sh .build/deb .build/deb-next

# ---- Testing ----------------------------------------------------------------

# One file of tests: make test-api FILE=tests/api/NAME.test.js
FILE ?=

NODE_MODULES = tests/node_modules/.package-lock.json

$(NODE_MODULES): tests/package.json tests/package-lock.json | packages
	cd tests && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

# What lets calls of a program fail is preloaded, and one for all ways to build it.
INJECTION = .build/faults/inject.so

$(INJECTION): tests/faults/inject.c | packages
	@mkdir -p $(@D)
	$(call QUIET,cc,$<)$(CC) $(COMPILE_AS) $(WARNINGS) -O1 -g -fPIC -shared -o $@ $<

.PHONY: unit fuzz-programs test test-unit test-api test-browser
unit: $(UNIT_PROGRAMS)

fuzz-programs: $(FUZZ_PROGRAMS)

test: $(NODE_MODULES) $(INJECTION)
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory all unit fuzz-programs SANITIZE=1
	@node tests/run.mjs unit:asan fuzz:asan api:usual browser:plain

test-unit: all unit
	@node tests/run.mjs unit:$(VARIANT) $(FILE)

test-api: all $(NODE_MODULES) $(INJECTION)
	@node tests/run.mjs api:$(VARIANT) $(FILE)

test-browser: all $(NODE_MODULES)
	@node tests/run.mjs browser:$(VARIANT) $(FILE)

# ---- Testing behind each web server -------------------------------------------

# Five set-ups: nginx, Apache with mod_proxy_fcgi and with mod_fcgid, lighttpd, Caddy.
WEB ?= nginx apache fcgid lighttpd caddy

# Tests of the API that depend on what a web server makes of a request or of an
# answer: methods, headers, bodies and their limits, addresses, tokens, statuses, logs.
# Continuous integration runs these behind each of the five, behind nginx as part
# of make test, where tests/api/web_servers.test.js has what each snippet promises.
WEB_TESTS = bad_input demo_client headers outcomes secrets spray telling

# What goes through no web server, or through none but nginx: these tests speak to
# a program's socket, or are about the command, about nginx itself, about the
# sandbox, which is behind nginx always, or about each web server already.  They
# would say the same five times.
WEB_TESTS_NOT = clock crash crash_approval doctor host install local_stack monitoring nginx overload \
	property sandbox sandbox_sdk web_server_sign_in web_servers

# One after the other; each says how many passed.
behind_each = for web in $(WEB); do echo "--- behind $$web"; WEB=$$web node tests/run.mjs api:$(VARIANT) $(1) || broken=1; done; \
	[ -z "$$broken" ]

tests_named = $(patsubst %,tests/api/%.test.js,$(1))

.PHONY: test-web test-web-all
test-web: all $(NODE_MODULES)
	@$(call behind_each,$(or $(FILE),$(call tests_named,$(WEB_TESTS))))

test-web-all: all $(NODE_MODULES)
	@$(call behind_each,$(filter-out $(call tests_named,$(WEB_TESTS_NOT)),$(sort $(wildcard tests/api/*.test.js))))

# Two hosts on one PostgreSQL, one of them killed every second; N verifications.
N ?= 10000

.PHONY: test-hosts
test-hosts: all $(NODE_MODULES)
	@HOSTS_VERIFICATIONS='$(N)' FLEX_VERIFY_BIN='$(BIN)' FLEX_VERIFY_COMMAND='$(BUILD)/bin/$(COMMAND)' \
	    node --no-warnings --test-reporter=spec tests/api/hosts_killed.test.js

# ---- Fuzzing ------------------------------------------------------------------

# Some of tests/fuzz/fuzz_*.c, by the name behind fuzz_.
FUZZ ?= $(FUZZ_TARGETS:tests/fuzz/fuzz_%.c=%)

.PHONY: fuzz
fuzz: packages
	@$(MAKE) --no-print-directory $(FUZZ:%=.build/fuzz/fuzz/%) VARIANT=fuzz CC=clang
	@tests/fuzz/fuzz.sh $(or $(SECONDS),60) $(FUZZ)

# ---- Failing and looking closer ------------------------------------------------

# Of injection.js: every n-th place only, some kinds of calls, one kind of request.
EVERY   ?= 1
KIND    ?= memory curl sqlite system
REQUEST ?=

.PHONY: inject
inject: $(NODE_MODULES) $(INJECTION)
	@$(MAKE) --no-print-directory all SANITIZE=1
	@EVERY='$(EVERY)' KIND='$(KIND)' FLEX_VERIFY_BIN=.build/asan/cgi-bin FLEX_VERIFY_COMMAND=.build/asan/bin/flex-verify \
	    node --no-warnings tests/faults/inject.mjs \
	    $(if $(REQUEST),'$(REQUEST)')

# What goes wrong around the programs: Twilio and the way to it, peers, kills, reloads, the ledger, the
# clock, more work than there is time for.
FAULTS = call_back_faults key_in_faults concurrency crash crash_approval clock hosts hosts_killed overload property restart \
	transport upstream_faults
FAULTS_UNIT = fcgi_server_limits fcgi_server_stop http_client_tls

.PHONY: faults
faults: all unit $(NODE_MODULES)
	@node tests/run.mjs unit:$(VARIANT) api:$(VARIANT) $(call units_named,$(FAULTS_UNIT)) $(call tests_named,$(FAULTS))

# MINUTES of load, RATE callers a second.
MINUTES ?= 30
RATE    ?= 20

.PHONY: soak
soak: all $(NODE_MODULES)
	@MINUTES='$(MINUTES)' RATE='$(RATE)' node --no-warnings tests/soak/soak.mjs

# Programs with threads, of the unit tests and of the API.
THREADED = fcgi_server fcgi_server_limits fcgi_server_stop http_client http_client_pool flex_token_cache \
	ledger ledger_begun ledger_counts ledger_shared listener log metrics twilio watchdog
THREADED_API = ana concurrency

# What touches memory most, and starts no process of its own.
MEMCHECKED = buffer config flex_token form json json_edit ledger_pins log request response settings task_attributes twiml

units_named = $(patsubst %,tests/unit/test_%.c,$(1))

.PHONY: analyze analyze-gcc analyze-thread analyze-memory
analyze: analyze-gcc analyze-thread analyze-memory

analyze-gcc: packages $(GENERATED)
	@printf '%s\n' $(sort $(wildcard src/*/*.c cgi-bin/*.c)) | tests/analyze/analyzer.sh gcc $(COMPILE_AS)

analyze-thread: $(NODE_MODULES)
	@$(MAKE) --no-print-directory all unit SANITIZE=thread
	@node tests/run.mjs unit:tsan $(call units_named,$(THREADED))
	@node tests/run.mjs api:tsan $(call tests_named,$(THREADED_API))

analyze-memory: unit
	@tests/analyze/memcheck.sh $(BUILD)/unit .build/memcheck/unit
	@node tests/run.mjs unit:memcheck $(call units_named,$(MEMCHECKED))

# Percent of the branches that are taken, to be raised; and tests that reach none that the others do not.
BRANCHES ?= 92
COVERAGE_NOT = cost hosts_killed install local_stack web_servers

# Of the places of make inject: others take the same branches.
COVERAGE_EVERY = 3

.PHONY: coverage
coverage: $(NODE_MODULES) $(INJECTION)
	@$(MAKE) --no-print-directory all unit fuzz-programs VARIANT=coverage CFLAGS='-O0 -g'
	@find .build/coverage -name '*.gcda' -delete
	@node tests/run.mjs unit:coverage fuzz:coverage
	@node tests/run.mjs api:coverage $(filter-out $(call tests_named,$(COVERAGE_NOT)),$(sort $(wildcard tests/api/*.test.js)))
	@node tests/run.mjs browser:coverage
	@EVERY='$(COVERAGE_EVERY)' KIND='$(KIND)' FLEX_VERIFY_BIN=.build/coverage/cgi-bin FLEX_VERIFY_COMMAND=.build/coverage/bin/flex-verify \
	    node --no-warnings tests/faults/inject.mjs
	@tests/analyze/coverage.sh $(BRANCHES)

.PHONY: screenshots
screenshots: all $(NODE_MODULES)
	@node tests/browser/screenshots.mjs .build/screenshots

.PHONY: screenshots-monitoring
screenshots-monitoring: all $(NODE_MODULES)
	@node tests/monitoring/pictures.mjs deploy/monitoring/dashboard.png

# ---- Measuring --------------------------------------------------------------

BENCH_MODULES = tests/bench/node_modules/.package-lock.json

$(BENCH_MODULES): tests/bench/package.json tests/bench/package-lock.json | packages
	cd tests/bench && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

$(BUILD)/bench/bones: $(BUILD)/tests/bench/bones.o
$(BUILD)/bench/commits: $(BUILD)/tests/bench/commits.o $(LIBRARY)
$(BUILD)/bench/bones $(BUILD)/bench/commits:
	@mkdir -p $(@D)
	$(call QUIET,ld,$@)$(LINK) -o $@ $^ $(LDLIBS)

.PHONY: bench
bench: all $(BUILD)/bench/bones $(BENCH_MODULES)
	@ROUNDS='$(ROUNDS)' SECONDS='$(SECONDS)' node tests/bench/bench.mjs

.PHONY: bench-ledger
bench-ledger: all
	@EVENTS='$(EVENTS)' node tests/bench/ledger.mjs

.PHONY: bench-commits
bench-commits: all $(BUILD)/bench/commits
	@VERIFICATIONS='$(VERIFICATIONS)' node tests/bench/commits.mjs

.PHONY: bench-overload
bench-overload: all
	@SECONDS='$(SECONDS)' node tests/bench/overload.mjs

# ---- Judging ----------------------------------------------------------------

SHELL_FILES = .ci/run $(sort $(wildcard deploy/*.sh deploy/*/*.sh tests/*.sh tests/analyze/*.sh tests/fuzz/*.sh tests/lint/*.sh tests/package/*.sh)) \
	deploy/debian/flex-verify.postinst deploy/debian/flex-verify.postrm

.PHONY: lint lint-format lint-house lint-gcc lint-clang lint-cppcheck lint-tidy lint-js lint-shell lint-stack lint-hosting format
lint: lint-format lint-house lint-gcc lint-clang lint-cppcheck lint-tidy lint-js lint-shell lint-stack \
	lint-hosting
	@echo 'lint: nothing to complain about'

lint-format: packages
	@tests/lint/format.sh $(C_FILES)

lint-house: lint-gcc
	@tests/lint/house.sh
	@tests/lint/globals.sh .build/lint-gcc/src/*/*.o
	@tests/lint/self_test.sh

lint-gcc: packages
	@$(MAKE) --no-print-directory objects VARIANT=lint-gcc CC=gcc WERROR=1

lint-clang: packages
	@$(MAKE) --no-print-directory objects VARIANT=lint-clang CC=clang WERROR=1

lint-cppcheck: packages $(GENERATED)
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingIncludeSystem -Isrc -I$(dir $(GENERATED)) $(filter %.c,$(C_FILES))

# Its stderr only counts the warnings in headers of libraries.
lint-tidy: packages $(GENERATED)
	@printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P "$$(nproc)" -I '{}' \
	    clang-tidy --quiet --warnings-as-errors='*' '{}' -- $(COMPILE_AS) 2>/dev/null

lint-js: $(NODE_MODULES)
	@node --experimental-vm-modules --no-warnings tests/lint/modules.mjs www tests
	@node tests/lint/security.mjs
	@node tests/lint/links.mjs

lint-shell: packages
	@shellcheck $(SHELL_FILES)

lint-stack: all
	@$(STACK) check

lint-hosting: packages $(MAN_PAGES) $(SANDBOX_PAGES)
	@tests/lint/hosting.sh $(MAN) $(INSTALLED)

format: packages
	@tests/lint/format.sh --fix $(C_FILES)

# ---- Removing ---------------------------------------------------------------

.PHONY: clean
clean:
	@for directory in .run/*/; do \
		[ ! -d "$$directory" ] || PORT=$$(basename "$$directory") deploy/local/stack.sh forget || exit; \
	done
	rm -rf .build tests/node_modules tests/bench/node_modules $(PROGRAMS:%=cgi-bin/%)
