namespace Agb.Engine;

/// <summary>Handles of sandboxes in the catalog.</summary>
internal static class SessionHandles
{
    /// <summary>The handle of a session's running sandbox, or null.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static SandboxHandle? Handle(this SessionRow row) => SandboxHandle.Parse(row.Sandbox);
}
