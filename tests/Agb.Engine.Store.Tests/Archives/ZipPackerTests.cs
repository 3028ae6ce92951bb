using System.Text;

namespace Agb.Engine.Store.Tests.Archives;

/// <summary>A zip of a tree is read by its own reader and by others, whatever the sizes, and a failure ends all of its work.</summary>
public sealed class ZipPackerTests : IDisposable
{
    private const int Block = ZipBlock.Size;

    private readonly string _directory = Directory.CreateTempSubdirectory("agb-zip-packer-tests-").FullName;

    private string Source => Path.Combine(_directory, "source");

    private string Zip => Path.Combine(_directory, "a.zip");

    public ZipPackerTests() => Directory.CreateDirectory(Source);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(3 * Block)]
    [InlineData((12 * Block) + 17)]
    public async Task Content_of_any_length_comes_back(int length)
    {
        var (text, random) = (new byte[length], new byte[length]);
        new Random(length).NextBytes(random);
        for (var i = 0; i < length; i++)
        {
            text[i] = (byte)('a' + (random[i] % 4));
        }
        Write("d/text", text);
        Write("d/random", random);
        Write("last", "end"u8);
        Pack().Members.ShouldBe(4);
        var target = Unpack();
        File.ReadAllBytes(Path.Combine(target, "d/text")).SequenceEqual(text).ShouldBeTrue();
        File.ReadAllBytes(Path.Combine(target, "d/random")).SequenceEqual(random).ShouldBeTrue();
        File.ReadAllText(Path.Combine(target, "last")).ShouldBe("end");
        (await OthersAsync("assert z.testzip() is None")).ShouldBeNull();
    }

    [Fact]
    public void Compressible_content_becomes_smaller_and_other_content_hardly_larger()
    {
        Write("zeros", new byte[5 * Block]);
        Pack();
        new FileInfo(Zip).Length.ShouldBeLessThan(Block / 8);
        File.Delete(Path.Combine(Source, "zeros"));
        var random = new byte[5 * Block];
        new Random(1).NextBytes(random);
        Write("random", random);
        Pack();
        new FileInfo(Zip).Length.ShouldBeLessThan((5 * Block) + (Block / 16));
    }

    [Fact]
    public async Task More_members_than_the_short_form_counts()
    {
        const int Count = 70_000;
        for (var i = 0; i < Count; i++)
        {
            File.CreateSymbolicLink(Path.Combine(Source, $"l{i}"), "t");
        }
        Pack().Members.ShouldBe(Count);
        using var file = File.OpenRead(Zip);
        ZipReader.Read(file).Count().ShouldBe(Count);
        (await OthersAsync($"assert len(z.infolist()) == {Count}")).ShouldBeNull();
    }

    [Fact]
    public async Task Others_read_names_modes_and_times()
    {
        Write("ü/a b", "1"u8);
        File.SetUnixFileMode(Path.Combine(Source, "ü/a b"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(Path.Combine(Source, "ü/a b"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        Pack();
        (await OthersAsync("i = z.getinfo('ü/a b'); assert (oct(i.external_attr >> 16), i.date_time) == ('0o100500', (2001, 2, 3, 4, 5, 6)), i"))
            .ShouldBeNull();
    }

    [Fact]
    public void Every_byte_is_reported_once()
    {
        Write("large", new byte[(3 * Block) + 5]);
        Write("small", new byte[7]);
        var packed = 0L;
        Pack(bytes => packed += bytes);
        packed.ShouldBe((3 * Block) + 12);
    }

    [Fact]
    public void A_failure_between_two_pieces_is_thrown()
    {
        Write("large", new byte[20 * Block]);
        var packed = 0L;
        Should.Throw<InvalidOperationException>(() => Pack(bytes => packed = packed > 2 * Block ? throw new InvalidOperationException() : packed + bytes));
        using var cancelled = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => Pack(_ => cancelled.Cancel(), cancelled));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_of_the_device()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A small disk is mounted.");
        var random = new byte[40 * Block];
        new Random(1).NextBytes(random);
        Write("random", random);
        var disk = Directory.CreateDirectory(Path.Combine(_directory, "disk")).FullName;
        (await SmallDisk.MountAsync(disk, TestContext.Current.CancellationToken)).ShouldBeNull();
        try
        {
            Should.Throw<IOException>(() => Pack(at: disk)).HResult.ShouldBe(28);
        }
        finally
        {
            await SmallDisk.UnmountAsync(disk);
        }
    }

    public void Dispose() => TreeRemover.Remove(_directory);

    private void Write(string path, ReadOnlySpan<byte> content)
    {
        var file = Path.Combine(Source, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    private (int Members, IReadOnlyList<string> Lost) Pack(Action<long>? packed = null, CancellationTokenSource? cancelled = null, string? at = null)
    {
        File.Delete(Zip);
        using var tree = MergedDirectory.Open([Source], "");
        using var directory = Fd.OpenDirectory(at ?? _directory);
        using var target = directory.CreateAt("a.zip");
        return ZipPacker.Pack(tree, target, "", packed ?? (_ => { }), cancelled?.Token ?? TestContext.Current.CancellationToken);
    }

    private string Unpack()
    {
        var target = Directory.CreateDirectory(Path.Combine(_directory, "target")).FullName;
        using var directory = Fd.OpenDirectory(_directory);
        using var file = directory.OpenReadAt("a.zip");
        using var into = Fd.OpenDirectory(target);
        Unpacker.Unpack(new PackedArchive("a.zip", ArchiveFormat.Zip, file, IsOwn: true), into, wanted: null, CancellationToken.None);
        return target;
    }

    /// <summary>Reads the zip by Python.</summary>
    private Task<string?> OthersAsync(string check) => SmallDisk.RunAsync(
        "python3", ["-c", $"import zipfile; z = zipfile.ZipFile('{Zip}'); {check}"], TestContext.Current.CancellationToken);
}
