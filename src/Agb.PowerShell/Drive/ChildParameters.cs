using System.Management.Automation;

namespace Agb.PowerShell.Drive;

/// <summary>What Get-ChildItem takes on the drive.</summary>
public class ContextChildParameters
{
    /// <summary>Files and links alone.</summary>
    [Parameter(HelpMessage = "Get files and symbolic links, no directories.")]
    [Alias("af")]
    public SwitchParameter File { get; set; }

    /// <summary>Directories and contexts alone.</summary>
    [Parameter(HelpMessage = "Get directories and contexts, no files.")]
    [Alias("ad", "d")]
    public SwitchParameter Directory { get; set; }

    /// <summary>Whether an item is asked for. With both switches none is.</summary>
    internal bool Wants(DriveItem item) => !(File && item.IsContainer) && !(Directory && !item.IsContainer);
}

/// <summary>What Get-ChildItem -Name takes on the drive. It differs in type only: names are written by themselves there, and are no
/// steps on the way to items.</summary>
public sealed class ContextChildNameParameters : ContextChildParameters
{
}

/// <summary>What Test-Path takes on the drive: nothing. It tells that Test-Path is what asks.</summary>
public sealed class ContextTestParameters
{
}
