namespace Agb.PowerShell;

/// <summary>A drive over the contexts of one service.</summary>
public sealed class ContextDriveInfo : PSDriveInfo
{
    private readonly AgbConnection? _connection;

    internal ContextDriveInfo(PSDriveInfo drive, AgbConnection? connection)
        : base(drive)
    {
        _connection = connection;
    }

    /// <summary>The service of the drive's connection, else the environment's, decided at each call.</summary>
    internal IAgbService Service => _connection?.Service ?? ServiceResolver.Default();
}

/// <summary>The parameters of New-PSDrive for a drive over contexts.</summary>
public sealed class ContextDriveParameters
{
    /// <summary>The connection.</summary>
    [Parameter(HelpMessage = "The connection with the contexts of the drive. Without it, the environment decides.")]
    public AgbConnection? Connection { get; set; }
}
