namespace Agb.Engine;

/// <content>What contexts hold, and how it is changed without a session.</content>
public sealed partial class EmbeddedService
{
    /// <inheritdoc/>
    public Task<AgbContext> RenameContextAsync(string contextId, string newName, CancellationToken cancellationToken = default) =>
        CallAsync("renaming a context", () => _contexts.Rename(contextId, newName), cancellationToken);
}
