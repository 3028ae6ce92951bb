namespace Agb.Engine;

/// <summary>Marks a running download in a mount, with the name of its incomplete file. If the process dies, the session would
/// upload that file as its own; the next holder of the session's lock finds the mark and removes the file.</summary>
internal sealed class DownloadMark : IDisposable
{
    /// <summary>Fault point: a file is copied but not yet in its place.</summary>
    internal const string FileCopied = "download-file-copied";

    private readonly string _file;

    private DownloadMark(string file, string temporaryName)
    {
        _file = file;
        TemporaryName = temporaryName;
    }

    /// <summary>The name of an incomplete file.</summary>
    internal string TemporaryName { get; }

    /// <summary>Sets the mark for a download.</summary>
    /// <param name="directory">The mount's directory on the host.</param>
    internal static DownloadMark Set(string directory)
    {
        var file = FileOf(directory);
        if (new FileInfo(file).LinkTarget is { } left)
        {
            return new DownloadMark(file, left);
        }
        var name = ".agb-download-" + RandomId.New();
        // A symlink, because it is created together with its target text.
        File.CreateSymbolicLink(file, name);
        return new DownloadMark(file, name);
    }

    /// <summary>Removes the leftovers of a dead process. The caller holds the session's lock.</summary>
    /// <param name="directory">The mount's directory on the host.</param>
    /// <param name="treeName">The name of the session's tree in it.</param>
    /// <param name="isOverlay">Whether the tree is an overlay's upper directory.</param>
    /// <param name="openLive">Opens the mount in a running session's view; null if none runs.</param>
    internal static void CleanUp(string directory, string treeName, bool isOverlay, Func<Fd>? openLive)
    {
        var file = FileOf(directory);
        if (new FileInfo(file).LinkTarget is not { } name)
        {
            return;
        }
        using var tree = Fd.OpenTree(Path.Combine(directory, treeName));
        List<ScannedEntry> entries;
        try
        {
            entries = TreeScanner.Scan(tree, isOverlay ? OverlayMarks.User : OverlayMarks.None, CancellationToken.None);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SyncFailed)
        {
            // Too deep for an upload, so the file is not uploaded either; the session can still be removed.
            return;
        }
        // Searched in the small tree of changes; removed through the session's view, as the kernel requires for mounted overlays.
        using var live = isOverlay && openLive is not null ? openLive() : null;
        using var cursor = new DirectoryCursor(live ?? tree);
        foreach (var entry in entries.Where(e => BytePath.NameOf(e.Path) == name))
        {
            TreeRemover.RemoveAt(cursor.At(BytePath.DirectoryOf(entry.Path)), name);
        }
        File.Delete(file);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_file);

    private static string FileOf(string directory) => Path.Combine(directory, "downloading");
}
