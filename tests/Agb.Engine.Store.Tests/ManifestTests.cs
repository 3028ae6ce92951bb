using Agb.Engine.Native;

namespace Agb.Engine.Store.Tests;

/// <summary>What a session's record of its last upload answers.</summary>
public sealed class ManifestTests
{
    [Fact]
    public void Files_at_or_below_a_path_are_found_and_no_others()
    {
        var manifest = new Manifest(
            [
                Entry("", EntryKind.Directory), Entry("a", EntryKind.Directory), Entry("a/b", EntryKind.Directory), Entry("a/b/f", EntryKind.File),
                Entry("a/l", EntryKind.Symlink), Entry("a/gone", EntryKind.Whiteout), Entry("a-b", EntryKind.File), Entry("a0", EntryKind.Fifo),
                Entry("empty", EntryKind.Directory),
            ]);

        manifest.FilesAtOrBelow("a").ShouldBe(["a/b/f", "a/l"]);
        manifest.FilesAtOrBelow("a/b").ShouldBe(["a/b/f"]);
        manifest.FilesAtOrBelow("a/b/f").ShouldBe(["a/b/f"]);
        manifest.FilesAtOrBelow("a0").ShouldBe(["a0"]);
        manifest.FilesAtOrBelow("a/gone").ShouldBeEmpty();
        manifest.FilesAtOrBelow("empty").ShouldBeEmpty();
        manifest.FilesAtOrBelow("none").ShouldBeEmpty();
        manifest.Set(Entry("empty/new", EntryKind.File));
        manifest.Remove("a/l");
        manifest.FilesAtOrBelow("empty").ShouldBe(["empty/new"]);
        manifest.FilesAtOrBelow("a").ShouldBe(["a/b/f"]);
    }

    private static ScannedEntry Entry(string path, EntryKind kind) => new(path, new FileStat(kind, 0, 0, 0, 0, 0, 0, 1, 0, 0), false);
}
