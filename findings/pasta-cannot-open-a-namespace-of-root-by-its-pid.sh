#!/usr/bin/env bash
# pasta (Debian 12, passt 2023-03-09), as root.
# Expected: root's pasta can be given the network namespace of any process of root as --netns /proc/PID/ns/net.
# Seen: pasta drops all capabilities but a few, CAP_SYS_PTRACE among them, before it opens the path. /proc/PID/ns of a process with full
#   capabilities is closed to it then ("Couldn't open network namespace"). A descriptor opened by the caller works: --netns /proc/self/fd/N.
# For users: open the namespace first and pass the descriptor on, or bind-mount the namespace to a file.
set -u
for need in pasta unshare; do command -v $need >/dev/null || exit 77; done
[ "$(id -u)" = 0 ] && [ -w /dev/net/tun ] || exit 77
dpkg-query -W -f 'passt ${Version}\n' passt 2>/dev/null
work=$(mktemp -d); unshare --net sleep 60 & holder=$!
end() { kill $holder; [ -s "$work/pid" ] && kill "$(cat "$work/pid")"; rm -rf "$work"; } 2>/dev/null
trap end EXIT
until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
closed="-t none -u none -T none -U none --no-map-gw"
env --default-signal=PIPE pasta --config-net --runas 0 --netns-only --netns /proc/$holder/ns/net $closed -P "$work/pid" 2>"$work/said"; byPid=$?
grep "network namespace" "$work/said"
env --default-signal=PIPE pasta --config-net --runas 0 --netns-only --netns /proc/self/fd/7 $closed -P "$work/pid" 7</proc/$holder/ns/net 2>/dev/null; byDescriptor=$?
echo "by /proc/PID/ns/net: exit $byPid; by a descriptor of the same: exit $byDescriptor"
[ $byPid != 0 ] && [ $byDescriptor = 0 ]
