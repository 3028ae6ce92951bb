#!/usr/bin/env bash
# .NET 10: System.Formats.Tar.TarFile.CreateFromDirectory.
# Expected: like tar: two names of one file are stored once, and the second as a hard link; a socket is left out with a warning.
# Seen: each name is stored with the whole content; a socket throws, and the archive that was begun is left on disk without its end.
# For users: archives grow, trees unpacked from them lose their links, and a failed call leaves what looks like an archive.
set -u
command -v dotnet >/dev/null && command -v python3 >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cd "$work" || exit 77
mkdir links socket; head -c 1000000 /dev/zero > links/a; ln links/a links/b
echo 1 > socket/a
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket/s")' || exit 77
cat > pack.cs <<'C'
using System.Formats.Tar;
Console.WriteLine($".NET {Environment.Version}");
TarFile.CreateFromDirectory("links", "links.tar", includeBaseDirectory: false);
try { TarFile.CreateFromDirectory("socket", "socket.tar", includeBaseDirectory: false); Console.WriteLine("socket: packed"); }
catch (Exception e) { Console.WriteLine($"socket: {e.GetType().Name}; an archive is there: {File.Exists("socket.tar")}"); }
C
dotnet run pack.cs > seen || exit 77
cat seen
tar -C links -cf gnu.tar .
echo "hard links in the archive: by CreateFromDirectory $(tar tvf links.tar | grep -c '^h'), by tar $(tar tvf gnu.tar | grep -c '^h')"
[ "$(tar tvf links.tar | grep -c '^h')" = 0 ] && [ "$(tar tvf gnu.tar | grep -c '^h')" = 1 ] && grep -q 'socket: .*Exception; an archive is there: True' seen
