namespace Agb.Sandbox;

/// <summary>Opens directories in the view of a running session.</summary>
internal static class SessionRootView
{
    /// <summary>Opens a path inside a sandbox. No link is followed, so that links of the session can't lead the engine
    /// elsewhere.</summary>
    internal static Fd Open(SandboxHandle sandbox, string path)
    {
        var root = OpenRoot(sandbox);
        using var cursor = new DirectoryCursor(root);
        using (root)
        {
            return cursor.At(BytePath.FromText(path)).OpenDirectoryAt(".");
        }
    }

    private static Fd OpenRoot(SandboxHandle sandbox)
    {
        Fd? root = null;
        try
        {
            root = Fd.OpenDirectory($"/proc/{sandbox.InitPid}/root");
        }
        catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ESRCH)
        {
            // Reported below.
        }
        // Checked after opening: if the session lives now, it lived when its root was opened. Otherwise the pid may
        // belong to another process, with the root of the host.
        if (root is not null && sandbox.IsAlive)
        {
            return root;
        }
        root?.Dispose();
        throw new AgbException(
            AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState, "The session has ended, so nothing can be downloaded into it.")
        {
            Advice = AgbAdvice.CreateSession,
        };
    }
}
