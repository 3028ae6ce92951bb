using System.Security;

namespace Agb.PowerShell;

/// <summary>A running Agb server on this machine. It pipes into Connect-Agb and Stop-AgbServer.</summary>
public sealed class AgbServerProcess
{
    /// <summary>The server's address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The API key of a server's first start; null for a running server or one with its own keys, because only their
    /// hashes are stored.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>The directory of the server's keys and of its owners' data.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The log file.</summary>
    public required string LogFile { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Endpoint.ToString();
}
