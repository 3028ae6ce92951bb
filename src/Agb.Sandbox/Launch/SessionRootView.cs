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

    /// <summary>Opens the place of a mount inside a sandbox, and makes missing directories on the way for the session's user. No link
    /// is followed.</summary>
    /// <exception cref="PosixException">ENOTDIR: a part of the path is a link or a file.</exception>
    internal static Fd OpenPlace(SandboxHandle sandbox, string path, bool make)
    {
        using var root = OpenRoot(sandbox);
        using var cursor = new DirectoryCursor(root, (parent, name, _) => OpenOrMake(parent, name, make));
        return OpenOrMake(cursor.At(BytePath.FromText(path)), ".", make: false);
    }

    private static Fd OpenOrMake(Fd parent, string name, bool make)
    {
        if (parent.TryOpenPlaceAt(name, out var errno) is { } found)
        {
            return found;
        }
        if (!make || errno != Errno.ENOENT)
        {
            throw new PosixException("open", BytePath.Join(parent.Path, name), errno);
        }
        SessionOwner.MakeDirectory(parent, name).Dispose();
        return parent.TryOpenPlaceAt(name, out errno) ?? throw new PosixException("open", BytePath.Join(parent.Path, name), errno);
    }

    private static Fd OpenRoot(SandboxHandle sandbox)
    {
        Fd? root = null;
        try
        {
            root = Fd.OpenDirectory($"/proc/{sandbox.InitPid}/root");
        }
        catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ESRCH)
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
