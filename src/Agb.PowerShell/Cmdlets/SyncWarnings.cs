namespace Agb.PowerShell;

/// <summary>The warnings of a sync, as texts for the user.</summary>
internal static class SyncWarnings
{
    internal static IEnumerable<string> Of(AgbSyncStatus task) =>
        task.Warnings.Select(w => $"Session '{task.SessionId}', '{task.Path}': {w}");
}
