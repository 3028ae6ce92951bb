using System.Security;

namespace Agb.PowerShell;

/// <summary>An API key of an Agb server on this machine.</summary>
public sealed class AgbServerKey
{
    /// <summary>The name that it was given.</summary>
    public required string Name { get; init; }

    /// <summary>Whose data it opens. Keys of one owner see the same contexts and sessions.</summary>
    public required string Owner { get; init; }

    /// <summary>When it was made, in local time.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>The server's data directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The key itself, when it was made just now; otherwise null, because only its hash is kept.</summary>
    public SecureString? ApiKey { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
