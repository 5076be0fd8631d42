#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh - a kernel that Debian builds, got with apt into a folder; needs no root.
#
#   kernel.sh list             the kernels of the table, oldest first
#   kernel.sh get NAME FOLDER  FOLDER/vmlinuz; says why when there is none
#
# The packages come from where the machine's own come from, of another suite. apt is told of a root
# of its own, so that the machine's is not touched.
set -eu

# name | suite
table() {
	cat <<'END'
5.10|bullseye
6.1|bookworm
6.12|trixie
newest|unstable
END
}

# For virtual machines: the same scheduler and BPF as Debian's other kernels, a third of the bytes.
package=linux-image-cloud-$(dpkg --print-architecture)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Where this machine's own Debian comes from; empty if it is another's.
repository() {
	# shellcheck source=/dev/null
	. /etc/os-release
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' \
		"Release: $VERSION_CODENAME" 'Origin: Debian' | head -n 1
}

# An apt tool in its own root, the folder $root.
own() {
	local tool=$1
	shift
	"$tool" -q -o "Dir::State=$root" -o "Dir::State::status=/dev/null" -o "Dir::Cache=$root" \
		-o "Dir::Etc::sourcelist=$root/sources.list" -o Dir::Etc::sourceparts=- \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
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

get() { # name, folder
	local suite from holds

	suite=$(table | sed -n "s/^$1|//p")
	[ -n "$suite" ] || { echo "no kernel $1 in the table"; return 1; }
	from=$(repository)
	[ -n "$from" ] || { echo "the packages of this machine are not Debian's"; return 1; }
	root=$(realpath "$2")/apt
	rm -rf "$root" && mkdir -p "$root/lists/partial" "$root/archives/partial"
	echo "deb $([ ! -e $keyring ] || echo "[signed-by=$keyring]") $from $suite main" >"$root/sources.list"
	own apt-get update >"$root/log" 2>&1 || { echo "no list of $suite: $(grep -m 1 ^E: "$root/log")"; return 1; }
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
get) mkdir -p "$3" && { [ -e "$3/vmlinuz" ] || get "$2" "$3"; } ;;
*) echo "kernel.sh: use: kernel.sh list | kernel.sh get NAME FOLDER" >&2; exit 2 ;;
esac
