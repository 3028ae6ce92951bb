namespace Agb.Store;

/// <summary>The kinds of archive that are unpacked, told by name.</summary>
internal enum ArchiveFormat
{
    Zip,
    Tar,
    TarGzip,
}

/// <summary>Reads the names of archives.</summary>
internal static class ArchiveNames
{
    private static readonly (string Ending, ArchiveFormat Format)[] s_endings =
        [(".zip", ArchiveFormat.Zip), (".tar", ArchiveFormat.Tar), (".tar.gz", ArchiveFormat.TarGzip), (".tgz", ArchiveFormat.TarGzip)];

    /// <summary>The name of the zip that holds a mount in the upload mode Archive, in the mount's origin.</summary>
    internal const string OfMount = "archive.zip";

    /// <summary>What kind of archive a file is by its name, or null.</summary>
    internal static ArchiveFormat? FormatOf(string path) => Find(path)?.Format;

    /// <summary>The folder that an archive is unpacked into: its name without the ending.</summary>
    internal static string FolderOf(string path) => path[..^Find(path)!.Value.Ending.Length];

    // A file that has nothing but the ending for a name leaves no name for a folder.
    private static (string Ending, ArchiveFormat Format)? Find(string path)
    {
        var name = Raw.NameOf(path);
        foreach (var kind in s_endings)
        {
            if (name.Length > kind.Ending.Length && name.EndsWith(kind.Ending, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }
        return null;
    }
}
