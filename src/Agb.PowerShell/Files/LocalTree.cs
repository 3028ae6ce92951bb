using System.Runtime.InteropServices;

namespace Agb.PowerShell;

/// <summary>Reads trees of this machine. Links are entries themselves and never followed.</summary>
internal static class LocalTree
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxType = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>The entry at a path; null for a type that a context can't hold, such as a socket or device.</summary>
    /// <exception cref="AgbException">FileNotFound.</exception>
    internal static TreeEntry? Read(string path)
    {
        FileSystemInfo info = new FileInfo(path);
        if (info.LinkTarget is { } target)
        {
            return new TreeEntry { Type = AgbFileType.SymbolicLink, ModifiedAt = Time(info), LinkTarget = target };
        }
        if (Directory.Exists(path))
        {
            info = new DirectoryInfo(path);
            return new TreeEntry { Type = AgbFileType.Directory, ModifiedAt = Time(info), Mode = Platform.Mode(info, TreeEntry.ModeBits) };
        }
        if (!info.Exists)
        {
            throw new AgbException(
                AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"This machine has nothing at '{path}'.",
                "Check the path; -LiteralPath takes names with wildcard characters.", path);
        }
        return !Platform.IsLinux || IsRegular(path)
            ? new TreeEntry
            {
                Type = AgbFileType.File,
                Size = ((FileInfo)info).Length,
                ModifiedAt = Time(info),
                Mode = Platform.Mode(info, TreeEntry.ModeBits),
                Open = _ => Task.FromResult<Stream>(OpenRead(path)),
            }
            : null;
    }

    /// <summary>The tree below a directory, by path below it.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="skipped">Receives entries of a type that a context can't hold.</param>
    /// <param name="refused">Receives entries with an unusable name.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    internal static SortedDictionary<string, TreeEntry> ReadBelow(
        string directory, Action<string> skipped, Action<AgbException> refused, CancellationToken cancellationToken)
    {
        var tree = TreeEntry.NewTree();
        var open = new Stack<string>([directory]);
        while (open.TryPop(out var folder))
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (path.Contains('\uFFFD') && !IsNameOf(path))
                {
                    refused(AgbErrors.Invalid(
                        AgbErrorIds.InvalidPath, $"The name of '{path}' is not UTF-8, so it can't be named here.",
                        "Rename it, or pack the folder with tar and store the archive.", path));
                    continue;
                }
                if (Read(path) is not { } entry)
                {
                    skipped(path);
                    continue;
                }
                tree[Path.GetRelativePath(directory, path)] = entry;
                if (entry.Type == AgbFileType.Directory)
                {
                    open.Push(path);
                }
            }
        }
        return tree;
    }

    /// <summary>Opens a file for reading from its start to its end.</summary>
    internal static FileStream OpenRead(string path) => new(path, new FileStreamOptions
    {
        Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0,
    });

    private static DateTimeOffset Time(FileSystemInfo info) => new(info.LastWriteTimeUtc, TimeSpan.Zero);

    /// <summary>Whether a path with a replacement character is a real name. Otherwise the character stands for bytes that are
    /// not UTF-8.</summary>
    private static bool IsNameOf(string path) =>
        new FileInfo(path) is var info && (info.Exists || info.LinkTarget is not null || Directory.Exists(path));

    /// <summary>Whether a path is a regular file. Opening a FIFO would wait for its other end (fifo(7)), and .NET does not tell
    /// it from a file.</summary>
    private static bool IsRegular(string path)
    {
        var status = new byte[256];
        if (Statx(AtFdCwd, path, AtSymlinkNoFollow, StatxType, status) != 0)
        {
            throw new IOException($"The file '{path}' can't be inspected: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        return (BitConverter.ToUInt16(status, ModeOffset) & TypeMask) == RegularFile;
    }

    // statx(2) has the same result layout on every architecture.
    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(
        int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] status);
}
