namespace Agb.Server;

/// <summary>Makes, lists and removes API keys.</summary>
internal sealed class KeysCommand(TextWriter output, string dataDirectory)
{
    private readonly ApiKeyFile _keys = new(dataDirectory);

    internal async Task AddAsync(string name, string? ownerId)
    {
        var (secret, key) = _keys.Add(name, ownerId, TimeProvider.System.GetUtcNow());
        // Only the key, for scripts. It can't be shown again.
        await output.WriteLineAsync(secret).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"This is the key '{key.Name}' of the owner {key.OwnerId}. It is not shown again.").ConfigureAwait(false);
    }

    internal async Task ListAsync()
    {
        foreach (var key in _keys.List())
        {
            await output.WriteLineAsync($"{key.Name}\t{key.OwnerId}\t{key.CreatedAt:u}").ConfigureAwait(false);
        }
    }

    internal async Task RemoveAsync(string name)
    {
        var key = _keys.Remove(name);
        await output.WriteLineAsync(
            $"Removed. The owner's data stays in {OwnerRegistry.DirectoryOf(dataDirectory, key.OwnerId)}; another key opens it: "
            + $"keys add NAME --owner {key.OwnerId}").ConfigureAwait(false);
    }
}
