#!/usr/bin/env bash
# Linux 6.18 overlayfs, mounted by root with index=on.
# Expected: rm of one of several hard links of a file in the lower layer costs a whiteout, as rm of any other file there does.
# Seen: the whole file is copied into the work directory's index first, because the number of its names is kept there; 64 MiB of upper space
#   for a file of 64 MiB. The upper directory itself shows nothing but the whiteout. Without index=on nothing is copied.
# For users: with an index, removing a tree that shares large files by hard links can fill the disk, and a size of the upper directory alone
#   does not show it.
set -u
[ "$(id -u)" = 0 ] && command -v unshare >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/l; head -c 64M /dev/urandom >"$work/l/a"; ln "$work/l/a" "$work/l/b"
echo "Linux $(uname -r)"
said=$(for index in on off; do
    mkdir "$work"/{u,w,m}
    unshare --mount bash -c 'cd "$1"; mount -t overlay overlay -o "lowerdir=l,upperdir=u,workdir=w,index=$2" m || exit 77
        grep -q " $1/m .*index=on" /proc/self/mountinfo && held=on || held=off
        rm m/a; echo "index=$held: after rm of one name the upper directory has $(du -sm u | cut -f1) MiB, the work directory $(du -sm w | cut -f1) MiB"' bash "$work" $index || exit 77
    rm -r "$work"/{u,w,m}
done) || exit 77
echo "$said"
[[ $said == *"index=on: after rm of one name the upper directory has 1 MiB, the work directory 6"[4-9]" MiB"* && $said == *"index=off: after rm of one name the upper directory has 1 MiB, the work directory 1 MiB"* ]]
