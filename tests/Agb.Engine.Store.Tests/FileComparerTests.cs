namespace Agb.Engine.Store.Tests;

/// <summary>Comparing contents: what is a hole in one file may be zeros in the other, and what is a hole in both is not read.</summary>
public sealed class FileComparerTests : IDisposable
{
    private const long TiB = 1L << 40;
    private const int Block = 128 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("agb-comparer-tests-").FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData((3 * Block) + 1)]
    public void Holes_and_zeros_are_the_same(long size)
    {
        Make("holes", size);
        File.WriteAllBytes(Path.Combine(_directory, "zeros"), new byte[size]);
        Same("holes", "zeros").ShouldBeTrue();
        Make("longer", size + 1);
        Same("holes", "longer").ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(TiB - 1)]
    [InlineData(TiB)]
    [InlineData((4 * TiB) - 1)]
    public void One_byte_in_a_file_of_terabytes_of_nothing_is_found(long at)
    {
        Make("a", 4 * TiB, (at, 1));
        Make("b", 4 * TiB, (at, 1));
        Make("c", 4 * TiB, (at, 2));
        Make("d", 4 * TiB);
        Same("a", "b").ShouldBeTrue();
        Same("a", "c").ShouldBeFalse();
        Same("a", "d").ShouldBeFalse();
        Same("d", "a").ShouldBeFalse();
    }

    [Fact]
    public void Sums_of_sizes_end_at_the_largest_number()
    {
        ByteSum.Of([long.MaxValue, long.MaxValue, 1]).ShouldBe(long.MaxValue);
        ByteSum.Of([1, 2, 3]).ShouldBe(6);
        ByteSum.Add(5, -3).ShouldBe(2);
    }

    public void Dispose() => TreeRemover.Remove(_directory);

    private void Make(string name, long size, params (long At, byte Value)[] bytes)
    {
        using var file = File.OpenHandle(Path.Combine(_directory, name), FileMode.Create, FileAccess.Write);
        RandomAccess.SetLength(file, size);
        foreach (var (at, value) in bytes)
        {
            RandomAccess.Write(file, [value], at);
        }
    }

    private bool Same(string a, string b)
    {
        using var directory = Fd.OpenDirectory(_directory);
        using var x = directory.OpenReadAt(a);
        using var y = directory.OpenReadAt(b);
        return FileComparer.SameContent(x, y);
    }
}
