# SPDX-License-Identifier: GPL-2.0-only
# apt.bash - packages of Debian, of any suite and architecture, got into a folder. Sourced.
#
# They come from where the machine's own come from. apt is told of a root of its own, so that the
# machine's is not touched and no root is needed.
# shellcheck shell=bash
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Where this machine's own Debian comes from; empty if it is another's.
repository() {
	# shellcheck source=/dev/null
	. /etc/os-release
	# shellcheck disable=SC2016 # for apt
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' \
		"Release: $VERSION_CODENAME" 'Origin: Debian' | head -n 1
}

# An apt tool in its own root, the folder $root, for the architecture $arch.
own() {
	local tool=$1
	shift
	"$tool" -q -o "Dir::State=$root" -o "Dir::State::status=$root/status" -o "Dir::Cache=$root" \
		-o "Dir::Etc::sourcelist=$root/sources.list" -o Dir::Etc::sourceparts=- \
		-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# own_open SUITE FOLDER ARCHITECTURE: $root and $arch from now on; says why when there is none.
own_open() {
	local from

	from=$(repository)
	[ -n "$from" ] || { echo "the packages of this machine are not Debian's"; return 1; }
	root=$(realpath "$2")/apt arch=$3
	rm -rf "$root" && mkdir -p "$root/lists/partial" "$root/archives/partial" && : >"$root/status"
	echo "deb $([ ! -e $keyring ] || echo "[signed-by=$keyring]") $from $1 main" >"$root/sources.list"
	own apt-get update >"$root/log" 2>&1 || { echo "no list of $1: $(grep -m 1 ^E: "$root/log")"; return 1; }
}
