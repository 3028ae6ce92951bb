#!/usr/bin/env bash
# .NET 10: File.Copy on a file system without reflinks (ext4, tmpfs).
# Expected: like cp, which by default looks for holes with SEEK_DATA; or at least what copy_file_range leaves sparse stays sparse.
# Seen: the copy has every hole filled with stored zeros, and has none of the user.* attributes.
# For users: a sparse image of 10 GiB with 1 MiB of data takes 10 GiB as a copy. cp --sparse=auto keeps the holes, --preserve=xattr the attributes.
set -u
command -v dotnet >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
type=$(stat -f -c %T "$work")
case $type in xfs|btrfs) echo "the temporary directory is on $type, which has reflinks"; exit 77;; esac
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
truncate -s 64M "$work/sparse"; echo data | dd of="$work/sparse" bs=1 seek=40000000 conv=notrunc status=none
cat > "$work/copy.cs" <<'C'
Console.WriteLine($".NET {Environment.Version}");
File.Copy(args[0], args[1]);
C
dotnet run "$work/copy.cs" -- "$work/sparse" "$work/copy" || exit 77
cp "$work/sparse" "$work/cp"
size() { du -k "$1" | cut -f 1; }
echo "$type: stored KiB of a file of 65536 KiB with 4 KiB of data: $(size "$work/sparse"); by cp $(size "$work/cp"); by File.Copy $(size "$work/copy")"
[ "$(size "$work/cp")" -lt 100 ] && [ "$(size "$work/copy")" -ge 65536 ]
