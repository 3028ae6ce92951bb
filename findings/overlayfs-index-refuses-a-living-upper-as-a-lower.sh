#!/usr/bin/env bash
# Linux 6.18 overlayfs, mounted by root; the upper directory of a living overlay is a lower directory of a second one.
# Expected: the same answer whatever the index: the documentation calls the use undefined and leaves it to the caller.
# Seen: without an index the second mount works and shows later writes of the first; with index=on it is refused with EBUSY. mount(8) then says
#   "overlay already mounted on" the first one, which is another mount. It does not matter that the first overlay has no index.
# For users: layers that are frozen by moving a living upper aside can be shared at once only by mounts that give up their hard links.
set -u
[ "$(id -u)" = 0 ] && command -v unshare >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "Linux $(uname -r)"
said=$(unshare --mount bash -c 'cd "$1"; mount -t tmpfs tmpfs . && cd "$1" || exit 77
    mkdir l u w m; mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,index=off m || exit 77
    for index in off on; do
        mkdir u-$index w-$index m-$index
        reason=$(LC_ALL=C mount -t overlay overlay -o "lowerdir=u:l,upperdir=u-$index,workdir=w-$index,index=$index" m-$index 2>&1)
        code=$?
        echo later >m/file-$index
        echo "index=$index: mount ends with $code ${reason:+(${reason%%$'"'\\n'"'*}) }and shows: $(ls m-$index)"
    done' bash "$work" | sed "s|$work|DIR|g") || exit 77
echo "$said"
[[ $said == *"index=off: mount ends with 0 and shows: file-off"* && $said == *"index=on: mount ends with 32 ("*"already mounted"*") and shows: "* ]]
