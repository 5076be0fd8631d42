# SPDX-License-Identifier: GPL-2.0-only
# make            build/swtch and build/swtch-lab; needs no root
# sudo make run   install what is missing, build, open the live view
# sudo make test  the same set-up, then every test
# make help       all targets

BUILD := build
MACHINE ?= $(shell uname -m)
ARCH  := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(MACHINE)))

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG  ?= clang
CFLAGS ?= -O2 -g
WERROR ?=
PREFIX ?= /usr/local
# Ubuntu has a wrapper in the path that wants the bpftool of the running kernel; any other will do.
ifndef BPFTOOL
BPFTOOL := $(shell sh tests/deps.sh bpftool)
endif

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
MAKEFLAGS += --no-print-directory
endif

# Under sudo every recipe runs as the invoking user, if the tree is theirs, so that what is built
# stays theirs. Only the targets in `as_root` keep root.
ifeq ($(shell id -u),0)
ifneq ($(SUDO_UID),)
ifeq ($(shell stat -c %u .),$(SUDO_UID))
SHELL       := $(shell command -v setpriv)
.SHELLFLAGS := --reuid=$(SUDO_UID) --regid=$(SUDO_GID) --init-groups -- /bin/sh -c
endif
endif
endif
as_root := run test vm-test deps kernel bpf-stats bench picture install uninstall clean asan tsan fuzz lint soak coverage
$(as_root): private SHELL := /bin/sh
$(as_root): private .SHELLFLAGS := -c

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
            -Wformat=2 -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough $(WERROR)
includes := -std=gnu11 -pthread -D_GNU_SOURCE -Iuser -Ibpf -Iinclude -I$(BUILD)
our_cflags := $(includes) $(warnings) -MMD -MP
bpf_cflags := -target bpf -D__TARGET_ARCH_$(ARCH) -O2 -g -mcpu=v3 -Wall -Wextra $(WERROR) \
              -Wno-missing-declarations -Ivmlinux -Ibpf -MMD -MP
libs := -lbpf -lelf -lz -lcap-ng -lncursesw -ltinfo -ldeflate -lm

# Every file of a folder is part of it: a new file needs no line here. A file with a main() is no
# part of the library: main.c of the program, and runner.c of the lab.
bpf_objs  := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard bpf/*.bpf.c))
mains     := user/main.c user/lab/runner.c
lib_srcs  := $(filter-out $(mains),$(wildcard user/*/*.c))
lib_objs  := $(lib_srcs:%.c=$(BUILD)/%.o)
lab_srcs  := $(filter-out $(mains),$(wildcard user/base/*.c user/event/*.c user/lab/*.c))
lib_asm   := $(patsubst %.S,$(BUILD)/%.o,$(wildcard user/event/*.S user/sink/*.S))
lab_asm   := $(patsubst %.S,$(BUILD)/%.o,$(wildcard user/lab/*_$(MACHINE).S))
lab_objs  := $(lab_srcs:%.c=$(BUILD)/%.o) $(lab_asm)
programs   = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1)/$(2)*.c))
unit      := $(call programs,unit,test_)
kernel    := $(call programs,kernel,test_)
bench     := $(call programs,bench,) $(call programs,bench/load,)
fuzzers   := $(call programs,fuzz,fuzz_)
faults    := $(patsubst %,$(BUILD)/tests/fault/%,calls.so clock.so storm writes)
scripts   := $(wildcard tests/cli/*.sh tests/lecture/*.sh tests/tui/*.sh)

.DELETE_ON_ERROR:
.SECONDARY:
examples := $(BUILD)/examples/marks_loop $(BUILD)/examples/marks_boost

.PHONY: all tools examples help run test vm-test deps unit kernel bpf-stats bench picture lint asan tsan fuzz fuzzers bench-programs install uninstall clean tests FORCE soak vm-x86_64 vm-aarch64 coverage
# The page is made by the program: not by one that does not run here.
page := $(if $(filter $(MACHINE),$(shell uname -m)),$(BUILD)/swtch.1)
all: tools $(BUILD)/swtch $(BUILD)/swtch-lab $(page)

tools:
	@for tool in $(firstword $(CC)) $(CLANG) $(firstword $(BPFTOOL)) protoc; do \
		command -v "$$tool" >/dev/null && continue; \
		echo "make: there is no $$tool here: sudo make deps brings what building needs" >&2; exit 1; \
	done

$(BUILD)/swtch: $(BUILD)/user/main.o $(BUILD)/libswtch.a
	$(call say,LINK,$@)
	$(Q)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(libs)

$(BUILD)/swtch-lab: $(BUILD)/user/lab/runner.o $(lab_objs)
	$(call say,LINK,$@)
	$(Q)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -lm

$(BUILD)/swtch.1: doc/man.sh $(BUILD)/swtch
	$(call say,MAN,$@)
	$(Q)doc/man.sh $(BUILD)/swtch > $@

$(BUILD)/libswtch.a: $(lib_objs) $(lib_asm) $(lab_asm)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(BUILD)/user/%.o: user/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) $(CFLAGS) -c -o $@ $<

$(BUILD)/user/%.o: user/%.S $(BUILD)/flags
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && $(CC) -Iuser -I$(BUILD) $(CFLAGS) -c -o $@ $<

# What is ours in a recording, described for who reads it. Alone: viewers know the rest.
$(BUILD)/user/event/swtch.pb: user/event/swtch.proto user/event/perfetto.proto
	$(call say,PROTOC,$<)
	$(Q)mkdir -p $(@D) && protoc -Iuser --descriptor_set_out=$@ $<

$(BUILD)/user/event/descriptor.o: $(BUILD)/user/event/swtch.pb
$(BUILD)/user/sink/html_page.o: $(wildcard user/sink/page/*)

# NAME(read) and so on: the system calls that the headers of this machine know.
$(BUILD)/event/syscall_names.h: $(BUILD)/flags
	$(call say,NAMES,$@)
	$(Q)mkdir -p $(@D) && echo '#include <asm/unistd.h>' | $(CC) $(CFLAGS) -E -dM -x c - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/NAME(\1)/p' | \
		grep -v -e '(syscalls)' -e arch_specific | LC_ALL=C sort > $@

$(BUILD)/user/event/syscalls.o: $(BUILD)/event/syscall_names.h

# The probes: each file compiled for BPF, linked by bpftool, turned into a skeleton that only
# user/keeper/ includes.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(BUILD)/flags
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D) && $(CLANG) $(bpf_cflags) -c -o $@ $<

$(BUILD)/bpf/swtch.skel.h: $(bpf_objs)
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen object $(@D)/swtch.linked.o $(bpf_objs)
	$(Q)$(BPFTOOL) gen skeleton $(@D)/swtch.linked.o name swtch > $@

$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/keeper/*.c)): $(BUILD)/bpf/swtch.skel.h

# What is built with other flags is built anew.
flags := $(strip $(CC) $(CLANG) $(BPFTOOL) $(our_cflags) $(bpf_cflags) $(CFLAGS) $(LDFLAGS) $(libs))
ifneq ($(file <$(BUILD)/flags),$(flags))
$(BUILD)/flags: FORCE
endif
$(BUILD)/flags:
	$(Q)mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(flags))' > $@

# Tests: one program a file, with cmocka; benchmarks print `name value unit`. One that needs a peer's
# library is built without it where it is missing, and says so.
linkable = $(shell echo 'int main(void) { return 0; }' | $(CC) -x c -o /dev/null - $(1) 2>&1 || echo no)
peer_flags = $(if $(peer),$(if $(call linkable,$(peer)),,-DHAS_PEER $(peer)))
$(BUILD)/tests/bench/coro_boost: peer := -lboost_context
$(BUILD)/tests/bench/load/echo_libuv: peer := -luv

$(BUILD)/tests/bench/%: tests/bench/%.c $(BUILD)/libswtch.a
	$(call say,BENCH,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libswtch.a \
		$(libs) $(peer_flags)

$(BUILD)/tests/%: tests/%.c $(BUILD)/libswtch.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libswtch.a $(libs) -lcmocka

# What is preloaded into the program: as it is in every build, also of sanitizers.
$(BUILD)/tests/%.so: tests/%.c $(BUILD)/flags
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) -O2 -g -fPIC -shared -o $@ $< -ldl

$(BUILD)/tests/fuzz/fuzz_%: override CFLAGS += -fsanitize=fuzzer

# What a program does so that its coroutines are seen; as their users build them, but for warnings.
$(BUILD)/examples/%: examples/%.c include/swtch_marks.h $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow $(WERROR) -Iinclude \
		$(CFLAGS) $(LDFLAGS) -pthread -o $@ $<

# C++ is needed by this one alone, and Boost: where one is missing there is none, and that is said.
$(BUILD)/examples/marks_boost: examples/marks_boost.cpp include/swtch_marks.h $(BUILD)/flags
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D); if echo '#include <boost/context/fiber.hpp>' | $(CXX) -std=c++17 -x c++ \
			-fsyntax-only - 2>/dev/null; then \
		$(CXX) -std=c++17 -Wall -Wextra -Wshadow $(WERROR) -Iinclude $(CFLAGS) $(LDFLAGS) \
			-pthread -o $@ $< -lboost_context; \
	else echo "  without $@: it needs a C++ compiler and libboost-context-dev"; fi

examples: $(examples)

# What the verifier says of each program, on this kernel.
bpf-stats: $(BUILD)/tests/kernel/bpf_stats
	$(Q)$<

tests: all examples $(unit) $(kernel) $(faults)

unit: $(BUILD)/swtch-lab $(unit)
	$(Q)tests/run $(unit)

kernel: all $(kernel)
	$(Q)SWTCH=$(BUILD)/swtch tests/run $(kernel)

# Steps in this order also under -j: what the set-up brings is needed by the build.
run:
	$(Q)sh tests/deps.sh install build
	$(Q)$(MAKE) all
	$(Q)./$(BUILD)/swtch

test:
	$(Q)sh tests/deps.sh install build test
	$(Q)$(MAKE) tests
	$(Q)SWTCH=$(BUILD)/swtch tests/run $(unit) $(kernel) $(scripts) tests/layers.sh

# On Debian's kernels of other ages, under emulation: KERNELS (of tests/vm/kernel.sh list), CPUS, and
# ARCHS, machines as uname -m calls them. What goes through swtch itself runs on both paths.
ARCHS ?= $(MACHINE)
vm_scripts := tests/tui/every_cpu.sh tests/tui/hotplug.sh tests/cli/storm.sh
vm_tests := 'build/tests/kernel/test_*' 'build/tests/unit/test_coro*' $(vm_scripts) tests/cli/limits.sh \
	SWTCH_PLAIN_CLOCK=1 SWTCH_PLAIN_RING=1 'build/tests/kernel/test_session_*' $(vm_scripts)
vm-test:
	$(Q)sh tests/deps.sh install build test vm $(filter aarch64,$(ARCHS))
	$(Q)$(MAKE) $(ARCHS:%=vm-%)

vm-$(MACHINE): tests
	$(Q)MACHINE=$(MACHINE) tests/vm/run $(BUILD) $(vm_tests)

# Built here for the other machine, with Debian's libraries for it in a folder.
ifneq ($(MACHINE),aarch64)
cross_root = $(abspath $(BUILD))/aarch64/root
vm-aarch64:
	$(Q)tests/vm/root.sh arm64 $(cross_root)
	$(Q)$(MAKE) BUILD=$(BUILD)/aarch64 MACHINE=aarch64 AR=aarch64-linux-gnu-ar \
		CC="aarch64-linux-gnu-gcc --sysroot=$(cross_root)" tests
	$(Q)MACHINE=aarch64 ROOT=$(cross_root) STRIP=aarch64-linux-gnu-strip \
		tests/vm/run $(BUILD)/aarch64 $(vm_tests)
else
vm-x86_64:
	@echo "for x86_64 there is no cross-build yet: tests/vm/root.sh and vm-aarch64 show the way" && false
endif

deps:
	$(Q)sh tests/deps.sh install build test lint fuzz vm

# A peer that cannot be had is told of in the table.
bench:
	$(Q)sh tests/deps.sh install build test
	-$(Q)sh tests/deps.sh install bench
	$(Q)$(MAKE) bench-programs
	$(Q)SWTCH=$(BUILD)/swtch tests/bench/run $(ONLY)

bench-programs: all $(bench)

# README's picture, from the running program.
picture: all
	$(Q)sh tests/deps.sh install picture
	$(Q)SWTCH=$(BUILD)/swtch tests/picture/make.sh

# A build with sanitizers, in a folder of its own: tests/checked/aboard.c is in each of its programs.
# The tests of the kernel and of the command line say by themselves that they need root.
sanitized = mkdir -p $(BUILD)/$(1) && \
	$(CC) -c -O1 -g $(2) -DREPORTS='"$(CURDIR)/$(BUILD)/$(1)/reports"' -o $(BUILD)/$(1)/aboard.o tests/checked/aboard.c && \
	$(MAKE) BUILD=$(BUILD)/$(1) CFLAGS="-O1 -g -fno-omit-frame-pointer $(2)" \
		LDFLAGS="$(2) -Wl,--wrap=_exit $(BUILD)/$(1)/aboard.o" tests && \
	tests/checked/run.sh $(BUILD)/$(1) $(patsubst $(BUILD)/%,$(BUILD)/$(1)/%,$(3))

asan:
	+$(Q)$(call sanitized,asan,-fsanitize=address$(,)undefined -fno-sanitize-recover=all,$\
		$(unit) $(kernel) $(patsubst %,tests/cli/%.sh,targets record export latency marks))

# Fences, which it does not know, order reads of memory that the kernel writes.
tsan:
	+$(Q)$(call sanitized,tsan,-fsanitize=thread -Wno-tsan,$\
		$(unit) $(patsubst %,tests/%.sh,cli/record tui/record tui/live_lab))

# Which lines of user/ the tests run: at least LEAST per cent. What counts them allocates and writes files at
# a program's end, so where that is made to fail, or forbidden, tests are left out.
not_counted := tests/cli/faults_start.sh tests/cli/faults_write.sh tests/cli/capabilities.sh
coverage:
	$(Q)mkdir -p $(BUILD)/coverage && $(CC) -c -O1 -o $(BUILD)/coverage/aboard.o tests/checked/coverage.c
	$(Q)$(MAKE) BUILD=$(BUILD)/coverage CFLAGS="-O0 -g --coverage" \
		LDFLAGS="--coverage -Wl,--wrap=_exit,--wrap=fexecve $(BUILD)/coverage/aboard.o" tests
	$(Q)tests/checked/coverage.sh $(BUILD)/coverage \
		$(patsubst $(BUILD)/%,$(BUILD)/coverage/%,$(unit) $(kernel)) $(filter-out $(not_counted),$(scripts))

# Fuzzers need clang, and have a build of their own. TIME is for each, in seconds.
TIME ?= 60
fuzz_flags := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
fuzz:
	$(Q)$(MAKE) BUILD=$(BUILD)/fuzz CC=$(CLANG) CFLAGS="-O1 -g -fno-omit-frame-pointer $(fuzz_flags)" \
		LDFLAGS="$(fuzz_flags)" fuzzers
	$(Q)tests/fuzz/run.sh $(TIME) $(BUILD)/fuzz $(fuzzers:$(BUILD)/%=$(BUILD)/fuzz/%)

# The live view, flat out and recording, for TIME seconds: nothing grows, nothing is left.
soak:
	$(Q)sh tests/deps.sh install build test
	$(Q)$(MAKE) all
	$(Q)SWTCH=$(BUILD)/swtch tests/soak.sh $(TIME)

fuzzers: $(fuzzers) $(BUILD)/tests/fuzz/seeds

, := ,

# Lint: a file is clean when its stamp is newer than the file.
c_files   := $(wildcard user/*.c user/*/*.c)
all_files := $(wildcard bpf/*.[ch] include/*.h examples/* user/*.[ch] user/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])
stamps    := $(c_files:%.c=$(BUILD)/lint/%.stamp)
# Left out of cert-*: err33-c wants every printf() checked, and what cannot be written is told once, at
# the end; err34-c no scanf() of numbers, which are the kernel's own in /proc, or looked at after.
# Of the others what is only taste (names, order of arguments, layout), or true of C as such.
tidy      := clang-analyzer-*,bugprone-*,performance-*,cert-*,-cert-err33-c,-cert-err34-c,$\
             -bugprone-easily-swappable-parameters,$\
             -bugprone-narrowing-conversions,-bugprone-reserved-identifier,$\
             -bugprone-assignment-in-if-condition,-bugprone-branch-clone,$\
             -bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses,$\
             -bugprone-suspicious-string-compare,-bugprone-not-null-terminated-result,$\
             -clang-analyzer-security.insecureAPI.strcpy,-performance-no-int-to-ptr,$\
             -clang-analyzer-optin.performance.Padding,$\
             -clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling
lint_includes := $(filter-out -I$(BUILD),$(includes)) -isystem $(BUILD)
# gcc 12 takes a pointer to the first member for another than the one to the whole: a leak that is
# none. AddressSanitizer looks for the real ones.
analyzer  := -Werror -O1 -fanalyzer -Wno-analyzer-malloc-leak
# The skeleton's own constructor, which bpftool wrote.
$(BUILD)/lint/user/keeper/probes.stamp: tidy := $(tidy),-clang-analyzer-unix.Malloc
lint_skeleton := $(if $(bpf_objs),$(BUILD)/bpf/swtch.skel.h)

$(BUILD)/lint/%.stamp: %.c $(BUILD)/flags | $(lint_skeleton) $(BUILD)/event/syscall_names.h
	$(call say,LINT,$<)
	$(Q)mkdir -p $(@D)
	$(Q)clang-tidy --quiet --checks='-*,$(tidy)' --warnings-as-errors='*' $< -- $(lint_includes) 2>$@.log \
		|| { cat $@.log; exit 1; }
	$(Q)$(CC) $(lint_includes) $(warnings) $(analyzer) -MMD -MP -MT $@ -MF $(@:.stamp=.d) \
		-c -o $(@:.stamp=.o) $<
	$(Q)touch $@

lint: $(stamps)
	$(call say,FORMAT,)
	$(Q)clang-format --dry-run -Werror $(all_files)
	$(call say,CHECK,cppcheck)
	$(Q)cppcheck -q --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=ctuuninitvar \
		--suppress=CastIntegerToAddressAtReturn --error-exitcode=1 \
		-D__$(shell uname -m)__ -Iuser -Ibpf -Iinclude user
	$(call say,CHECK,layers)
	$(Q)tests/layers.sh

install: all
	install -D -m 755 $(BUILD)/swtch $(DESTDIR)$(PREFIX)/bin/swtch
	install -D -m 755 $(BUILD)/swtch-lab $(DESTDIR)$(PREFIX)/libexec/swtch/swtch-lab
	install -D -m 644 include/swtch_marks.h $(DESTDIR)$(PREFIX)/include/swtch_marks.h
	$(if $(page),install -D -m 644 $(page) $(DESTDIR)$(PREFIX)/share/man/man1/swtch.1)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/include/swtch_marks.h $(DESTDIR)$(PREFIX)/bin/swtch $(DESTDIR)$(PREFIX)/libexec/swtch/swtch-lab \
		$(DESTDIR)$(PREFIX)/share/man/man1/swtch.1
	-rmdir $(DESTDIR)$(PREFIX)/libexec/swtch

clean:
	rm -rf $(BUILD)

define help_text
make              build $(BUILD)/swtch and $(BUILD)/swtch-lab; needs no root
sudo make run     install what is missing, build, open the live view
sudo make test    the same set-up, build, run every test
sudo make vm-test the tests with real BPF on other kernels: KERNELS="6.1 6.12" CPUS="1 16",
                  ARCHS="x86_64 aarch64"
sudo make deps    install what building, testing and linting need (says what first)
make examples     programs that let their coroutines be seen, with include/swtch_marks.h
make unit         the unit tests alone; need no root
sudo make kernel  the tests with real BPF alone
sudo make bpf-stats  instructions, stack, maps of the BPF programs on this kernel
sudo make bench   everything that must be fast, beside its peers, in twelve minutes at most;
                  ONLY="switch watch" picks some, tests/bench/run --help tells of JSON and more
sudo make picture draw README's picture anew from the running program
make lint         clang-format, clang-tidy, gcc -fanalyzer, cppcheck, layers
make asan         tests with AddressSanitizer and UBSan; as root those of the kernel, too
make tsan         tests with ThreadSanitizer
make coverage     which lines of user/ the tests run: in total, and where least
make fuzz         readers of files, rings, marks, the command line fuzzed, each for TIME=60 seconds
sudo make soak    every job flat out in the live view, recorded, for TIME=60 seconds: nothing grows
make install      to PREFIX ($(PREFIX)), below DESTDIR; make uninstall removes it
make clean        remove $(BUILD)/

V=1 shows commands; WERROR=-Werror makes warnings errors; CFLAGS, CC, CLANG, BPFTOOL are yours.
endef
export help_text
help:
	@printf '%s\n' "$$help_text"

-include $(shell find $(BUILD) -path '*/root' -prune -o -name '*.d' -type f -print 2>/dev/null)
