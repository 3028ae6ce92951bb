using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agb.Engine;

namespace Agb.Server;

/// <summary>The API keys of a server, in <c>keys.json</c> of its data directory. A running server sees changes at once.</summary>
internal sealed class ApiKeyFile(string dataDirectory)
{
    private static readonly TimeSpan s_young = TimeSpan.FromSeconds(2);

    private readonly Lock _reading = new();
    private (DateTime Time, long Length) _stamp;
    private IReadOnlyList<ApiKey> _keys = [];

    /// <summary>The file.</summary>
    internal string Path { get; } = System.IO.Path.Combine(dataDirectory, "keys.json");

    /// <summary>The current keys.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal IReadOnlyList<ApiKey> List()
    {
        lock (_reading)
        {
            var file = new FileInfo(Path);
            var stamp = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            // Two changes can fall into one tick of the file system's clock, so a young file is read again.
            if (stamp != _stamp || TimeProvider.System.GetUtcNow().UtcDateTime - stamp.Item1 < s_young)
            {
                _keys = Read();
                _stamp = stamp;
            }
            return _keys;
        }
    }

    /// <summary>The entry of a key, or null.</summary>
    internal ApiKey? Find(ReadOnlySpan<byte> hash)
    {
        ApiKey? found = null;
        foreach (var key in List())
        {
            // Compare all keys, so the time does not reveal the match.
            found = key.Matches(hash) ? key : found;
        }
        return found;
    }

    /// <summary>Creates a key.</summary>
    /// <param name="name">Its unique name.</param>
    /// <param name="ownerId">The owner of the data; null for a new owner.</param>
    /// <param name="now">The time.</param>
    /// <returns>The key, stored nowhere, and its entry.</returns>
    /// <exception cref="AgbException">InvalidRequest for an invalid or used name, or for an unknown owner.</exception>
    internal (string Secret, ApiKey Key) Add(string name, string? ownerId, DateTimeOffset now)
    {
        var trimmed = name.Trim();
        if (trimmed.Length is 0 or > 100 || trimmed.Any(char.IsControl))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The key's name is empty, longer than 100 characters, or holds a control character.", target: name);
        }
        AgbStore.RequireUsable(dataDirectory);
        PrivateFile.MakeDirectory(dataDirectory);
        using var held = PrivateFile.Lock(Path + ".lock");
        var keys = Read();
        if (keys.Any(k => k.Name == trimmed))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"A key named '{trimmed}' exists already.", "Choose another name, or remove that key first.", trimmed);
        }
        if (ownerId is not null && keys.All(k => k.OwnerId != ownerId) && !Directory.Exists(OwnerRegistry.DirectoryOf(dataDirectory, ownerId)))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"There is no owner '{ownerId}'.", "See the owners with: keys list", ownerId);
        }
        var secret = ApiKey.NewSecret();
        var key = new ApiKey(trimmed, ownerId ?? NewOwnerId(), ApiKey.HashOf(secret), now);
        Write([.. keys, key]);
        return (secret, key);
    }

    /// <summary>Removes a key. The owner's data stays.</summary>
    /// <returns>The removed entry.</returns>
    /// <exception cref="AgbException">InvalidRequest for an unknown name.</exception>
    internal ApiKey Remove(string name)
    {
        AgbStore.RequireUsable(dataDirectory);
        PrivateFile.MakeDirectory(dataDirectory);
        using var held = PrivateFile.Lock(Path + ".lock");
        var keys = Read();
        var key = keys.FirstOrDefault(k => k.Name == name)
            ?? throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"There is no key named '{name}'.", "See the keys with: keys list", name);
        Write([.. keys.Where(k => k != key)]);
        return key;
    }

    private static string NewOwnerId() => "o-" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 16);

    private IReadOnlyList<ApiKey> Read()
    {
        try
        {
            return File.Exists(Path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(Path), ApiKeyJson.Default.ApiKeyList)?.Keys ?? throw Corrupt("it holds no list", null)
                : [];
        }
        catch (JsonException e)
        {
            throw Corrupt(e.Message, e);
        }
    }

    private void Write(IReadOnlyList<ApiKey> keys) =>
        PrivateFile.Replace(Path, JsonSerializer.SerializeToUtf8Bytes(new ApiKeyList(keys), ApiKeyJson.Default.ApiKeyList));

    private AgbException Corrupt(string why, Exception? inner) => new(
        AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The key file '{Path}' can't be read: {why}",
        "Restore it, or move it away and create new keys.", Path, inner);
}

/// <summary>The content of keys.json.</summary>
internal sealed record ApiKeyList(IReadOnlyList<ApiKey> Keys);

/// <summary>Source-generated JSON of keys.json.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ApiKeyList))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
