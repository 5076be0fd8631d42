#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# image.sh - what a guest boots into: the build and its tests with the libraries and the tools that
# they use, as an archive that the kernel unpacks into memory.
#
#   image.sh BUILD IMAGE
set -eu
build=$1 image=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

# As they are here; for the rest there is busybox.
tools='bash awk basename cat cut date dirname env false grep head jq mktemp nproc realpath seq sed
	setpriv sh sleep sort stat tail taskset timeout tmux tr true wc busybox'

put() { # file, folder in the guest
	install -D -m 755 "$1" "$root/$2/${1##*/}"
	strip "$root/$2/${1##*/}" 2>/dev/null || true # a script
}

# Each library that a program asks for, at its own path.
put_libraries() {
	local library

	find "$root" -type f -exec ldd {} + 2>/dev/null | grep -oE '/[^ ]+ \(0x' | cut -d' ' -f1 | sort -u |
		while read -r library; do
			cp -L --parents "$library" "$root"
		done
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
	put "$(type -P "$tool")" usr/bin
done
for program in "$build"/swtch "$build"/swtch-lab; do
	put "$program" swtch/build
done
find "$build"/tests/kernel -type f -executable | while read -r program; do
	put "$program" swtch/build/tests/kernel
done
cp -r --parents tests/run tests/*.bash tests/cli tests/tui "$root/swtch"
put_libraries
put_system
install -m 755 tests/vm/init "$root/init"
(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$image.part"
mv "$image.part" "$image"
