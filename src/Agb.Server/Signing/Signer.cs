using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Agb.Server;

/// <summary>Signs and verifies links, tokens and presigned URLs. The secret is in the data directory, so signatures stay valid
/// after a restart.</summary>
internal sealed class Signer(byte[] secret)
{
    private const int SecretBytes = 32;

    /// <summary>Opens a data directory's secret; creates it on first use.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static Signer Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "secret");
        using var held = PrivateFile.Lock(path + ".lock");
        if (!File.Exists(path))
        {
            PrivateFile.Replace(path, RandomNumberGenerator.GetBytes(SecretBytes));
        }
        var stored = File.ReadAllBytes(path);
        return stored.Length == SecretBytes
            ? new Signer(stored)
            : throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The secret '{path}' has {stored.Length} bytes; expected {SecretBytes}.",
                "Remove it: the server then makes a new one, and all earlier links and URLs become invalid.", path);
    }

    /// <summary>Signs values for one purpose. The signature covers the length of each value, so different lists never look alike.</summary>
    internal string Sign(string purpose, params ReadOnlySpan<string> values)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        Add(hash, purpose);
        foreach (var value in values)
        {
            Add(hash, value);
        }
        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }

    /// <summary>Whether a signature matches the values. Compares in constant time.</summary>
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
