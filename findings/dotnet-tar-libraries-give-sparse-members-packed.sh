#!/usr/bin/env bash
# System.Formats.Tar of .NET 10, SharpZipLib 1.4.2, SharpCompress 0.50.8 on a sparse file that GNU tar stored in the PAX form 1.0, as bsdtar does too
# (there without being asked).
# Expected: the file with its holes, or an error that says that the form is not supported.
# Seen: all three give an ordinary file of another name (GNUSparseFile.PID/disk.img) whose content is the list of parts and the data without
# holes, and report no error. bsdtar and GNU tar read it right.
# For users: a disk image from such an archive is garbage without a word. Look for the PAX attribute GNU.sparse.major, or read with libarchive.
set -u
command -v dotnet >/dev/null && tar --version 2>/dev/null | grep -q GNU || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cd "$work" || exit 77
echo head > disk.img; truncate -s 3M disk.img; echo tail >> disk.img
tar --posix --sparse --sparse-version=1.0 -cf a.tar disk.img
cat > read.cs <<'C'
#:package SharpZipLib@1.4.2
#:package SharpCompress@0.50.8
using System.Formats.Tar;
using (var s = File.OpenRead("a.tar"))
using (var r = new TarReader(s))
{
    var e = r.GetNextEntry()!;
    Console.WriteLine($"System.Formats.Tar {Environment.Version}: {e.EntryType} {e.Name}, {Length(e.DataStream!)} bytes");
}
using (var s = File.OpenRead("a.tar"))
using (var r = new ICSharpCode.SharpZipLib.Tar.TarInputStream(s, System.Text.Encoding.UTF8))
{
    var e = r.GetNextEntry();
    Console.WriteLine($"SharpZipLib: {e.Name}, {Length(r)} bytes");
}
using (var s = File.OpenRead("a.tar"))
using (var r = SharpCompress.Readers.Tar.TarReader.OpenReader(s, new SharpCompress.Readers.ReaderOptions()))
{
    r.MoveToNextEntry();
    using var c = r.OpenEntryStream();
    Console.WriteLine($"SharpCompress: {r.Entry.Key}, {Length(c)} bytes");
}
static long Length(Stream s) { using var m = new MemoryStream(); s.CopyTo(m); return m.Length; }
C
dotnet run read.cs > seen || exit 77
tar --version | head -n 1
echo "stored: disk.img, $(stat -c %s disk.img) bytes"
cat seen
[ "$(grep -c 'GNUSparseFile.*, 4613 bytes' seen)" = 3 ]
