namespace Agb.Sandbox;

/// <summary>Opens a directory as a running session sees it.</summary>
internal static class LiveTree
{
    /// <summary>Opens a path inside a sandbox. Each name is opened without following links, so that nothing in the
    /// session can lead the engine elsewhere.</summary>
    internal static Fd Open(SandboxHandle sandbox, string path)
    {
        var root = OpenRoot(sandbox);
        using var cursor = new DirectoryCursor(root);
        using (root)
        {
            return cursor.At(Raw.FromText(path)).OpenDirectoryAt(".");
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
        // Looked at after opening: a process that is still the session's now was so when its root was opened. Otherwise
        // the pid may be another's, whose root is the host's own.
        if (root is not null && SandboxStopper.IsAlive(sandbox))
        {
            return root;
        }
        root?.Dispose();
        throw new AgbException(
            AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState, "The session has ended, so nothing can be downloaded into it.",
            "Create another session with New-AgbSession.");
    }
}
