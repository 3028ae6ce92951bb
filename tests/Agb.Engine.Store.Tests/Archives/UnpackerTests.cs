using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Agb.Engine.Store.Tests.Archives;

/// <summary>What an archive says of its own size is not believed: no memory is taken for it, and nothing is made beyond the limits.</summary>
public sealed class UnpackerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-unpacker-tests-").FullName;

    [Theory]
    [InlineData('x')]
    [InlineData('g')]
    [InlineData('L')]
    [InlineData('K')]
    public void A_tar_header_that_says_it_is_huge_is_refused_before_it_is_loaded(char type)
    {
        // Of 2,000,000,000 bytes, after an honest member and an honest header of the same kind.
        byte[] tar = [.. Member('0', 3, "abc"), .. Member('L', 5, "named"), .. Header(type, 2_000_000_000), .. new byte[4096]];

        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Should.Throw<AgbException>(() => Unpack("a.tar", tar));
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidArchive);
        error.Message.ShouldContain("header");
        taken.ShouldBeLessThan(100_000_000);
    }

    [Fact]
    public void A_tar_header_whose_size_is_no_number_is_refused()
    {
        var header = Header('x', 1);
        header[124] = 0x80;
        header[130] = 1;
        Sum(header);
        Should.Throw<AgbException>(() => Unpack("a.tar", [.. header, .. new byte[4096]])).Message.ShouldContain("header");
    }

    [Fact]
    public void Long_names_and_attributes_of_any_format_are_read()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('n', 200), 5));
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = new('c', 5000) }));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name + "/pax", new Dictionary<string, string> { ["note"] = new('a', 700_000) })
            {
                DataStream = new MemoryStream("content of 20 bytes."u8.ToArray()),
            });
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name + "/gnu") { DataStream = new MemoryStream("2"u8.ToArray()) });
        }
        Unpack("a.tar", stream.ToArray());
        File.ReadAllText(Path.Combine(_directory, "target", name, "pax")).ShouldBe("content of 20 bytes.");
        File.ReadAllText(Path.Combine(_directory, "target", name, "gnu")).ShouldBe("2");
    }

    [Theory]
    [InlineData(2_000_000_000L)]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    public void A_zip_that_says_it_has_a_huge_number_of_members_is_refused_before_room_is_made_for_them(long members)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Should.Throw<AgbException>(() => Unpack("a.zip", WithCount(Zip(), members)));
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidArchive);
        taken.ShouldBeLessThan(100_000_000);
    }

    [Fact]
    public void A_zip_with_a_number_of_members_in_64_bits_is_read()
    {
        Unpack("a.zip", WithCount(Zip(), 1));
        File.ReadAllText(Path.Combine(_directory, "target", "f")).ShouldBe("1");
    }

    [Fact]
    public void The_directories_above_members_count_as_members()
    {
        var rules = new MemberRules("a.tar", isOwn: false, 1000, UnpackLimits.OfUsers with { MaxMembers = 10 });
        rules.Admit(Named("a/b/c/d"));
        rules.Admit(Named("a/b/e/f/g/h"));
        rules.Admit(Named("a/b/i"));
        Should.Throw<AgbException>(() => rules.Admit(Named("j/k"))).Message.ShouldContain("j/k");
    }

    [Fact]
    public void The_paths_of_all_members_are_limited()
    {
        var rules = new MemberRules("a.tar", isOwn: false, 1000, UnpackLimits.OfUsers with { MaxPathBytes = 10 });
        // a, a/b, a/b/cd
        rules.Admit(Named("a/b/cd"));
        rules.Admit(Named("a/b/cd") with { Name = "a/b", Kind = MemberKind.Directory });
        Should.Throw<AgbException>(() => rules.Admit(Named("e"))).Message.ShouldContain("10 bytes");
    }

    public void Dispose() => TreeRemover.Remove(_directory);

    private static ArchiveMember Named(string name) => new(name, MemberKind.File, null, 0, "", Stream.Null);

    private void Unpack(string name, byte[] archive)
    {
        File.WriteAllBytes(Path.Combine(_directory, name), archive);
        using var directory = Fd.OpenDirectory(_directory);
        directory.MkdirAt("target");
        using var target = directory.OpenDirectoryAt("target");
        using var file = directory.OpenReadAt(name);
        Unpacker.Unpack(
            new PackedArchive(name, ArchiveNames.FormatOf(name)!.Value, file, IsOwn: false), target, wanted: null, CancellationToken.None);
    }

    private static byte[] Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        using (var content = zip.CreateEntry("f").Open())
        {
            content.Write("1"u8);
        }
        return stream.ToArray();
    }

    /// <summary>Has a zip say the number of its members in a zip64 record (APPNOTE.TXT 4.3.14, 4.3.15).</summary>
    private static byte[] WithCount(byte[] zip, long members)
    {
        var end = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        var record = new byte[56];
        "PK\x06\x06"u8.CopyTo(record);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), record.Length - 12);
        record[12] = record[14] = 45;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), members);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), members);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(end + 12)));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(48), BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(end + 16)));
        var locator = new byte[20];
        "PK\x06\x07"u8.CopyTo(locator);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), end);
        locator[16] = 1;
        var last = zip[end..];
        last.AsSpan(8, 4).Fill(0xFF);
        return [.. zip[..end], .. record, .. locator, .. last];
    }

    private static byte[] Member(char type, int size, string content) =>
        [.. Header(type, size), .. Encoding.ASCII.GetBytes(content), .. new byte[512 - size]];

    private static byte[] Header(char type, long size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes("member", header);
        Encoding.ASCII.GetBytes("0000644", header.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        Encoding.ASCII.GetBytes("00000000000", header.AsSpan(136));
        header[156] = (byte)type;
        "ustar  \0"u8.CopyTo(header.AsSpan(257));
        Sum(header);
        return header;
    }

    private static void Sum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
    }
}
