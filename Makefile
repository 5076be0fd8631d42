# SPDX-License-Identifier: GPL-2.0-only
# make            build/swtch and build/swtch-lab; needs no root
# sudo make run   install what is missing, build, open the live view
# sudo make test  the same set-up, then every test
# make help       all targets

BUILD := build
ARCH  := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')

CC      ?= gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) $(shell command -v bpftool) bpftool)
CFLAGS  ?= -O2 -g
WERROR  ?=

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
            -Wformat=2 -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough $(WERROR)
our_cflags := -std=gnu11 -pthread -D_GNU_SOURCE -Iuser -Ibpf -I$(BUILD) $(warnings) -MMD -MP
bpf_cflags := -target bpf -D__TARGET_ARCH_$(ARCH) -O2 -g -mcpu=v3 -Wall -Wextra $(WERROR) \
              -Wno-missing-declarations -Ivmlinux -Ibpf -MMD -MP
libs := -lbpf -lelf -lz -lcap-ng -lncursesw -ltinfo

# Every file of a folder is part of it: a new file needs no line here. A file with a main() is no
# part of the library: main.c of the program, and runner.c of the lab.
bpf_objs  := $(patsubst %.bpf.c,$(BUILD)/%.bpf.o,$(wildcard bpf/*.bpf.c))
mains     := user/main.c user/lab/runner.c
lib_srcs  := $(filter-out $(mains),$(wildcard user/*/*.c))
lib_objs  := $(lib_srcs:%.c=$(BUILD)/%.o)
lab_srcs  := $(filter-out $(mains),$(wildcard user/base/*.c user/event/*.c user/lab/*.c))
lab_objs  := $(lab_srcs:%.c=$(BUILD)/%.o) $(patsubst %.S,$(BUILD)/%.o,$(wildcard user/lab/*_$(shell uname -m).S))
unit      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
kernel    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/kernel/test_*.c))

.DELETE_ON_ERROR:
.PHONY: all clean unit kernel
all: $(BUILD)/swtch $(BUILD)/swtch-lab

$(BUILD)/swtch: $(BUILD)/user/main.o $(BUILD)/libswtch.a
	$(call say,LINK,$@)
	$(Q)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libs)

$(BUILD)/swtch-lab: $(BUILD)/user/lab/runner.o $(lab_objs)
	$(call say,LINK,$@)
	$(Q)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/libswtch.a: $(lib_objs) $(filter %.o,$(lab_objs))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(sort $^)

$(BUILD)/user/%.o: user/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) $(CFLAGS) -c -o $@ $<

$(BUILD)/user/%.o: user/%.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && $(CC) -Iuser $(CFLAGS) -c -o $@ $<

# The probes: each file compiled for BPF, linked by bpftool, turned into a skeleton that only
# user/keeper/ includes.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D) && $(CLANG) $(bpf_cflags) -c -o $@ $<

$(BUILD)/bpf/swtch.skel.h: $(bpf_objs)
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen object $(@D)/swtch.linked.o $(bpf_objs)
	$(Q)$(BPFTOOL) gen skeleton $(@D)/swtch.linked.o name swtch > $@

$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/keeper/*.c)): $(BUILD)/bpf/swtch.skel.h

# Tests: one program a file, with cmocka.
$(BUILD)/tests/%: tests/%.c $(BUILD)/libswtch.a
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(our_cflags) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libswtch.a $(libs) -lcmocka

unit: $(unit)
	$(Q)for t in $^; do $$t || exit 1; done

kernel: all $(kernel)
	$(Q)for t in $(kernel); do $$t || exit 1; done

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
