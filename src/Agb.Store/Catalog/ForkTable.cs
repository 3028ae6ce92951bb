namespace Agb.Store;

/// <summary>Fork layers of sessions: for each part of a session (a mount, or a private directory) the layers between its own
/// changes and the rest, topmost first. A row protects its layers from removal.</summary>
internal static class ForkTable
{
    internal static void Put(CatalogTransaction tx, string sessionId, string part, string layers) => tx.Execute(
        "INSERT OR REPLACE INTO session_forks (session_id, part, layers) VALUES ($session, $part, $layers)",
        ("$session", sessionId), ("$part", part), ("$layers", layers));

    /// <summary>The layers of a session by part.</summary>
    internal static Dictionary<string, string> OfSession(CatalogTransaction tx, string sessionId) => tx.Query(
        "SELECT part, layers FROM session_forks WHERE session_id = $id", r => (Part: r.GetString(0), Layers: r.GetString(1)), ("$id", sessionId))
        .ToDictionary(p => p.Part, p => p.Layers, StringComparer.Ordinal);

    /// <summary>All rows: session, part and layers.</summary>
    internal static List<(string SessionId, string Part, string Layers)> All(CatalogTransaction tx) => tx.Query(
        "SELECT session_id, part, layers FROM session_forks ORDER BY session_id, part", r => (r.GetString(0), r.GetString(1), r.GetString(2)));

    internal static void DeleteOf(CatalogTransaction tx, string sessionId) =>
        tx.Execute("DELETE FROM session_forks WHERE session_id = $id", ("$id", sessionId));
}
