namespace Agb.Store;

/// <summary>The step of an unfinished change of a mount in a running session.</summary>
internal enum MountStep
{
    /// <summary>Its directory is being filled.</summary>
    Preparing,

    /// <summary>It is put in its place, perhaps in that of another mount at the same path.</summary>
    Attaching,

    /// <summary>It is read-only for its last upload.</summary>
    Frozen,

    /// <summary>It was taken away, or is about to be: nothing of it is uploaded any more. Programs may still use it.</summary>
    Leaving,
}

/// <summary>A context mount of a session.</summary>
internal sealed record MountRow
{
    internal required string SessionId { get; init; }

    /// <summary>The name of the mount's directory below the session's.</summary>
    internal required string Name { get; init; }

    internal required string ContextId { get; init; }

    /// <summary>Mount path inside the session.</summary>
    internal required string Path { get; init; }

    internal required AgbSyncPolicy Policy { get; init; }

    /// <summary>Overlay or Copy.</summary>
    internal required MountKind Kind { get; init; }

    /// <summary>Lower layers of the mount, topmost first.</summary>
    internal required string Stack { get; init; }

    /// <summary>Newest version fully known to the session; null after another session's upload that it missed.</summary>
    internal required long? Seen { get; init; }

    /// <summary>Layer of the last upload, the suffix of the manifest's name; null before the first.</summary>
    internal string? Manifest { get; init; }

    /// <summary>Fork layers between the stack and the session's own changes, topmost first.</summary>
    internal string Forks { get; init; } = "";

    /// <summary>Whether the session is a fork.</summary>
    internal bool IsOfFork { get; init; }

    /// <summary>Whether the release uploads by policy. A fork uploads only on request.</summary>
    internal bool UploadsAtRelease => Rules.UploadsAtRelease && !IsOfFork;

    /// <summary>The version at the time of mounting; null if the mount began empty.</summary>
    internal long? Version { get; init; }

    /// <summary>Whether the session can't write to it.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>The step of an unfinished change; null for none.</summary>
    internal MountStep? Step { get; init; }

    /// <summary>Path of the data in the context.</summary>
    internal string Origin => Rules.Origin;

    /// <summary>The meaning of the policy for this mount.</summary>
    internal EffectivePolicy Rules => field ??= new EffectivePolicy(Policy, Path);

    /// <summary>Whether the session's tree differs from the stored one.</summary>
    internal bool IsPartial(StorePaths paths) => !Rules.Filter.IsAll || paths.FindPolicyLayer(SessionId, Name) is not null;
}

/// <summary>Context mounts in the catalog. A row protects its layers from garbage collection.</summary>
internal static class MountTable
{
    private const string Columns = "session_id, name, context_id, path, policy, kind, stack, seen, manifest, version, read_only, step";

    private const string Selected = Columns
        + ", (SELECT layers FROM session_forks f WHERE f.session_id = mounts.session_id AND f.part = mounts.name)"
        + ", (SELECT forked_from IS NOT NULL FROM sessions s WHERE s.id = mounts.session_id)";

    internal static void Insert(CatalogTransaction tx, MountRow row) => tx.Execute(
        $"INSERT INTO mounts ({Columns}) VALUES ($session, $name, $context, $path, $policy, $kind, $stack, $seen, $manifest, $version, $readOnly, $step)",
        ("$session", row.SessionId), ("$name", row.Name), ("$context", row.ContextId), ("$path", row.Path),
        ("$policy", StoredPolicy.Write(row.Policy)), ("$kind", row.Kind.ToString()),
        ("$stack", row.Stack), ("$seen", row.Seen), ("$manifest", row.Manifest), ("$version", row.Version), ("$readOnly", row.IsReadOnly ? 1L : 0L), ("$step", row.Step?.ToString()));

    /// <summary>The mounts that a session has.</summary>
    internal static List<MountRow> OfSession(CatalogTransaction tx, string sessionId) =>
        AllOfSession(tx, sessionId).FindAll(m => m.Step is null or MountStep.Frozen);

    /// <summary>The mounts of a session, with those that come or go.</summary>
    internal static List<MountRow> AllOfSession(CatalogTransaction tx, string sessionId) =>
        tx.Query($"SELECT {Selected} FROM mounts WHERE session_id = $id ORDER BY name", Map, ("$id", sessionId));

    /// <summary>Notes the step of a change; null for its end.</summary>
    internal static void SetStep(CatalogTransaction tx, MountRow mount, MountStep? step) => tx.Execute(
        "UPDATE mounts SET step = $step WHERE session_id = $id AND name = $name", ("$step", step?.ToString()), ("$id", mount.SessionId), ("$name", mount.Name));

    internal static void Delete(CatalogTransaction tx, MountRow mount) =>
        tx.Execute("DELETE FROM mounts WHERE session_id = $id AND name = $name", ("$id", mount.SessionId), ("$name", mount.Name));

    internal static List<MountRow> OfContext(CatalogTransaction tx, string contextId) =>
        tx.Query($"SELECT {Selected} FROM mounts WHERE context_id = $id", Map, ("$id", contextId));

    /// <summary>The sessions that mount a context.</summary>
    internal static List<string> SessionsOf(CatalogTransaction tx, string contextId) => tx.Query(
        "SELECT DISTINCT session_id FROM mounts WHERE context_id = $id ORDER BY session_id", r => r.GetString(0), ("$id", contextId));

    internal static List<string> StacksOf(CatalogTransaction tx, string contextId) => tx.Query(
        "SELECT stack FROM mounts WHERE context_id = $id", r => r.GetString(0), ("$id", contextId));

    internal static void SetUploaded(CatalogTransaction tx, MountRow mount, long? seen, string? manifest) => tx.Execute(
        "UPDATE mounts SET seen = $seen, manifest = coalesce($manifest, manifest) WHERE session_id = $id AND name = $name",
        ("$seen", seen), ("$manifest", manifest), ("$id", mount.SessionId), ("$name", mount.Name));

    private static MountRow Map(SqliteDataReader r) => new()
    {
        SessionId = r.GetString(0),
        Name = r.GetString(1),
        ContextId = r.GetString(2),
        Path = r.GetString(3),
        Policy = StoredPolicy.Read(r.GetString(4)),
        Kind = Enum.Parse<MountKind>(r.GetString(5)),
        Stack = r.GetString(6),
        Seen = CatalogTransaction.OptionalLong(r, 7),
        Manifest = CatalogTransaction.OptionalText(r, 8),
        Version = CatalogTransaction.OptionalLong(r, 9),
        IsReadOnly = r.GetInt64(10) != 0,
        Step = CatalogTransaction.OptionalText(r, 11) is { } step ? Enum.Parse<MountStep>(step) : null,
        Forks = CatalogTransaction.OptionalText(r, 12) ?? "",
        IsOfFork = CatalogTransaction.OptionalLong(r, 13) == 1,
    };
}
