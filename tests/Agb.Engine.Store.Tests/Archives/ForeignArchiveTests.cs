using System.Diagnostics;
using System.Text;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip;

namespace Agb.Engine.Store.Tests.Archives;

/// <summary>What common programs write that the libraries alone do not read: holes, large owner ids, labels, names of DOS.</summary>
public sealed class ForeignArchiveTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-foreign-archives-").FullName;

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--posix --sparse-version=0.0")]
    [InlineData("--posix --sparse-version=0.1")]
    [InlineData("--posix --sparse-version=1.0")]
    public void Holes_are_unpacked_as_holes(string format)
    {
        // More parts than a header holds, a hole at the end, a name longer than a header's, and an ordinary file after it.
        var name = new string('n', 120);
        Shell($"mkdir t; cd t; for i in $(seq 0 40); do printf part-$i | dd of={name} bs=1 seek=$((i * 262144)) conv=notrunc status=none; done;"
            + $" truncate -s 64M {name}; truncate -s 1M empty; echo 1 >plain; cd ..; tar --sparse {format} -cf a.tar t");
        Unpack("a.tar");
        Shell("diff -r t target/t");
        File.ReadAllText(Path.Combine(_directory, "target/t/plain")).ShouldBe("1\n");
        using var directory = Fd.OpenDirectory(Path.Combine(_directory, "target/t"));
        directory.StatAt(name).Size.ShouldBe(64 << 20);
        long.Parse(Shell($"stat -c %b target/t/{name}"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(64 << 11, "holes take no room");
    }

    [Theory]
    [InlineData("--format=gnu --owner=4294967294 --group=4294967294 --numeric-owner")]
    [InlineData("--posix --owner=3000000000 --group=3000000000")]
    [InlineData("--format=gnu -V label")]
    [InlineData("--posix -V label")]
    [InlineData("--format=gnu --listed-incremental=snapshot")]
    public void What_does_not_matter_keeps_no_archive_packed(string options)
    {
        Shell($"mkdir -p t/d; echo hi >t/d/f; ln -s d t/l; tar {options} -cf a.tar t; gzip -k a.tar");
        Unpack("a.tar.gz");
        Shell("diff -r --no-dereference t target/t");
    }

    [Theory]
    [InlineData("1.0", "3\n0\n9999999999\n")]
    [InlineData("1.0", "2\n512\n1\n0\n1\n")]
    [InlineData("1.0", "99999999999999\n")]
    [InlineData("1.0", "no number\n")]
    public void Parts_that_can_not_be_are_refused(string form, string map)
    {
        Shell($"mkdir t; printf x >t/f; truncate -s 1M t/f; tar --posix --sparse --sparse-version={form} -cf a.tar t");
        var tar = File.ReadAllBytes(Path.Combine(_directory, "a.tar"));
        var at = Encoding.Latin1.GetString(tar).IndexOf("\n0\n", StringComparison.Ordinal);
        at = at / 512 * 512;
        tar.AsSpan(at, 512).Clear();
        Encoding.ASCII.GetBytes(map, tar.AsSpan(at));
        File.WriteAllBytes(Path.Combine(_directory, "a.tar"), tar);
        Should.Throw<AgbException>(() => Unpack("a.tar")).ErrorId.ShouldBe(AgbErrorIds.InvalidArchive);
    }

    [Fact]
    public void A_header_with_a_wrong_sum_is_refused()
    {
        Shell("echo 1 >f; tar --owner=4294967294 --numeric-owner -cf a.tar f");
        var tar = File.ReadAllBytes(Path.Combine(_directory, "a.tar"));
        tar[0] ^= 1;
        File.WriteAllBytes(Path.Combine(_directory, "a.tar"), tar);
        Should.Throw<AgbException>(() => Unpack("a.tar")).ErrorId.ShouldBe(AgbErrorIds.InvalidArchive);
    }

    [Theory]
    [InlineData(0, "site|css|a.css", "site/css/a.css")]
    [InlineData(10, "site|css|a.css", "site/css/a.css")]
    [InlineData(3, "a|b", "a\\b")]
    public void A_backslash_is_a_slash_where_dos_wrote_it(int host, string name, string expected) =>
        NamesOf(Zip(host, Encoding.Latin1.GetBytes(name), [])).ShouldBe([expected]);

    [Fact]
    public void Names_without_the_mark_are_code_page_437_or_what_Info_Zip_says_beside_them()
    {
        byte[] dos = [0x81, (byte)'.', 0xE1];
        NamesOf(Zip(0, dos, [])).ShouldBe(["ü.ß"]);
        NamesOf(Zip(3, dos, [])).ShouldBe(["ü.ß"]);
        NamesOf(Zip(3, "ü"u8.ToArray(), [])).ShouldBe(["ü"]);
        NamesOf(Zip(0, dos, "日本"u8.ToArray())).ShouldBe(["日本"]);
        NamesOf(Zip(0, dos, "日本"u8.ToArray(), wrongSum: true)).ShouldBe(["ü.ß"]);
    }

    [Fact]
    public void Attributes_too_large_for_a_zip_are_named()
    {
        using var fields = new ZipExtraData();
        ZipAttributes.TryAdd(fields, [("user.a", [1, 2]), ("user.b", [])]).ShouldBeTrue();
        ZipAttributes.Find(fields.GetEntryData()).Select(a => $"{a.Name}={a.Value.Length}").ShouldBe(["user.a=2", "user.b=0"]);
        ZipAttributes.TryAdd(fields, [("user.large", new byte[40_000])]).ShouldBeFalse();
    }

    public void Dispose() => TreeRemover.Remove(_directory);

    private static byte[] Zip(int host, byte[] name, byte[] unicode, bool wrongSum = false)
    {
        // A name that the library does not change, in its place later the bytes that are meant.
        var placeholder = new string('~', name.Length);
        using var stream = new MemoryStream();
        using (var zip = new ZipOutputStream(stream) { IsStreamOwner = false, UseZip64 = UseZip64.Off })
        {
            var entry = new ZipEntry(placeholder) { HostSystem = host, IsUnicodeText = false, Size = 1, CompressionMethod = CompressionMethod.Stored };
            if (unicode.Length > 0)
            {
                using var fields = new ZipExtraData();
                fields.StartNewEntry();
                fields.AddData(1);
                var sum = new Crc32();
                sum.Update(Bytes(name));
                fields.AddLeInt((int)(uint)sum.Value + (wrongSum ? 1 : 0));
                fields.AddData(unicode);
                fields.AddNewEntry(0x7075);
                entry.ExtraData = fields.GetEntryData();
            }
            var content = new Crc32();
            content.Update((int)'1');
            entry.Crc = content.Value;
            zip.PutNextEntry(entry);
            zip.WriteByte((byte)'1');
            zip.CloseEntry();
        }
        var bytes = stream.ToArray();
        var text = Encoding.Latin1.GetString(bytes);
        for (var at = text.IndexOf(placeholder, StringComparison.Ordinal); at >= 0; at = text.IndexOf(placeholder, at + 1, StringComparison.Ordinal))
        {
            Bytes(name).CopyTo(bytes, at);
        }
        return bytes;

        static byte[] Bytes(byte[] name) => [.. name.Select(b => b == '|' ? (byte)'\\' : b)];
    }

    private static string[] NamesOf(byte[] zip)
    {
        using var stream = new MemoryStream(zip);
        return [.. ZipReader.Read(stream).Select(m => BytePath.ToText(m.Name))];
    }

    private void Unpack(string name)
    {
        using var directory = Fd.OpenDirectory(_directory);
        directory.MkdirAt("target");
        using var target = directory.OpenDirectoryAt("target");
        using var file = directory.OpenReadAt(name);
        Unpacker.Unpack(
            new PackedArchive(name, ArchiveNames.FormatOf(name)!.Value, file, IsOwn: false), target, wanted: null, CancellationToken.None);
    }

    private string Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script])
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (shell.StandardOutput.ReadToEnd(), shell.StandardError.ReadToEnd());
        shell.WaitForExit();
        shell.ExitCode.ShouldBe(0, $"{script}\n{output}{error}");
        return output.Trim();
    }
}
