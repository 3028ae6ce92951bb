namespace Agb.PowerShell.Drive;

/// <summary>What a path of the drive holds.</summary>
/// <param name="Path">The path.</param>
/// <param name="Value">The context or the file; null for the root.</param>
internal sealed record DriveItem(DrivePath Path, AgbObject? Value)
{
    /// <summary>Whether it is the root, a context or a directory.</summary>
    internal bool IsContainer => Value is not AgbContextFile { Type: not AgbFileType.Directory };
}
