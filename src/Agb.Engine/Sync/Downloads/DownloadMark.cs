namespace Agb.Engine;

/// <summary>Says that a download is at work in a mount, and by which name a file is known there until it is complete. The
/// process may die over it, and the session would upload that file as its own: so whoever holds the session's lock next looks
/// for the mark, and removes the file.</summary>
internal sealed class DownloadMark : IDisposable
{
    /// <summary>A fault point: a file is copied and not in its place yet.</summary>
    internal const string FileCopied = "download-file-copied";

    private readonly string _file;

    private DownloadMark(string file, string temporaryName)
    {
        _file = file;
        TemporaryName = temporaryName;
    }

    /// <summary>The name of what is not complete.</summary>
    internal string TemporaryName { get; }

    /// <summary>Begins a download.</summary>
    /// <param name="directory">The mount's directory on the host.</param>
    internal static DownloadMark Set(string directory)
    {
        var file = FileOf(directory);
        if (new FileInfo(file).LinkTarget is { } left)
        {
            return new DownloadMark(file, left);
        }
        var name = ".agb-download-" + RandomId.New();
        // A symlink, because its target is there as soon as it is itself.
        File.CreateSymbolicLink(file, name);
        return new DownloadMark(file, name);
    }

    /// <summary>Removes what a dead process left. The caller holds the session's lock.</summary>
    /// <param name="directory">The mount's directory on the host.</param>
    /// <param name="treeName">The name in it of what the session changes.</param>
    /// <param name="isOverlay">Whether that is an overlay's upper directory.</param>
    /// <param name="openLive">Opens the mount as a running session sees it; null when none runs.</param>
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
            // Deeper than an upload can read, so nothing is uploaded either, and the session can still be removed.
            return;
        }
        // Found in what the session changed, which is little; removed where it sees it, as the kernel asks of mounted overlays.
        using var live = isOverlay && openLive is not null ? openLive() : null;
        using var cursor = new DirectoryCursor(live ?? tree);
        foreach (var entry in entries.Where(e => Raw.NameOf(e.Path) == name))
        {
            TreeRemover.RemoveAt(cursor.At(Raw.DirectoryOf(entry.Path)), name);
        }
        File.Delete(file);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_file);

    private static string FileOf(string directory) => Path.Combine(directory, "downloading");
}
