#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# root.sh - a root file system of another architecture: what a build for it is linked with, and what
# its guests are made of; needs no root.
#
#   root.sh ARCHITECTURE FOLDER   (of dpkg: arm64) says why when it is not to be had
#
# Packages of the machine's own suite, unpacked and not set up.
set -eu
# shellcheck source=tests/vm/apt.bash
. "$(dirname "$0")/apt.bash"

libraries='libc6-dev libbpf-dev libelf-dev zlib1g-dev libdeflate-dev libncurses-dev libcap-ng-dev libcmocka-dev'
tools='bash bpftool mawk coreutils findutils grep jq mount sed util-linux ncurses-base procps tmux busybox-static'

get() { # architecture, folder
	local package link

	# shellcheck source=/dev/null
	own_open "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$2" "$1" || return 1
	# shellcheck disable=SC2086 # lists
	own apt-get install -y --download-only --no-install-recommends $libraries $tools >>"$root/log" 2>&1 ||
		{ echo "no packages: $(grep -m 1 ^E: "$root/log")"; return 1; }
	for package in "$root"/archives/*.deb; do
		dpkg-deb -x "$package" "$2" 2>>"$root/log" || { echo "cannot unpack $package"; return 1; }
	done
	# Links of libraries that name a whole path mean one in here: without them the linker takes a static
	# library, and half of ncurses was there twice.
	find "$2" -type l -lname '/*' | while read -r link; do
		ln -sfr "$2$(readlink "$link")" "$link"
	done
	rm -rf "$root"
}

[ $# = 2 ] || { echo "root.sh: use: root.sh ARCHITECTURE FOLDER" >&2; exit 2; }
mkdir -p "$2"
[ -e "$2/.whole" ] || { get "$1" "$2" && touch "$2/.whole"; }
