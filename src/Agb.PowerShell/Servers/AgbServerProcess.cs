using System.Security;

namespace Agb.PowerShell;

/// <summary>An Agb server that runs on this machine. It pipes into Connect-Agb and Stop-AgbServer.</summary>
public sealed class AgbServerProcess
{
    /// <summary>The address that it answers at.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The API key to use it with; null when it was running already or has keys of its own, because only their hashes
    /// are kept.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>The directory of its keys and of its owners' data.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The id of its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The file that it writes its log to.</summary>
    public required string LogFile { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Endpoint.ToString();
}
