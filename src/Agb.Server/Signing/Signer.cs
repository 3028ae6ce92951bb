using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agb.Server.Owners;

namespace Agb.Server.Signing;

/// <summary>Signs what the server hands out and must know again: links, tokens, presigned URLs. The secret lies in the data
/// directory, so all of it outlives a restart.</summary>
internal sealed class Signer
{
    private const int SecretBytes = 32;

    private readonly byte[] _secret;

    private Signer(byte[] secret) => _secret = secret;

    /// <summary>Opens a data directory's secret, making it on first use.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static Signer Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "secret");
        using var held = PrivateFile.Lock(path + ".lock");
        if (!File.Exists(path))
        {
            PrivateFile.Replace(path, RandomNumberGenerator.GetBytes(SecretBytes));
        }
        var secret = File.ReadAllBytes(path);
        return secret.Length == SecretBytes
            ? new Signer(secret)
            : throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The secret '{path}' has {secret.Length} bytes; expected {SecretBytes}.",
                "Remove it: a new one is made, and links and URLs handed out before are no longer good.", path);
    }

    /// <summary>Signs values for one purpose. Each value's length is signed with it, so no two lists of values look alike.</summary>
    internal string Sign(string purpose, params ReadOnlySpan<string> values)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        Add(hash, purpose);
        foreach (var value in values)
        {
            Add(hash, value);
        }
        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }

    /// <summary>Whether a signature is that of the values, in a time that does not depend on where they differ.</summary>
    internal bool Verify(string? signature, string purpose, params ReadOnlySpan<string> values) =>
        signature is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(purpose, values)));

    private static void Add(IncrementalHash hash, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
