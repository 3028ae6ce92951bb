namespace Agb.Store;

/// <summary>A problem of one entry.</summary>
/// <param name="Problem">The reported problem; its path is for display and may cover several entries.</param>
/// <param name="Entry">The expected entry, or an unexpected one.</param>
internal readonly record struct EntryProblem(AgbStoreProblem Problem, LayerEntry Entry);

/// <summary>Compares the expected entries of a layer with the actual ones.</summary>
internal sealed class LayerComparison(
    string layerId, CatalogSnapshot snapshot, IReadOnlyList<LayerEntry> expected, IReadOnlyList<LayerEntry> actual)
{
    private const int Looks = 20;
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(25);

    /// <summary>Expected entries, by path.</summary>
    internal IReadOnlyDictionary<string, LayerEntry> Expected { get; } = expected.ToDictionary(e => e.Path, StringComparer.Ordinal);

    /// <summary>A path in the form for messages.</summary>
    internal static string Shown(string path) => "/" + BytePath.ToDisplay(path);

    /// <summary>Whether the layer has exactly the expected paths, with any attributes.</summary>
    internal bool HasSameEntries { get; private set; } = true;

    internal List<EntryProblem> Run(Fd tree)
    {
        var problems = new List<EntryProblem>();
        var there = actual.ToDictionary(e => e.Path, StringComparer.Ordinal);
        foreach (var entry in expected)
        {
            if (!there.TryGetValue(entry.Path, out var now))
            {
                HasSameEntries = false;
                // A missing directory is reported once, without its content.
                if (entry.Path.Length == 0 || there.ContainsKey(BytePath.DirectoryOf(entry.Path)))
                {
                    problems.Add(Of(AgbStoreProblemKind.EntryMissing, entry, Describe(entry) + Below(expected, entry), "nothing"));
                }
                continue;
            }
            if (entry.WithoutContent != now.WithoutContent && !IsOpenedUp(entry, now, tree))
            {
                problems.Add(Of(AgbStoreProblemKind.EntryChanged, entry, Difference(entry, now), Difference(now, entry)));
            }
            if (entry.Content is { } should && now.Content is { } has && should != has)
            {
                problems.Add(Of(AgbStoreProblemKind.ContentChanged, entry, $"content with the hash {should:x32}", $"{has:x32}"));
            }
        }
        foreach (var entry in actual.Where(e => !Expected.ContainsKey(e.Path)))
        {
            HasSameEntries = false;
            if (Expected.ContainsKey(BytePath.DirectoryOf(entry.Path)))
            {
                problems.Add(Of(AgbStoreProblemKind.EntryUnexpected, entry, "nothing", Describe(entry) + Below(actual, entry)));
            }
        }
        return problems;
    }

    private EntryProblem Of(AgbStoreProblemKind kind, LayerEntry entry, string shouldBe, string is_) =>
        new(snapshot.Of(layerId, kind, Shown(entry.Path), shouldBe, is_), entry);

    /// <summary>Whether only the permissions differ, and only temporarily: an ordinary user's engine widens closed permissions
    /// of stored files during reads.</summary>
    private static bool IsOpenedUp(LayerEntry entry, LayerEntry now, Fd tree)
    {
        if (Posix.Geteuid() == 0 || entry.WithoutContent != now.WithoutContent with { Mode = entry.Mode } || (now.Mode & entry.Mode) != entry.Mode)
        {
            return false;
        }
        for (var i = 0; i < Looks; i++)
        {
            using var cursor = new DirectoryCursor(tree);
            var stat = entry.Path.Length == 0 ? tree.Stat() : cursor.At(BytePath.DirectoryOf(entry.Path)).StatAt(BytePath.NameOf(entry.Path));
            if (stat.Permissions == entry.Mode)
            {
                return true;
            }
#pragma warning disable RS0030 // The caller is synchronous.
            Thread.Sleep(s_betweenLooks);
#pragma warning restore RS0030
        }
        return false;
    }

    private static string Below(IEnumerable<LayerEntry> all, LayerEntry top)
    {
        var count = top.Kind == EntryKind.Directory ? all.Count(e => e.Path.StartsWith(top.Path + "/", StringComparison.Ordinal)) : 0;
        return count == 0 ? "" : $" with {count} entries below it";
    }

    private static string Describe(LayerEntry entry) => entry.Kind switch
    {
        EntryKind.File => $"a file of {entry.Size} bytes",
        EntryKind.Directory => "a directory",
        EntryKind.Symlink => $"a symlink to '{BytePath.ToDisplay(entry.Target)}'",
        EntryKind.Fifo => "a FIFO",
        EntryKind.Whiteout => "a whiteout",
        _ => "a socket or device",
    };

    /// <summary>Attributes of the first entry that differ from the second's.</summary>
    private static string Difference(LayerEntry one, LayerEntry other)
    {
        if (one.Kind != other.Kind)
        {
            return Describe(one);
        }
        var parts = new List<string>();
        Add(one.Mode != other.Mode, $"mode {Convert.ToString(one.Mode, 8)}");
        Add(one.Size != other.Size, $"{one.Size} bytes");
        Add(one.MtimeNs != other.MtimeNs, $"modified {DateTimeOffset.UnixEpoch.AddTicks(one.MtimeNs / 100):O}");
        Add(one.Opaque != other.Opaque, one.Opaque ? "an opaque mark" : "no opaque mark");
        Add(one.XattrHash != other.XattrHash, $"attributes with the hash {one.XattrHash:x16}");
        Add(one.Target != other.Target, $"a symlink to '{BytePath.ToDisplay(one.Target)}'");
        return string.Join(", ", parts);

        void Add(bool differs, string text)
        {
            if (differs)
            {
                parts.Add(text);
            }
        }
    }
}
