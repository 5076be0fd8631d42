#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh - a kernel that Debian builds, got with apt into a folder; needs no root.
#
#   kernel.sh list             the kernels of the table, oldest first
#   kernel.sh get NAME FOLDER [ARCHITECTURE]
#                              FOLDER/vmlinuz; says why when there is none. The architecture is one
#                              of dpkg; the machine's
set -eu
# shellcheck source=tests/vm/apt.bash
. "$(dirname "$0")/apt.bash"

# name | suite
table() {
	cat <<'END'
5.10|bullseye
6.1|bookworm
6.12|trixie
newest|unstable
END
}

# What the package $1 depends on and whose name begins with $2.
dependency() {
	own apt-cache depends "$1" | sed -n "s/^ *Depends: \($2.*\)/\1/p" | head -n 1
}

# The package that holds the kernel itself: the one that $package names, or since 7.x part of it.
holder() {
	local image binary

	image=$(dependency "$package" linux-image-)
	binary=$(dependency "$image" linux-binary-)
	echo "${binary:-$image}"
}

get() { # name, folder, architecture
	local suite holds

	# For virtual machines: the same scheduler and BPF as Debian's other kernels, a third of the bytes.
	package=linux-image-cloud-$3
	suite=$(table | sed -n "s/^$1|//p")
	[ -n "$suite" ] || { echo "no kernel $1 in the table"; return 1; }
	own_open "$suite" "$2" "$3" || return 1
	holds=$(holder)
	[ -n "$holds" ] || { echo "no $package in $suite"; return 1; }
	(cd "$root" && own apt-get download "$holds") >>"$root/log" 2>&1 ||
		{ echo "no $holds: $(grep -m 1 ^E: "$root/log")"; return 1; }
	dpkg-deb --fsys-tarfile "$root/$holds"_*.deb |
		tar -x -C "$2" --wildcards --transform 's|.*/vmlinuz.*|vmlinuz|' '*/vmlinuz*' 2>>"$root/log" ||
		{ echo "no kernel in $holds"; return 1; }
	rm -rf "$root"
}

case ${1-} in
list) table | cut -d'|' -f1 ;;
get) mkdir -p "$3" && { [ -e "$3/vmlinuz" ] || get "$2" "$3" "${4-$(dpkg --print-architecture)}"; } ;;
*) echo "kernel.sh: use: kernel.sh list | kernel.sh get NAME FOLDER [ARCHITECTURE]" >&2; exit 2 ;;
esac
