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

            var names = new MergedNames();
            names.Keep("stack", path, directory, listed);
            var kept = names.Find("stack", path).ShouldNotBeNull();
            using var again = MergedDirectory.Open(trees, path, only: kept.Ordinals);
            again.Ordinals.ShouldBe(kept.Ordinals, path);
            kept.Entries.Select(e => (e.Name, e.Kind, again.Ordinals[e.Holder]))
                .ShouldBe(listed.Select(e => (e.Name, e.Kind, directory.Ordinals[e.Holder])), path);
        }
    }

    [Fact]
    public void Kept_names_have_a_limit()
    {
        using var directory = MergedDirectory.Open([MakeLayer(0, new Random(0)), MakeLayer(1, new Random(1))], "");
        var names = new MergedNames();
        ListedEntry[] Some(int count) => [.. Enumerable.Range(0, count).Select(i => new ListedEntry($"{i}", EntryKind.File, 1))];

        names.Keep("a", "d", directory, Some(9_000));
        names.Keep("a", "large", directory, Some(10_000));
        names.Keep("b", "d", directory, Some(9_000));
        names.Find("a", "d").ShouldNotBeNull().Ordinals.ShouldBe([1]);
        names.Find("a", "large").ShouldBeNull();
        names.Keep("c", "d", directory, Some(9_000));

        names.Find("a", "d").ShouldBeNull();
        names.Find("c", "d").ShouldNotBeNull();
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
