namespace Agb.PowerShell;

/// <summary>The drive's parameters for Get-ChildItem.</summary>
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

    /// <summary>Whether an item is wanted. With both switches none is.</summary>
    internal bool Wants(DriveItem item) => !(File && item.IsContainer) && !(Directory && !item.IsContainer);
}

/// <summary>The drive's parameters for Get-ChildItem -Name. The type tells that names are written themselves, and are not steps
/// on the way to items.</summary>
public sealed class ContextChildNameParameters : ContextChildParameters
{
}

/// <summary>No parameters for Test-Path: the type tells the provider that Test-Path is calling.</summary>
public sealed class ContextTestParameters
{
}
