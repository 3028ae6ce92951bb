using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>A file, directory or symbolic link of a context as a drive has it: with the properties that files of the file system
/// have.</summary>
public sealed record AgbDriveFile : AgbContextFile
{
    private readonly string _path;

    /// <summary>Sees a file on a drive.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path on the drive.</param>
    [SetsRequiredMembers]
    internal AgbDriveFile(AgbContextFile file, string path)
        : base(file)
    {
        _path = path;
    }

    /// <summary>The path on the drive, as a pattern. PowerShell shows it as the property Path: cmdlets such as Remove-Item take that
    /// one from the pipeline before they look at PSPath, and would take a path in a context for one of this machine.</summary>
    public string PathPattern => WildcardPattern.Escape(_path);

    /// <summary>The path on the drive.</summary>
    public string FullName => _path;

    /// <summary>Bytes of content; 0 for directories and links.</summary>
    public long Length => Size;

    /// <summary>When the content was last modified, in this machine's time zone.</summary>
    public DateTime LastWriteTime => ModifiedAt.LocalDateTime;

    /// <summary>Type and permissions as ls(1) shows them, such as <c>-rw-r--r--</c>; without the service's word all are dots.</summary>
    public string UnixMode => Units.UnixMode(Type, Mode);

    /// <inheritdoc/>
    public override string ToString() => _path;
}
