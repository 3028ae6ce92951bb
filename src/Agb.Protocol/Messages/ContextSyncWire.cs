namespace Agb.Protocol;

/// <summary>Context syncs as entries of persistenceDataList.</summary>
public static class ContextSyncWire
{
    /// <summary>The entry for a context sync.</summary>
    public static PersistenceData From(AgbContextSync sync) =>
        new() { ContextId = sync.ContextId, Path = sync.Path, Policy = SyncPolicyJson.Write(sync.Policy) };

    /// <summary>The context sync of an entry.</summary>
    /// <exception cref="AgbException">InvalidRequest for an entry without context or path; InvalidPolicy.</exception>
    public static AgbContextSync To(PersistenceData entry) => new()
    {
        ContextId = entry?.ContextId is { Length: > 0 } id ? id : throw Missing("contextId"),
        Path = entry.Path is { Length: > 0 } path ? path : throw Missing("path"),
        Policy = SyncPolicyJson.Read(entry.Policy),
    };

    private static AgbException Missing(string member) => AgbErrors.Invalid(
        AgbErrorIds.InvalidRequest, $"An entry of persistenceDataList has no {member}.", "Give each entry contextId and path.", member);
}
