#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh - what building, testing and linting need, and how a Debian or Ubuntu gets it.
#
#   deps.sh install GROUP...   say what is missing and what it is for, then install it
#   deps.sh bpftool            print the path of a bpftool that works
#
# What counts is whether a thing is there, not which package brought it.
set -u

# group | check | packages, best first, alternatives after a slash | what it is for
table() {
	cat <<'END'
build|command gcc|gcc|compiles the program
build|compiles stdio.h|libc6-dev|headers and start files of C programs
build|command clang|clang|compiles the probes to BPF
build|bpftool|bpftool / linux-tools-common linux-tools-generic|links the probes, makes their skeleton
build|compiles bpf/libbpf.h bpf|libbpf-dev|loads the probes
build|compiles libelf.h elf|libelf-dev|libbpf reads object files with it
build|compiles zlib.h z|zlib1g-dev|libbpf unpacks with it
build|compiles libdeflate.h deflate|libdeflate-dev|packs and unpacks recordings
build|command protoc|protobuf-compiler|describes what is ours in a recording
build|compiles ncurses.h ncursesw|libncurses-dev / libncursesw5-dev|draws the live view
build|compiles cap-ng.h cap-ng|libcap-ng-dev|gives privilege back
test|cmocka|libcmocka-dev|runs the unit and kernel tests
test|command tmux|tmux|is the terminal of the tests of the live view
test|command jq|jq|reads JSON back
test|command sqlite3|sqlite3|reads CSV back
test|command python3|python3|runs the programs of the lecture
test|command chromium|chromium|opens the HTML of an export
test|command chromedriver|chromium-driver|drives it
test|command curl|curl|talks to the driver
test|command pgrep|procps|looks for processes left behind
test|command groff|groff-base|reads the manual page
test|command valgrind|valgrind|looks at the reader's memory
servers|command redis-server|redis-server|is watched under its own load
servers|command nginx|nginx-light|is watched with a thousand connections
servers|command wrk|wrk|makes them
vm|command qemu-system-x86_64|qemu-system-x86|emulates a machine that boots another kernel
vm|command busybox|busybox-static|mounts and turns off in there
vm|command cpio|cpio|packs what it boots into
aarch64|command qemu-system-aarch64|qemu-system-arm|emulates a machine of another kind
aarch64|command aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu|compiles for it
picture|command tmux|tmux|is the terminal of the picture
picture|command aha|aha|makes a page of what a terminal shows
picture|command chromium|chromium|makes a picture of the page
picture|path /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf|fonts-dejavu-core|is the font of the picture
bench|runs perf version|linux-perf / linux-tools-generic|is a peer of record and export
bench|command trace-cmd|trace-cmd|is a peer of record and export
bench|command bpftrace|bpftrace|is a peer of counting
bench|command runqlat|libbpf-tools|is a peer of counting, as is cpudist
bench|command htop|htop|is a peer of the live view
bench|path /usr/include/boost/context/fiber.hpp|libboost-context-dev|is a peer of coroutines
bench|compiles uv.h uv|libuv1-dev|is a peer of the echo server
fuzz|command clang|clang|compiles the fuzzers
fuzz|fuzzer|libclang-rt-dev / libclang-rt-14-dev|is what drives the fuzzers
lint|command clang-format|clang-format|checks the look of the code
lint|command clang-tidy|clang-tidy|finds bugs
lint|command cppcheck|cppcheck|finds bugs
END
}

find_bpftool() {
	for tool in bpftool /usr/sbin/bpftool /usr/local/sbin/bpftool \
		/usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
		if "$tool" version >/dev/null 2>&1; then
			echo "$tool"
			return 0
		fi
	done
	return 1
}

compile() { # source, library
	printf '%s\n' "$1" | gcc -x c - -o /dev/null ${2:+-l"$2"} >/dev/null 2>&1
}

is_there() { # check, its words
	case $1 in
	path) [ -e "$2" ] ;;
	command) command -v "$2" >/dev/null 2>&1 ;;
	runs) "$2" "$3" >/dev/null 2>&1 ;;
	bpftool) find_bpftool >/dev/null ;;
	compiles) compile "#include <$2>
int main(void) { return 0; }" "${3-}" ;;
	fuzzer) printf '%s\n' '#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) { return !bytes && n; }' |
		clang -fsanitize=fuzzer,address,undefined -x c - -o /dev/null >/dev/null 2>&1 ;;
	cmocka) compile '#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
int main(void) { return 0; }' cmocka ;;
	esac
}

# The first alternative whose packages all exist here.
choose() {
	rest=$1
	while :; do
		first=${rest%% / *}
		# shellcheck disable=SC2086 # several words
		if apt-cache show $first >/dev/null 2>&1 || [ "$first" = "$rest" ]; then
			echo "$first"
			return
		fi
		rest=${rest#* / }
	done
}

missing() { # groups
	table | while IFS='|' read -r group check packages purpose; do
		case " $* " in *" $group "*) ;; *) continue ;; esac
		# shellcheck disable=SC2086 # several words
		is_there $check || printf '%s|%s|%s\n' "${check#* }" "$packages" "$purpose"
	done
}

install() {
	list=$(missing "$@")
	[ -n "$list" ] || return 0

	echo "missing here:" >&2
	printf '%s\n' "$list" | while IFS='|' read -r what _ purpose; do
		printf '  %-22s %s\n' "$what" "$purpose" >&2
	done
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "deps: no apt-get here: install the above with this system's package manager" >&2
		return 1
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "deps: installing needs root; try: sudo make deps" >&2
		return 1
	fi

	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q </dev/null >&2 || return 1
	wanted=$(printf '%s\n' "$list" | while IFS='|' read -r _ packages _; do
		choose "$packages"
	done | tr '\n' ' ')
	echo "deps: apt-get install $wanted" >&2
	# shellcheck disable=SC2086 # a list
	apt-get install -q -y --no-install-recommends $wanted </dev/null >&2 || return 1

	list=$(missing "$@")
	[ -z "$list" ] && return 0
	printf 'deps: still missing after the installation: %s\n' \
		"$(printf '%s\n' "$list" | cut -d'|' -f1 | tr '\n' ' ')" >&2
	return 1
}

case ${1-} in
install) shift && install "$@" ;;
bpftool) find_bpftool || echo bpftool ;;
*) echo "deps: use: deps.sh install GROUP... | deps.sh bpftool" >&2; exit 2 ;;
esac
