using System.Text.Json;

namespace Agb.Engine;

/// <summary>Handles of sandboxes in the catalog.</summary>
internal static class SessionHandles
{
    /// <summary>The handle of a session's running sandbox, or null. Each call reads it from its JSON.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static SandboxHandle? Handle(this SessionRow row)
    {
        try
        {
            return SandboxHandle.Parse(row.Sandbox);
        }
        catch (JsonException e)
        {
            throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The catalog has an invalid sandbox for the session '{row.Id}': {e.Message}",
                "Run a check of the store (fsck of the server). Restore the AGB home directory from a backup.", row.Id, e);
        }
    }

    /// <summary>Throws for a damaged handle.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static void Check(SessionRow row) => _ = row.Handle();
}
