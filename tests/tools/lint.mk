# lint.mk: every check of `make lint`, each in a stamp file of its own, so that only what changed is
# checked again. Run from the top of the tree: make lint.

BUILD := build/lint
PYTHON := /usr/bin/python3
TOOLS := tests/tools

CODE := $(sort $(wildcard src/*.c src/*/*.c cgi-bin/*.c cgi-bin/*/*.c))
TESTS := $(sort $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c tests/fuzz/*.c tests/bench/*.c))
HEADERS := $(wildcard src/*/*.h cgi-bin/*.h cgi-bin/*/*.h tests/unit/*/*.h tests/fuzz/*.h tests/bench/*.h)
PAGES := $(wildcard src/*.[578])

FLAGS := -std=c11 -D_GNU_SOURCE -iquote src -iquote .
STRICT := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wimplicit-fallthrough -Wvla -Wpointer-arith -Wwrite-strings \
	-Wdeclaration-after-statement -Werror
GCC := gcc $(FLAGS) -O2 $(STRICT) -Wtrampolines -Wbidi-chars=any -Wlogical-op -Wduplicated-cond
CLANG := clang $(FLAGS) $(STRICT) -Wunreachable-code-aggressive -Wassign-enum
# It reads no system headers; what main.c asks of stdint.h is defined here. unknownEvaluationOrder takes
# [A] = x in initialisers for a side effect; gcc's -Wsequence-point, of -Wall, does better. A wait lies
# on the stack of who waits; mmap(2) takes -1 for no file; task.c says why it switches stacks.
CPPCHECK := cppcheck --quiet --std=c11 --platform=unix64 --library=posix -D_GNU_SOURCE -D__GNUC__=12 \
	-DUINTPTR_MAX=0xffffffffffffffffu -DUINT64_MAX=0xffffffffffffffffu -Isrc -I. --inline-suppr --suppress=readdirCalled \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--suppress=unknownEvaluationOrder --suppress=autoVariables:src/engine/event.c \
	--suppress=autoVariables:src/http/pool.c --suppress=invalidFunctionArg:src/engine/stack.c \
	--suppress=swapcontextCalled --suppress=getcontextCalled --suppress=makecontextCalled \
	--error-exitcode=1

stamps = $(patsubst %,$(BUILD)/$(1)/%.ok,$(2))
ok = @mkdir -p $(@D) && touch $@

.DELETE_ON_ERROR:
.PHONY: all style
all: style $(call stamps,format,$(CODE) $(TESTS) $(HEADERS)) $(call stamps,gcc,$(CODE) $(TESTS)) \
	$(call stamps,clang,$(CODE) $(TESTS)) $(call stamps,analyzer,$(CODE)) \
	$(call stamps,tidy,$(CODE)) $(call stamps,cppcheck,$(CODE)) $(call stamps,page,$(PAGES))
	@echo "lint: $(words $(CODE)) files, $(words $(TESTS)) test files: nothing found"

style:
	@$(PYTHON) -B $(TOOLS)/lint_style.py
	@$(PYTHON) -B $(TOOLS)/lint_layers.py

$(BUILD)/format/%.ok: % .clang-format
	@clang-format --dry-run -Werror $<
	$(ok)

# Compiled for real: some warnings come only from the optimizer. -MMD notes the headers; all checks of
# a file are made again when one of them changes.
$(BUILD)/gcc/%.ok: % $(TOOLS)/lint.mk
	@mkdir -p $(@D)
	@echo "  gcc      $<"
	@$(GCC) -MMD -MP -MF $(@:.ok=.d) -MT $@ -c -o /dev/null $<
	$(ok)

$(BUILD)/clang/%.ok: % $(BUILD)/gcc/%.ok
	@echo "  clang    $<"
	@$(CLANG) -fsyntax-only $<
	$(ok)

$(BUILD)/analyzer/%.ok: % $(BUILD)/gcc/%.ok
	@echo "  analyzer $<"
	@gcc $(FLAGS) -O1 -fanalyzer -Werror -c -o /dev/null $<
	$(ok)

$(BUILD)/tidy/%.ok: % $(BUILD)/gcc/%.ok .clang-tidy
	@echo "  tidy     $<"
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- $(FLAGS) 2>$(@:.ok=.log) || { cat $(@:.ok=.log); exit 1; }
	$(ok)

$(BUILD)/cppcheck/%.ok: % $(BUILD)/gcc/%.ok
	@echo "  cppcheck $<"
	@$(CPPCHECK) $<
	$(ok)

$(BUILD)/page/%.ok: %
	@mandoc -T lint -W warning $<
	$(ok)

-include $(patsubst %,$(BUILD)/gcc/%.d,$(CODE) $(TESTS))
