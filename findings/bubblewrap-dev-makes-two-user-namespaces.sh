#!/usr/bin/env bash
# bubblewrap 0.8 (Debian 12), as an ordinary user.
# Expected: the program in a sandbox is in the user namespace that owns its other namespaces, so a tool that joins it by its pid
#   (nsenter -U -n, pasta PID) has rights over them.
# Seen: with --dev and an inner uid other than 0 bubblewrap makes two user namespaces, one in the other. The outer one owns the mount and
#   network namespaces; the program runs in the inner one. Without --dev, or with --uid 0, there is one.
# For users: joining the program's user namespace gives no rights over its network or mounts. Find the owner with the ioctl NS_GET_USERNS on
#   /proc/PID/ns/net, or make user and network namespace before bubblewrap.
set -u
for need in bwrap python3 unshare; do command -v $need >/dev/null || exit 77; done
bwrap --version
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; else "$@"; fi; }
# From inside: is the owner of the network namespace the user namespace of the program?
look='import fcntl, os
net = os.open("/proc/self/ns/net", os.O_RDONLY)
try:
    owner = os.fstat(fcntl.ioctl(net, 0xb701)).st_ino
    print("its own" if owner == os.stat("/proc/self/ns/user").st_ino else "another")
except PermissionError:
    print("another, out of its sight")'
run() { as bwrap --unshare-user --unshare-net --unshare-pid --ro-bind / / --proc /proc "$@" -- python3 -c "$look"; }
with=$(run --dev /dev --uid 1000 --gid 1000) && without=$(run --uid 1000 --gid 1000) && root=$(run --dev /dev --uid 0 --gid 0) || exit 77
echo "--dev --uid 1000: the network namespace is owned by a user namespace: $with"
echo "       --uid 1000: $without"
echo "--dev --uid    0: $root"
[ "$with" = "another, out of its sight" ] && [ "$without" = "its own" ] && [ "$root" = "its own" ]
