namespace Agb.Engine.Store.Tests;

/// <summary>What a session's record of its last upload answers.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

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

    [Fact]
    public void All_that_a_later_upload_asks_for_is_kept()
    {
        var entry = new ScannedEntry("a/\u00ff", new FileStat { Kind = EntryKind.Directory, Mode = 0x41ED, Size = 1, MtimeNs = 2, CtimeNs = 3, Ino = 4, Nlink = 5, BirthNs = 6 }, true, 7);
        new Manifest([entry]).Save(_file);
        Manifest.Load(_file).Entries.ShouldHaveSingleItem().ShouldBe(entry);
    }

    [Fact]
    public void A_record_of_the_first_form_is_read_without_the_times_that_it_lacks()
    {
        using (var writer = new BinaryWriter(File.Create(_file), System.Text.Encoding.Latin1))
        {
            writer.Write(0x31424741u);
            writer.Write(1);
            writer.Write("d");
            writer.Write((byte)EntryKind.Directory);
            writer.Write(false);
            writer.Write(0x41EDu);
            writer.Write(1L);
            writer.Write(2L);
            writer.Write(3L);
            writer.Write(4UL);
            writer.Write(5u);
            writer.Write(6UL);
            writer.Write(0x31424741u);
        }
        Manifest.Load(_file).Entries.ShouldHaveSingleItem().ShouldBe(
            new ScannedEntry("d", new FileStat { Kind = EntryKind.Directory, Mode = 0x41ED, Size = 1, MtimeNs = 2, CtimeNs = 3, Ino = 4, Nlink = 5 }, false, 6));
    }

    [Fact]
    public void A_number_that_was_given_anew_is_another_inode()
    {
        var before = new FileStat { Kind = EntryKind.Directory, Ino = 4, Nlink = 1, BirthNs = 6 };
        before.IsInode(before).ShouldBeTrue();
        (before with { BirthNs = 7 }).IsInode(before).ShouldBeFalse();
        (before with { BirthNs = 0 }).IsInode(before).ShouldBeTrue("a file system that keeps no such time says nothing else");
        (before with { Ino = 5 }).IsInode(before).ShouldBeFalse();
    }

    private static ScannedEntry Entry(string path, EntryKind kind) => new(path, new FileStat { Kind = kind, Nlink = 1 }, false);
}
