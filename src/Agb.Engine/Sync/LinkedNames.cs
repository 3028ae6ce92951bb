using System.Diagnostics;

namespace Agb.Engine;

/// <summary>Before an upload, copies up all names of hard-linked files with a change through one name.</summary>
internal sealed class LinkedNames(StorePaths paths)
{
    private static readonly TimeSpan s_mostWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Copies the names up; does nothing for an overlay without an index. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="mount">The mount method.</param>
    /// <param name="sandboxOf">The sandbox of the mount, or null; if the sandbox has ended, the overlay is mounted again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The overlay can't be mounted.</exception>
    /// <returns>The inodes of these files in the layers.</returns>
    internal HashSet<ulong> BringUp(MountRow row, IContextMount mount, Func<SandboxHandle?> sandboxOf, CancellationToken cancellationToken)
    {
        var inodes = Inodes(row, mount);
        if (inodes.Count > 0)
        {
            using var merged = (sandboxOf() is { } sandbox ? TryOpenLive(sandbox, row.Path) : null) ?? Mount(row, cancellationToken);
            BringUp(merged, "", 0, merged.Stat().Device, inodes, cancellationToken);
        }
        return inodes;
    }

    /// <summary>The files with a change through one of several names: their inodes in the layers.</summary>
    internal HashSet<ulong> Inodes(MountRow row, IContextMount mount)
    {
        var directory = paths.Mount(row.SessionId, row.Name);
        if (mount.Marks != OverlayMarks.Trusted || !Directory.Exists(Path.Combine(directory, mount.TreeName)))
        {
            return [];
        }
        using var layers = Fd.OpenDirectory(paths.Layers);
        return OverlayLinkIndex.Inodes(Path.Combine(directory, "work"), layers);
    }

    // Skips names removed by the session in the meantime.
    private static void BringUp(Fd directory, string path, int depth, ulong device, HashSet<ulong> inodes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TreeScanner.RequireDepth(path, depth);
        foreach (var (name, kind, inode) in DirectoryReader.Inodes(directory))
        {
            if (kind == EntryKind.File && inodes.Contains(inode))
            {
                try
                {
                    directory.BringUpAt(name);
                }
                catch (PosixException e) when (e.Errno == Errno.ETXTBSY && directory.TryStatAt(name) is { } running)
                {
                    // A running program can't be opened for writing; setting its mode to the same value copies it up too.
                    directory.ChmodAt(name, running.Permissions);
                }
                catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ELOOP or Errno.EISDIR or Errno.ENXIO)
                {
                    // Removed or replaced by a running session.
                }
            }
            else if (kind == EntryKind.Directory)
            {
                using var child = directory.TryOpenDirectoryAt(name, out _);
                // Other mounts of the session are skipped.
                if (child is not null && child.Stat().Device == device)
                {
                    BringUp(child, BytePath.Join(path, name), depth + 1, device, inodes, cancellationToken);
                }
            }
        }
    }

    private static Fd? TryOpenLive(SandboxHandle sandbox, string path)
    {
        try
        {
            return SessionRootView.Open(sandbox, path);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotRunning)
        {
            // The sandbox has ended, and its mounts with it.
            return null;
        }
    }

    /// <summary>Mounts the overlay as in the session, in a private namespace. The namespace ends with the thread, the mount with
    /// the descriptor.</summary>
    private Fd Mount(MountRow row, CancellationToken cancellationToken)
    {
        var session = paths.Session(row.SessionId);
        var target = Path.Combine(row.Name, "merged");
        using var view = MountView.Open(paths, row);
        var options = OverlayOptions.Build(
            row.Name, OverlayMarks.Trusted, links: true, Enumerable.Range(0, view.Paths.Count + LayerStack.Parse(row.Forks).Length).Select(i => $"{row.Name}/l{i}"));
        options = row.Forks.Length == 0 ? options : OverlayOptions.WithoutRenames(options);
        // The kernel mounts a volatile overlay only once; trees in doubt after a power cut are not uploaded this way.
        TreeRemover.Remove(Path.Combine(session, row.Name, "work", "work", "incompat"));
        Fd? merged = null;
        SpawnThread.Start(
            () =>
            {
                PrivateMounts.Enter();
                PrivateMounts.ChangeDirectory(session);
                WhileBusy(() => PrivateMounts.Mount("overlay", target, "overlay", MountFlags.None, options), cancellationToken);
                merged = Fd.OpenDirectory(Path.Combine(session, target));
            },
            () => 0);
        return merged!;
    }

    /// <summary>Retries while the session's own mount is still held by the kernel, or by a starting program with an inherited
    /// descriptor.</summary>
    private static void WhileBusy(Action work, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                work();
                return;
            }
            catch (IOException e) when (e.HResult == Errno.EBUSY && Stopwatch.GetElapsedTime(began) < s_mostWait)
            {
                // Tried again below.
            }
            cancellationToken.WaitHandle.WaitOne(s_poll);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
