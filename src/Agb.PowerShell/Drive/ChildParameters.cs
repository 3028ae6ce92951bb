using System.Management.Automation;

namespace Agb.PowerShell.Drive;

/// <summary>The parameters that Get-ChildItem has on the drive.</summary>
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

/// <summary>The same for Get-ChildItem -Name. It differs in type only: names are written by themselves there, and are no
/// steps on the way to items.</summary>
public sealed class ContextChildNameParameters : ContextChildParameters
{
}

/// <summary>No parameters for Test-Path: a mark by which the provider knows that Test-Path asks.</summary>
public sealed class ContextTestParameters
{
}
