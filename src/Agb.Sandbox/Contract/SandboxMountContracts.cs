namespace Agb.Sandbox;

/// <summary>A context mount in a running sandbox, as the kernel lists it.</summary>
/// <param name="Name">The mount's directory below the session directory.</param>
/// <param name="Path">Its present path in the sandbox; the session may have renamed a directory above it.</param>
/// <param name="Id">The kernel's number of the mount.</param>
/// <param name="IsCopy">Whether it is a copy, not an overlay.</param>
/// <param name="IsReadOnly">Whether programs can't write to it.</param>
/// <param name="IsTop">Whether no other context mount lies over it.</param>
internal sealed record MountedContext(string Name, string Path, string Id, bool IsCopy, bool IsReadOnly, bool IsTop);

/// <summary>Changes the context mounts of a running sandbox. Blocking: some system calls, or for an ordinary user a short program.</summary>
internal interface ISandboxMounts
{
    /// <summary>Attaches mounts whose directories are prepared, in their order. After a failure none of them is attached.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="sessionDirectory">The session's directory.</param>
    /// <param name="mounts">The mounts; missing directories of their paths are made.</param>
    /// <exception cref="AgbException">MountFailed, SessionNotRunning, HostNotReady, TooManyLayers.</exception>
    void Attach(SandboxHandle sandbox, string sessionDirectory, IReadOnlyList<SandboxMount> mounts);

    /// <summary>Puts a mount in the place of another: each look-up sees the old tree or the new one. Open files keep the old one.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="sessionDirectory">The session's directory.</param>
    /// <param name="mount">The prepared mount; it gets the place of the other.</param>
    /// <param name="replaced">The name of the other mount.</param>
    /// <returns>Whether no program uses the other mount any more.</returns>
    /// <exception cref="AgbException">MountFailed, SessionNotRunning, HostNotReady, TooManyLayers.</exception>
    bool Replace(SandboxHandle sandbox, string sessionDirectory, SandboxMount mount, string replaced);

    /// <summary>Takes a mount away: at once for look-ups, at the end of its last user for the kernel. Does nothing if it is not there.</summary>
    /// <returns>Whether no program uses it any more.</returns>
    /// <exception cref="AgbException">MountFailed, SessionNotRunning, HostNotReady.</exception>
    bool Detach(SandboxHandle sandbox, string sessionDirectory, string name);

    /// <summary>Makes a mount read-only, or writable again.</summary>
    /// <returns>False if a program has one of its files open for writing.</returns>
    /// <exception cref="AgbException">MountFailed, SessionNotRunning, HostNotReady.</exception>
    bool TrySetReadOnly(SandboxHandle sandbox, string sessionDirectory, string name, bool isReadOnly);

    /// <summary>The programs with a file of a mount open for writing, for messages.</summary>
    /// <exception cref="AgbException">MountFailed, SessionNotRunning.</exception>
    IReadOnlyList<string> Writers(SandboxHandle sandbox, string sessionDirectory, string name);

    /// <summary>The context mounts as the kernel lists them.</summary>
    /// <exception cref="AgbException">SessionNotRunning.</exception>
    IReadOnlyList<MountedContext> Read(SandboxHandle sandbox, string sessionDirectory);
}
