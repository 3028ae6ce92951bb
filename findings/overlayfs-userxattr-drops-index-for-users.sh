#!/usr/bin/env bash
# Linux 6.18 overlayfs in a user namespace.
# Expected: an option that can't hold is refused, as redirect_dir=on beside userxattr is (EINVAL).
# Seen: index=on and nfs_export=on are accepted beside userxattr and silently dropped; /proc/self/mountinfo does not have them, and hard links
#   part on the first write. Root of the host with the same options keeps them.
# For users: success of the mount says nothing. Read the options back from mountinfo.
set -u
command -v unshare >/dev/null || exit 77
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
mkdir "$work"/{l,u,w,m}; echo old > "$work/l/a"; ln "$work/l/a" "$work/l/b"
echo "Linux $(uname -r)"
look='cd "$1"; mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr,index=on,nfs_export=on m || exit 77
    echo "mounted, exit code $?; options read back: $(grep " $1/m " /proc/self/mountinfo | sed "s/.* - overlay [^ ]* //" | tr , "\n" | grep -E "^(index|nfs_export|userxattr)" | paste -sd,)"
    echo new > m/a; echo "after a write to a, its other name b has: $(cat m/b)"
    mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr,redirect_dir=on m 2>/dev/null && echo "redirect_dir=on: accepted" || echo "redirect_dir=on: refused"'
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$work"
    said=$(setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --map-root-user --mount bash -c "$look" bash "$work")
else
    said=$(unshare --user --map-root-user --mount bash -c "$look" bash "$work")
fi || exit 77
echo "$said"
echo "$said" | grep -q 'read back: userxattr$' && echo "$said" | grep -q 'b has: old$' && echo "$said" | grep -q 'redirect_dir=on: refused'
