using System.Security.Cryptography;
using System.Text;

namespace Agb.Server.Owners;

/// <summary>An API key as the key file has it: never the key itself.</summary>
/// <param name="Name">The name that it was given.</param>
/// <param name="OwnerId">Whose data it opens.</param>
/// <param name="Hash">SHA-256 of the key. A key has 256 random bits, so nothing slower is needed.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record ApiKey(string Name, string OwnerId, byte[] Hash, DateTimeOffset CreatedAt)
{
    private const string Prefix = "agb-";

    /// <summary>A new key.</summary>
    internal static string NewSecret() => Prefix + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The hash of a key.</summary>
    internal static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a key has this hash, in a time that does not depend on where they differ.</summary>
    internal bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash, hash);
}
