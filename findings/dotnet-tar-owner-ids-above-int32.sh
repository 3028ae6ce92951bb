#!/usr/bin/env bash
# .NET 10: System.Formats.Tar.TarReader on archives of GNU tar.
# Expected: owner ids up to 4294967295, which Linux has (nobody is 4294967294 in places, directory services use large ones), are read, or at
# least the entry's name and content are.
# Seen: GetNextEntry throws OverflowException from 2147483648 on, both for GNU (binary) and PAX (decimal) ids; no entry of the archive is read.
# For users: archives of such hosts need another reader, or ids put to 0 when they are made (tar --owner=0 --group=0 --numeric-owner).
set -u
command -v dotnet >/dev/null && command -v tar >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cd "$work" || exit 77
echo hi > f
tar --format=gnu --owner=2147483647 --group=0 --numeric-owner -cf below.tar f
tar --format=gnu --owner=2147483648 --group=0 --numeric-owner -cf gnu.tar f
tar --format=posix --owner=2147483648 --group=0 --numeric-owner -cf pax.tar f
cat > read.cs <<'C'
using System.Formats.Tar;
Console.WriteLine($".NET {Environment.Version}");
foreach (var name in args)
{
    using var reader = new TarReader(File.OpenRead(name));
    try { var e = reader.GetNextEntry()!; Console.WriteLine($"{name}: {e.Name} of {e.Uid}"); }
    catch (OverflowException e) { Console.WriteLine($"{name}: OverflowException: {e.Message}"); }
}
C
tar --version | head -n 1
dotnet run read.cs -- below.tar gnu.tar pax.tar > seen || exit 77
cat seen
[ "$(grep -c OverflowException seen)" = 2 ] && grep -q 'below.tar: f of 2147483647' seen
