using System.Security;

namespace Agb.PowerShell;

/// <summary>An API key of an Agb server on this machine.</summary>
public sealed class AgbServerKey
{
    /// <summary>The key's name.</summary>
    public required string Name { get; init; }

    /// <summary>The owner. Keys of one owner see the same contexts and sessions.</summary>
    public required string Owner { get; init; }

    /// <summary>The time of creation, in local time.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>The server's data directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The key itself, right after its creation; otherwise null, because only its hash is stored.</summary>
    public SecureString? ApiKey { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
