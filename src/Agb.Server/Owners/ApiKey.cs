using System.Security.Cryptography;
using System.Text;

namespace Agb.Server;

/// <summary>An API key in the key file, without the secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="OwnerId">The owner of the data.</param>
/// <param name="Hash">SHA-256 of the key. A key has 256 random bits, so a slower hash is not necessary.</param>
/// <param name="CreatedAt">The time of its creation.</param>
internal sealed record ApiKey(string Name, string OwnerId, byte[] Hash, DateTimeOffset CreatedAt)
{
    private const string Prefix = "agb-";

    /// <summary>A new key.</summary>
    internal static string NewSecret() => Prefix + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The hash of a key.</summary>
    internal static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a key has this hash. Compares in constant time.</summary>
    internal bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash, hash);
}
