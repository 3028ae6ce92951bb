#!/usr/bin/env bash
# Linux 6.18 overlayfs by mount(2). Root.
# Expected: options of more than one page are refused (E2BIG or EINVAL), as a path that is too long is.
# Seen: the kernel copies 4,095 characters and drops the rest without an error, in the middle of a name if need be. Where the cut falls
#   behind the colon of a lower directory, the mount succeeds with fewer layers than were asked for, and options that follow them are ignored.
# For users: files of the dropped layers are missing, with no error anywhere. Put lowerdir= last only when its length was checked, or
#   give each layer to fsconfig(2) as "lowerdir+".
set -u
[ "$(id -u)" = 0 ] || exit 77
command -v python3 >/dev/null || exit 77
work=$(mktemp -d)
trap 'umount "$work/m" 2>/dev/null; rm -rf "$work"' EXIT
echo "Linux $(uname -r)"
python3 - "$work" <<'P'
import ctypes, os, sys
work = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)
os.mkdir(f"{work}/m")
# Forty names that end at the 4,095th character, then five more.
sizes = [102] * 7 + [101] * 33 + [101] * 5
names = []
for number, size in enumerate(sizes):
    name = f"{work}/{number:02d}-"
    names.append(name + "x" * (size - len(name)))
    os.mkdir(names[-1])
    open(f"{names[-1]}/file-{number}", "w").close()
options = "lowerdir=" + ":".join(names)
result = libc.mount(b"overlay", f"{work}/m".encode(), b"overlay", 1, options.encode())
if result != 0:
    print(f"refused: {os.strerror(ctypes.get_errno())}")
    sys.exit(1)
seen = len(os.listdir(f"{work}/m"))
print(f"options of {len(options)} characters with {len(names)} layers: mounted, {seen} layers are there")
sys.exit(0 if 0 < seen < len(names) else 1)
P
