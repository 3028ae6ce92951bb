namespace Agb.Store;

/// <summary>Supported archive formats, recognized by name.</summary>
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

    /// <summary>Name of the zip of a whole mount in the upload mode Archive, stored in the mount's origin.</summary>
    internal const string OfMount = "archive.zip";

    /// <summary>Format of an archive by its name, or null.</summary>
    internal static ArchiveFormat? FormatOf(string path) => Find(path)?.Format;

    /// <summary>Folder for the content of an archive: its name without the extension.</summary>
    internal static string FolderOf(string path) => path[..^Find(path)!.Value.Ending.Length];

    // A bare extension leaves no name for the folder.
    private static (string Ending, ArchiveFormat Format)? Find(string path)
    {
        var name = BytePath.NameOf(path);
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
