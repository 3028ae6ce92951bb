#!/usr/bin/env bash
# SharpZipLib 1.4.2 (ZipFile) on Linux, a zip with a name in code page 437.
# Expected: names whose general purpose bit 11 is off are in code page 437 (APPNOTE.TXT, appendix D), so the byte 0x81 is a u with two dots.
# Seen: by default they are decoded as UTF-8, and the byte becomes U+FFFD: the name is lost, and two such names can become one.
# For users: name the code page (StringCodec.FromCodePage(437) with CodePagesEncodingProvider), or read the bytes as Latin-1 and decide.
set -u
command -v dotnet >/dev/null && command -v python3 >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cd "$work" || exit 77
python3 - <<'P'
import zipfile
with zipfile.ZipFile('a.zip', 'w') as z:
    i = zipfile.ZipInfo('x', (2020, 1, 1, 0, 0, 0)); i.filename = '~.txt'; i.create_system = 0
    z.writestr(i, 'text')
b = open('a.zip', 'rb').read().replace(b'~.txt', b'\x81.txt')
open('a.zip', 'wb').write(b)
print('python3 zipfile:', zipfile.ZipFile('a.zip').namelist())
P
cat > read.cs <<'C'
#:package SharpZipLib@1.4.2
using ICSharpCode.SharpZipLib.Zip;
using var zip = new ZipFile("a.zip");
Console.WriteLine("SharpZipLib 1.4.2: " + string.Join(' ', zip[0].Name.Select(c => $"U+{(int)c:X4}")) + $", marked as UTF-8: {zip[0].IsUnicodeText}");
C
dotnet run read.cs > seen || exit 77
cat seen
grep -q 'U+FFFD' seen
