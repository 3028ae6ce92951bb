namespace Agb.Sandbox;

/// <summary>Tells whether the last user of a mount is gone, after it was taken away. The kernel tells it of an overlay; the files of a copy
/// lie on a file system of the host, so its users are looked for.</summary>
internal sealed class EndOfMount : IDisposable
{
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(50);

    private readonly UnmountWatch? _watch;
    private readonly bool _isUnused;

    private EndOfMount(UnmountWatch? watch, bool isUnused)
    {
        _watch = watch;
        _isUnused = isUnused;
    }

    /// <summary>Begins before the mount is taken away.</summary>
    public static EndOfMount Watch(SandboxHandle sandbox, MountedContext mount)
    {
        if (mount.IsCopy)
        {
            return new(null, !MountUsers.Any(sandbox, mount));
        }
        try
        {
            using var root = SessionRootView.OpenPlace(sandbox, mount.Path, make: false);
            return new(UnmountWatch.TryBegin(root), isUnused: false);
        }
        catch (PosixException)
        {
            // A place out of reach can't be taken away either; that call has the error.
            return new(null, isUnused: false);
        }
    }

    /// <summary>Whether no program uses the mount any more; false if that is not known.</summary>
    public bool HasCome() => _isUnused || _watch?.HasEnded(s_wait) == true;

    /// <inheritdoc/>
    public void Dispose() => _watch?.Dispose();
}
