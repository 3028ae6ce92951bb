using System.Diagnostics.CodeAnalysis;

namespace Agb.PowerShell;

/// <summary>A file, directory or symbolic link of a context on a drive, with the properties of file system items.</summary>
public sealed record AgbDriveFile : AgbContextFile
{
    private readonly string _path;

    /// <summary>Wraps a file of a context.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path on the drive.</param>
    [SetsRequiredMembers]
    internal AgbDriveFile(AgbContextFile file, string path)
        : base(file)
    {
        _path = path;
    }

    /// <summary>The path on the drive, as a pattern. PowerShell shows it as the property Path: cmdlets such as Remove-Item bind
    /// Path from the pipeline before PSPath, and would take a context path for a local path.</summary>
    public string PathPattern => WildcardPattern.Escape(_path);

    /// <summary>The path on the drive.</summary>
    public string FullName => _path;

    /// <summary>Bytes of content; 0 for directories and links.</summary>
    public long Length => Size;

    /// <summary>The last modification of the content, in this machine's time zone.</summary>
    public DateTime LastWriteTime => ModifiedAt.LocalDateTime;

    /// <summary>Type and permissions in the form of ls(1), such as <c>-rw-r--r--</c>; all dots if the service gives
    /// none.</summary>
    public string UnixMode => Units.UnixMode(Type, Mode);

    /// <inheritdoc/>
    public override string ToString() => _path;
}
