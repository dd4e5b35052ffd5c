# Makefile: builds hrisgw, tests it, checks it, runs it. GNU make, 64 bit, Debian 12 or newer.
#
#   make            the program: build/release/hrisgw
#   make run        gateway, HRIS and nginx on a free loopback port, and a tour of the five actions
#   make test       unit, adapter and end-to-end tests, and a short run of every fuzzer
#   make lint       warnings, format, style, layers, three analysers
#   make unit | adapter-test | e2e | fuzz-corpus      one part of make test
#   make torture    whole, what make test plays a seeded tenth of
#   make coverage   lines and branches of the verifier (auth/, token.c, sfv.c) that its tests reach: all
#   make mutate     a sample of changes to the program (MUTANTS of them), and which no test notices
#   make fuzz | bench                                 the fuzzers built; the benches built and run:
#                   tests/bench/bench_peers.py has the gateway beside nginx+Lua and Node.js
#   make install | clean | deps
#
# run, test, lint and bench install the Debian packages that are missing; make alone says which are.
#
#   CC, CFLAGS      compiler (gcc) and what may be changed of its flags (-O2 -g)
#   SAN             address,undefined | thread: a sanitizer build, in a build folder of its own
#   DESTDIR, PREFIX where make install goes (PREFIX /usr/local)
#   PORT, RUN_DIR, TOUR_ONLY    make run: port (a free one), folder (./run), 1: exit after the tour
#   CORPORA         make test: folder of foreign test suites; without it their tests are skipped
#   HRISGW_SEED     make test: which tenth of the fault matrix and of the like is played (1)
#   MUTANTS         make mutate: how many changes (60); HRISGW_SEED: which
#   FUZZ_RUNS       inputs tried by each fuzzer beyond its corpus (20000)
#   V               1: show the commands whole

ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
SAN ?=
comma := ,
BUILD := build/$(if $(SAN),$(subst $(comma),-,$(SAN)),release)
PYTHON := /usr/bin/python3
TOOLS := tests/tools

PACKAGES := libcurl yajl openssl yaml-0.1 sqlite3
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lpthread
PACKAGE_FLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
MACHINE := $(shell uname -m)
# $(call known,FLAG): the flag, where this compiler knows it.
known = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

# What follows is the OpenSSF compiler guide's list of 2026-06-30.
LANGUAGE := -std=c11 -D_GNU_SOURCE -iquote src -iquote . $(PACKAGE_FLAGS)
WARNINGS := -Wall -Wextra -Wformat -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough \
	-Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror=format-security \
	-Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion
WARNINGS_GCC := $(call known,-Wtrampolines) $(call known,-Wbidi-chars=any)
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-clash-protection \
	-fstack-protector-strong -fno-delete-null-pointer-checks -fno-strict-overflow \
	-fno-strict-aliasing -fexceptions -fPIE
# No shadow stack: a task has a stack of its own, and none of those.
HARDENING += $(if $(filter x86_64,$(MACHINE)),-fcf-protection=branch)
HARDENING += $(if $(filter aarch64,$(MACHINE)),-mbranch-protection=standard)
HARDENING += $(call known,-ftrivial-auto-var-init=zero)
HARDENING += $(call known,-fstrict-flex-arrays=3) $(call known,-fzero-init-padding-bits=all)
HARDENING_LINK := -pie -Wl,-z,nodlopen,-z,noexecstack,-z,relro,-z,now -Wl,--as-needed \
	-Wl,--no-copy-dt-needed-entries
SANITIZER := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
	$(if $(findstring address,$(SAN)),-DARENA_SINGLE)

COMPILE := $(CC) $(LANGUAGE) $(CFLAGS) $(WARNINGS) $(WARNINGS_GCC) \
	$(if $(SAN),$(SANITIZER),$(HARDENING)) $(CPPFLAGS)
LINK := $(CC) $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN),$(HARDENING_LINK)) $(LDFLAGS)
FUZZ_COMPILE := clang $(LANGUAGE) -O1 -g $(WARNINGS) -DARENA_SINGLE -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_LINK := clang -fsanitize=fuzzer,address,undefined

# Every .c of src/ and cgi-bin/ but main.c is the library; tests, fuzzers and benches link it.
SOURCES := $(sort $(wildcard src/*/*.c cgi-bin/*.c cgi-bin/*/*.c))
LIBRARY := $(BUILD)/libhrisgw.a
PROGRAM := $(BUILD)/hrisgw
objects = $(addprefix $(1)/obj/,$(patsubst %.c,%.o,$(2)))
OBJECTS := $(call objects,$(BUILD),$(SOURCES))
FUZZ_OBJECTS := $(call objects,build/fuzz,$(SOURCES))
# Beside fuzz_*.c and bench_*.c, which are programs, a folder may hold files they share; tests/unit
# has a folder for each of src and cgi-bin, and kit/ for what they share.
programs = $(patsubst tests/$(1)/%.c,%,$(wildcard tests/$(1)/$(2)_*.c))
shared = $(filter-out tests/$(1)/$(2)_%,$(wildcard tests/$(1)/*.c))
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)
UNITS := $(addprefix $(BUILD)/unit/,$(patsubst tests/unit/%.c,%,$(UNIT_SOURCES)))
BENCHES := $(addprefix $(BUILD)/bench/,$(call programs,bench,bench))
FUZZERS := $(addprefix build/fuzz/,$(call programs,fuzz,fuzz))
UNIT_SHARED := $(call objects,$(BUILD),$(wildcard tests/unit/kit/*.c))
BENCH_SHARED := $(call objects,$(BUILD),$(call shared,bench,bench))
FUZZ_SHARED := $(call objects,build/fuzz,$(call shared,fuzz,fuzz))

# $(call tell,WORD): what is shown of a command in place of it.
Q := $(if $(V),,@)
tell = @printf '  %-8s %s\n' '$(1)' '$@'

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all run test unit adapter-test e2e torture mutate fuzz fuzz-corpus bench coverage lint install clean deps \
	unit-programs test-programs coverage-programs FORCE

all: $(PROGRAM) $(BUILD)/hrisgw.fcgi

$(PROGRAM): $(BUILD)/obj/src/main.o $(LIBRARY)
	$(call tell,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# Named so, the program never reads arguments: what a web server starts.
$(BUILD)/hrisgw.fcgi: $(PROGRAM)
	ln -sf hrisgw $@

$(LIBRARY): $(OBJECTS) $(BUILD)/.sources
	$(call tell,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(OBJECTS)

$(BUILD)/obj/%.o: %.c $(BUILD)/.compile
	$(call tell,CC)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(DEFINE) -MMD -MP -c -o $@ $<

# Files that hold a line and change only when the line does: another flag or a file less rebuilds.
keep = @mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(BUILD)/.compile: FORCE | $(BUILD)/.tools
	$(call keep,$(COMPILE))
$(BUILD)/.sources build/fuzz/.sources: FORCE
	$(call keep,$(SOURCES))
build/fuzz/.compile: FORCE
	$(call keep,$(FUZZ_COMPILE))

# A commit rebuilds this one file.
BUILT_FROM := $(shell git --no-optional-locks describe --always --dirty --abbrev=12 2>/dev/null || echo release)
$(BUILD)/obj/src/main.o: DEFINE := -DHRISGW_BUILD='"$(BUILT_FROM)"'
$(BUILD)/obj/src/main.o: $(BUILD)/.built-from
$(BUILD)/.built-from: FORCE
	$(call keep,$(BUILT_FROM))

# Lengths, limits and the layout of a value are written for 64 bit.
$(BUILD)/.tools:
	@$(TOOLS)/deps.sh --check build
	@echo '_Static_assert(sizeof(void *) == 8, "hrisgw is built for 64 bit only");' | \
		$(CC) $(CFLAGS) $(CPPFLAGS) -x c -c -o /dev/null -
	@mkdir -p $(@D) && touch $@

# Counts the calls that cost.
$(BUILD)/unit/auth/test_cost: WRAP := -Wl,--wrap=crypto_hmac,--wrap=crypto_sha256,--wrap=url_decoded
# Lets allocations fail.
$(BUILD)/unit/adapter/test_memory $(BUILD)/unit/ledger/test_memory: WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
# Sees what libcurl is given.
$(BUILD)/unit/http/test_tls: WRAP := -Wl,--wrap=curl_easy_setopt
# Stands between the policy and what it uses.
$(BUILD)/unit/hris/test_simulation: WRAP := $(addprefix -Wl$(comma)--wrap=,ledger_read ledger_write ledger_hmac \
	ledger_locks ledger_look_until lock_take lock_release hris_type settle_row look_wait_quiet look_after \
	verify_write verify_standing journal_intend)
$(BUILD)/unit/hris/test_simulation: $(call objects,$(BUILD),$(wildcard tests/unit/hris/sim_*.c))
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_SHARED) $(LIBRARY)
	$(call tell,LINK)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(WRAP) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(BENCH_SHARED) $(LIBRARY)
	$(call tell,LINK)
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(LIBS) -lm

build/fuzz/obj/%.o: %.c build/fuzz/.compile
	$(call tell,CC)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_COMPILE) -MMD -MP -c -o $@ $<

build/fuzz/libhrisgw.a: $(FUZZ_OBJECTS) build/fuzz/.sources
	$(call tell,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(FUZZ_OBJECTS)

build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o $(FUZZ_SHARED) build/fuzz/libhrisgw.a
	$(call tell,LINK)
	$(Q)$(FUZZ_LINK) -o $@ $^ $(LIBS)

unit-programs: $(UNITS)
fuzz: $(FUZZERS)
test-programs: all $(UNITS) $(FUZZERS)

SUITE = $(PYTHON) $(TOOLS)/suite.py --build $(BUILD)
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# In two steps, because the second one reads what the first installed.
test:
	$(TOOLS)/deps.sh build test
	$(MAKE) $(JOBS) --no-print-directory test-programs
	$(SUITE) unit adapter e2e fuzz
unit: unit-programs
	$(SUITE) unit
adapter-test: all
	$(SUITE) adapter
e2e: all
	$(SUITE) e2e
fuzz-corpus: fuzz
	$(SUITE) fuzz
torture: all $(BUILD)/unit/hris/test_simulation
	$(SUITE) torture
mutate:
	$(TOOLS)/deps.sh build test
	$(PYTHON) -B $(TOOLS)/mutate.py --n $(or $(MUTANTS),60)

run:
	$(TOOLS)/deps.sh build run
	$(MAKE) $(JOBS) --no-print-directory all
	$(PYTHON) $(TOOLS)/run.py --binary $(PROGRAM)

# A peer that cannot be installed is skipped aloud.
bench:
	-$(TOOLS)/deps.sh build bench
	$(MAKE) $(JOBS) --no-print-directory all $(BENCHES)
	@for bench in $(BENCHES); do echo "== $$bench"; $$bench || exit 1; done
	@for bench in $(wildcard tests/bench/bench_*.py); do echo "== $$bench"; \
		HRISGW=$(abspath $(PROGRAM)) $(PYTHON) $$bench || exit 1; done

# Without optimization and hardening, so that a branch of the source is one of the program; each piece
# of an arena on its own, so that a test can let memory run short at any of them.
coverage:
	$(TOOLS)/deps.sh build test
	$(MAKE) $(JOBS) --no-print-directory BUILD=build/coverage CFLAGS='-O0 -g' \
		HARDENING='--coverage -fprofile-update=atomic -DARENA_SINGLE' \
		HARDENING_LINK=--coverage coverage-programs
	$(PYTHON) -B $(TOOLS)/coverage.py --build build/coverage
coverage-programs: $(filter $(BUILD)/unit/auth/% $(BUILD)/unit/format/test_sfv,$(UNITS))

lint:
	$(TOOLS)/deps.sh build test lint
	$(MAKE) $(JOBS) -k -O --no-print-directory -f $(TOOLS)/lint.mk

deps:
	$(TOOLS)/deps.sh build

# Units, samples and pages name the paths where things are.
put = install -d "$$(dirname $(2))" && sed 's|/usr/local|$(PREFIX)|g' $(1) >$(2) && chmod 0644 $(2) || exit 1
share := $(DESTDIR)$(PREFIX)/share
install: all
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/lib/cgi-bin" "$(share)/hrisgw"
	install -m 0755 $(PROGRAM) "$(DESTDIR)$(PREFIX)/bin/hrisgw"
	ln -sf ../../bin/hrisgw "$(DESTDIR)$(PREFIX)/lib/cgi-bin/hrisgw.fcgi"
	for file in $$(find conf nginx -type f) LICENSE $(wildcard README.md); do \
		$(call put,"$$file","$(share)/hrisgw/$$file"); done
	for page in $(wildcard src/*.[578]); do \
		$(call put,"$$page","$(share)/man/man$${page##*.}/$${page##*/}"); done

clean:
	rm -rf build

-include $(shell find build -name "*.d" -not -path "build/lint/*" 2>/dev/null)
