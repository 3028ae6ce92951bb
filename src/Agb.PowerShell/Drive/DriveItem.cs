namespace Agb.PowerShell;

/// <summary>An item of the drive: the root, a context, or a file or directory in one.</summary>
/// <param name="Path">The path.</param>
/// <param name="Value">The context or the file; null for the root.</param>
internal sealed record DriveItem(DrivePath Path, AgbObject? Value)
{
    /// <summary>Whether it is the root, a context or a directory.</summary>
    internal bool IsContainer => Value is not AgbContextFile { Type: not AgbFileType.Directory };
}
