using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Drive;

/// <summary>A drive over the contexts of one service.</summary>
public sealed class ContextDriveInfo : PSDriveInfo
{
    private readonly AgbConnection? _connection;

    internal ContextDriveInfo(PSDriveInfo drive, AgbConnection? connection)
        : base(drive)
    {
        _connection = connection;
    }

    /// <summary>The service: that of the drive's connection, else the one that the environment decides on, by each call anew.</summary>
    internal IAgbService Service => _connection?.Service ?? ServiceResolver.Default();
}

/// <summary>What New-PSDrive takes for a drive over contexts.</summary>
public sealed class ContextDriveParameters
{
    /// <summary>The connection.</summary>
    [Parameter(HelpMessage = "The connection whose contexts the drive shows; the environment decides unless given.")]
    public AgbConnection? Connection { get; set; }
}
