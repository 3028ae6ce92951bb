#!/usr/bin/env bash
# .NET 10: File.Move of a symbolic link on Linux.
# Expected: the link itself is renamed, whatever it points to, as rename(2) and mv do.
# Seen: a link to a file or to nothing moves; a link to a directory throws FileNotFoundException, though the link is there. Directory.Move takes
# that one.
# For users: "write under another name, then move it into place" fails for links to directories, and leaves the temporary one behind.
set -u
command -v dotnet >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cd "$work" || exit 77
mkdir links directory; echo 1 > file
cat > move.cs <<'C'
Console.WriteLine($".NET {Environment.Version}");
foreach (var target in new[] { "../file", "../directory", "../nothing" })
{
    File.CreateSymbolicLink("links/from", target);
    try { File.Move("links/from", "links/to", overwrite: true); Console.WriteLine($"{target}: moved"); }
    catch (Exception e) { Console.WriteLine($"{target}: {e.GetType().Name}"); }
    File.Delete("links/from"); File.Delete("links/to");
}
C
dotnet run move.cs > seen || exit 77
cat seen
ln -s ../directory links/from && mv -T links/from links/to && echo "mv: moved"
grep -q '../file: moved' seen && grep -q '../directory: FileNotFoundException' seen
