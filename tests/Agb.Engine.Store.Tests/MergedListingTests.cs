namespace Agb.Engine.Store.Tests;

/// <summary>Listings of stacks of layers, beside the same stack looked at entry by entry.</summary>
public sealed class MergedListingTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-listing-tests-").FullName;

    public void Dispose() => TreeRemover.Remove(_directory);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(24)]
    public void Are_what_the_topmost_layer_of_each_name_says(int layers)
    {
        var random = new Random(layers);
        var trees = Enumerable.Range(0, layers).Select(i => MakeLayer(i, random)).ToArray();
        foreach (var path in (string[])["", "d", "d/e", "d/x3", "missing"])
        {
            using var directory = MergedDirectory.Open(trees, path);
            var listing = new MergedListing();

            var listed = listing.Of(directory).ToArray();

            listed.Select(e => (e.Name, e.Kind)).ShouldBe(directory.Entries().Select(e => (e.Name, e.Stat.Kind)), path);
            listed.Select(e => e.Holder).ShouldBe(listed.Select(e => directory.HolderIndexOf(e.Name)), path);
            listing.NamesRead.ShouldBe(directory.Layers.Sum(l => DirectoryReader.Names(l).Count), path);
        }
    }

    [Fact]
    public void A_file_or_a_symlink_hides_the_directories_below_it()
    {
        var trees = Enumerable.Range(0, 4).Select(i => Directory.CreateDirectory(Path.Combine(_directory, $"{i}")).FullName).ToArray();
        File.WriteAllText(Directory.CreateDirectory(Path.Combine(trees[0], "d")).FullName + "/top", "");
        File.CreateSymbolicLink(Path.Combine(trees[2], "d"), trees[3]);
        File.WriteAllText(Directory.CreateDirectory(Path.Combine(trees[3], "d")).FullName + "/below", "");

        using var directory = MergedDirectory.Open(trees, "d");
        using var hidden = MergedDirectory.Open(trees[1..], "d");

        new MergedListing().Of(directory).Select(e => e.Name).ShouldBe(["top"]);
        hidden.Exists.ShouldBeFalse();
    }

    private string MakeLayer(int number, Random random)
    {
        var tree = Directory.CreateDirectory(Path.Combine(_directory, $"{number}")).FullName;
        using var root = Fd.OpenDirectory(tree);
        foreach (var path in (string[])["", "d", "d/e"])
        {
            var directory = Directory.CreateDirectory(Path.Combine(tree, path)).FullName;
            using var opened = Fd.OpenDirectory(directory);
            for (var name = 0; name < 8; name++)
            {
                switch (random.Next(6))
                {
                    case 0:
                        File.WriteAllText(Path.Combine(directory, $"x{name}"), "");
                        break;
                    case 1:
                        Directory.CreateDirectory(Path.Combine(directory, $"x{name}"));
                        break;
                    case 2:
                        opened.WhiteoutAt($"x{name}");
                        break;
                    default:
                        break;
                }
            }
        }
        if (number % 5 == 3)
        {
            using var marked = root.OpenDirectoryAt("d");
            Xattrs.SetOpaque(marked);
        }
        return tree;
    }
}
