using System.Diagnostics;

namespace Agb.Engine;

/// <summary>Before an upload, has the upper directory of an overlay hold every name of the files that were changed by one of them.</summary>
internal sealed class LinkedNames(StorePaths paths)
{
    private static readonly TimeSpan s_mostWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Brings the names up; does nothing where the overlay keeps no index. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="mount">How it is mounted.</param>
    /// <param name="sandboxOf">The sandbox that has it mounted, or null; where that has ended, the overlay is mounted once more.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The overlay can't be mounted.</exception>
    internal void BringUp(MountRow row, IContextMount mount, Func<SandboxHandle?> sandboxOf, CancellationToken cancellationToken)
    {
        var directory = paths.Mount(row.SessionId, row.Name);
        if (mount.Marks != OverlayMarks.Trusted || !Directory.Exists(Path.Combine(directory, mount.TreeName)))
        {
            return;
        }
        using var layers = Fd.OpenDirectory(paths.Layers);
        var inodes = OverlayLinkIndex.Inodes(Path.Combine(directory, "work"), layers);
        if (inodes.Count == 0)
        {
            return;
        }
        using var merged = (sandboxOf() is { } sandbox ? TryOpenLive(sandbox, row.Path) : null) ?? Mount(row, cancellationToken);
        BringUp(merged, "", 0, merged.Stat().Device, inodes, cancellationToken);
    }

    // Names that a session removes meanwhile are left out.
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
                catch (PosixException e) when (e.Errno == PosixException.ETXTBSY && directory.TryStatAt(name) is { } running)
                {
                    // A program that runs can't be opened for writing; a change of its mode to the same brings it up too.
                    directory.ChmodAt(name, running.Permissions);
                }
                catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ELOOP or PosixException.EISDIR or PosixException.ENXIO)
                {
                    // A running session removed or replaced it.
                }
            }
            else if (kind == EntryKind.Directory)
            {
                using var child = directory.TryOpenDirectoryAt(name, out _);
                // Not into another mount of the session.
                if (child is not null && child.Stat().Device == device)
                {
                    BringUp(child, Raw.Join(path, name), depth + 1, device, inodes, cancellationToken);
                }
            }
        }
    }

    private static Fd? TryOpenLive(SandboxHandle sandbox, string path)
    {
        try
        {
            return LiveTree.Open(sandbox, path);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotRunning)
        {
            // It has ended, and its mounts with it.
            return null;
        }
    }

    /// <summary>Mounts the overlay as the session had it, where nothing else sees it: with the thread its namespace goes, and with the
    /// descriptor the mount.</summary>
    private Fd Mount(MountRow row, CancellationToken cancellationToken)
    {
        var session = paths.Session(row.SessionId);
        var target = Path.Combine(row.Name, "merged");
        using var view = MountView.Open(paths, row);
        var options = OverlayOptions.Build(
            row.Name, OverlayMarks.Trusted, links: true, Enumerable.Range(0, view.Paths.Count).Select(i => $"{row.Name}/l{i}"));
        // The kernel mounts a volatile overlay once; what a cut of the power could have torn is not uploaded in this way.
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

    /// <summary>Tries again as long as the kernel, or a program that is being started with a copy of a descriptor, still holds the session's
    /// own mount.</summary>
    private static void WhileBusy(Action work, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                work();
                return;
            }
            catch (IOException e) when (e.HResult == PosixException.EBUSY && Stopwatch.GetElapsedTime(began) < s_mostWait)
            {
                // Once more.
            }
            cancellationToken.WaitHandle.WaitOne(s_poll);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
