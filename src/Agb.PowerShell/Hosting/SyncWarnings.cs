namespace Agb.PowerShell.Hosting;

/// <summary>What the user should know of a sync, as texts of warnings.</summary>
internal static class SyncWarnings
{
    internal static IEnumerable<string> Of(AgbSyncStatus task) =>
        task.Warnings.Select(w => $"Session '{task.SessionId}', '{task.Path}': {w}");
}
