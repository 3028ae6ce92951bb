namespace Agb.Engine.Store.Tests;

/// <summary>Whiteouts in the form of files: read as deletions everywhere, and made into devices for overlays.</summary>
public sealed class LayerMarksTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("agb-marks-tests-").FullName;

    private StorePaths Paths => new(_home);

    public void Dispose() => TreeRemover.Remove(_home);

    [Fact]
    public void They_hide_what_lies_below_in_listings_and_look_ups()
    {
        MakeLower();
        MakeUpper();
        using var merged = MergedDirectory.Open([Paths.LayerTree("upper"), Paths.LayerTree("lower")], "d");
        new MergedListing().Of(merged).Select(e => (e.Name, e.Kind)).ShouldBe([("empty", EntryKind.File), ("kept", EntryKind.File)]);
        merged.Entries().Select(e => e.Name).ShouldBe(["empty", "kept"]);
        merged.Lookup("gone").ShouldBeNull();
        using var upper = Fd.OpenDirectory(Path.Combine(Paths.LayerTree("upper"), "d"));
        (upper.StatAt("gone").Kind, upper.StatAt("gone").IsAttributeMark).ShouldBe((EntryKind.Whiteout, true));
        Xattrs.IsOpaque(upper).ShouldBeFalse();
    }

    [Fact]
    public void In_a_sessions_tree_they_are_files()
    {
        MakeUpper();
        using var upper = Fd.OpenDirectory(Path.Combine(Paths.LayerTree("upper"), "d"));
        upper.StatAt("gone").InTree(isOverlay: false).Kind.ShouldBe(EntryKind.File);
        TreeScanner.Scan(upper, OverlayMarks.None, CancellationToken.None).Select(e => e.Stat.Kind)
            .ShouldBe([EntryKind.Directory, EntryKind.File, EntryKind.File]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Become_devices_and_leave_all_else(bool diedMidway)
    {
        MakeUpper();
        var directory = Path.Combine(Paths.LayerTree("upper"), "d");
        var before = Directory.GetLastWriteTimeUtc(directory);
        LayerSealer.Seal(Paths.Layer("upper"), []);
        LayerMarks.Note(Paths.Layer("upper"));
        if (diedMidway)
        {
            using var open = Fd.OpenDirectory(directory);
            open.WhiteoutAt(".agb-upper");
        }
        var again = File.ReadAllBytes(Path.Combine(Paths.Layer("upper"), LayerSums.FileName));

        LayerMarks.Convert(Paths, "upper", CancellationToken.None);

        using (var open = Fd.OpenDirectory(directory))
        {
            (open.StatAt("gone").Kind, open.StatAt("gone").IsAttributeMark).ShouldBe((EntryKind.Whiteout, false));
            AttributeMarks.Has(open).ShouldBeFalse();
            DirectoryReader.Names(open).ShouldBe(["empty", "gone"]);
        }
        Directory.GetLastWriteTimeUtc(directory).ShouldBe(before);
        File.Exists(Path.Combine(Paths.Layer("upper"), "marks")).ShouldBeFalse();
        LayerSealer.Seal(Paths.Layer("upper"), []);
        File.ReadAllBytes(Path.Combine(Paths.Layer("upper"), LayerSums.FileName)).ShouldBe(again);
    }

    [Fact]
    public void The_format_is_raised_once_and_readable()
    {
        StoreFormat.Require(Paths);
        File.ReadAllText(Paths.FormatFile).ShouldBe("agb-store 1\n");
        StoreFormat.Raise(Paths, StoreFormat.WithMarks);
        StoreFormat.Raise(Paths, StoreFormat.WithMarks);
        File.ReadAllText(Paths.FormatFile).ShouldBe("agb-store 2\n");
        StoreFormat.Require(Paths);
        Directory.EnumerateFiles(_home).Count().ShouldBe(1, "no draft stays");
        StoreFormat.Raise(Paths, StoreFormat.WithLargeFiles);
        StoreFormat.Raise(Paths, StoreFormat.WithMarks);
        File.ReadAllText(Paths.FormatFile).ShouldBe("agb-store 3\n");
        StoreFormat.Require(Paths);
        File.WriteAllText(Paths.FormatFile, "agb-store 4\n");
        Should.Throw<AgbException>(() => StoreFormat.Require(Paths)).ErrorId.ShouldBe(AgbErrorIds.StoreFormatTooNew);
    }

    private void MakeLower()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Paths.LayerTree("lower"), "d")).FullName;
        foreach (var name in (string[])["gone", "kept"])
        {
            File.WriteAllText(Path.Combine(directory, name), "text");
        }
    }

    private void MakeUpper()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Paths.LayerTree("upper"), "d")).FullName;
        Directory.CreateDirectory(Paths.Locks);
        using var open = Fd.OpenDirectory(directory);
        try
        {
            AttributeMarks.Make(open, "gone");
        }
        catch (PosixException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.EPERM)
        {
            Assert.Skip($"The directory for temporary files takes no attributes: {e.Message}");
        }
        File.WriteAllText(Path.Combine(directory, "empty"), "");
        Directory.SetLastWriteTimeUtc(directory, new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
    }
}
