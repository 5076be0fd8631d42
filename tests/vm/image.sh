#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# image.sh - what a guest boots into: the build and its tests with the libraries and the tools that
# they use, as an archive that the kernel unpacks into memory.
#
#   image.sh BUILD IMAGE [ROOT]
#
# Tools and libraries are this machine's, or those of ROOT, which may be of another architecture
# (root.sh).
set -eu
build=$1 image=$2 from=${3-}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

# As they are here; for the rest there is busybox.
tools='bash awk basename bpftool cat comm cp cut date dirname env false find grep head jq ls mktemp mount nproc
	pgrep ps readlink realpath seq sed setpriv sh sleep sort stat tail taskset timeout tmux tr true unshare wc
	busybox'

# The file of a tool. In a root nothing was set up: awk and sh are not yet named there.
find_tool() {
	local name=$1 folder

	[ -n "$from" ] || { type -P "$name"; return; }
	case $name in awk) name=mawk ;; sh) name=bash ;; esac
	for folder in usr/bin bin usr/sbin; do
		[ ! -e "$from/$folder/$name" ] || { echo "$from/$folder/$name"; return; }
	done
	echo "image.sh: no $name in $from" >&2
	return 1
}

put() { # file, folder in the guest, name there
	local to=$root/$2/${3-${1##*/}}

	install -D -m 755 "$1" "$to"
	"${STRIP-strip}" "$to" 2>/dev/null || true # a script
}

# Each library that a program asks for, at its own path.
put_libraries() {
	local library

	find "$root" -type f -exec ldd {} + 2>/dev/null | grep -oE '/[^ ]+ \(0x' | cut -d' ' -f1 | sort -u |
		while read -r library; do
			cp -L --parents "$library" "$root"
		done
}

# The same of programs that do not run here: what they name, and what that names, until all is there.
put_foreign_libraries() {
	local names name file before=-1 after=0

	while [ "$before" != "$after" ]; do
		before=$after
		names=$(find "$root" -type f -exec readelf -ld {} + 2>/dev/null |
			sed -nE 's/.*Shared library: \[([^]]+)\]$/\1/p' | sort -u)
		for name in $names; do
			file=$(cd "$from" && find lib usr/lib -name "$name" | head -n 1)
			[ -n "$file" ] || { echo "image.sh: no $name in $from" >&2; return 1; }
			(cd "$from" && cp -L --parents "$file" "$root")
		done
		after=$(wc -w <<<"$names")
	done
	(cd "$from" && cp -L --parents lib/ld-linux-* "$root") # which names all the others
}

put_system() {
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,etc}
	ln -s usr/bin "$root/bin"
	printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	cp -r --parents /usr/lib/locale/C.utf8 "$root"
	infocmp -D | while read -r terminals; do
		find "$terminals" -name 'tmux*' -exec cp -L --parents {} "$root" \;
	done
}

for tool in $tools; do
	put "$(find_tool "$tool")" usr/bin "$tool"
done
for program in "$build"/swtch "$build"/swtch-lab; do
	put "$program" swtch/build
done
find "$build"/tests/kernel "$build"/tests/unit/test_coro* "$build"/tests/fault/storm -type f -executable | while read -r program; do
	put "$program" "swtch/build/tests/$(basename "$(dirname "$program")")"
done
cp -r --parents tests/run tests/deps.sh tests/*.bash tests/cli tests/tui "$root/swtch"
if [ -n "$from" ]; then put_foreign_libraries; else put_libraries; fi
put_system
install -m 755 tests/vm/init "$root/init"
(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$image.part"
mv "$image.part" "$image"
