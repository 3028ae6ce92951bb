using Agb.Engine.Catalog;
using Agb.Engine.Native;
using Agb.Engine.Sandbox;
using Agb.Engine.Store;
using Agb.Engine.Store.Given;
using Agb.Engine.Store.Mounts;

namespace Agb.Engine.Sync;

/// <summary>Brings what others uploaded into a running session. A file that the session changed since is never replaced
/// or removed; it is named in the result.</summary>
internal sealed class DownloadExecutor(StorePaths paths, CatalogDb catalog, TimeProvider time, GivenTrees given, Func<MountKind, IContextMount> mounts)
{
    /// <summary>Downloads into one mount. The caller holds the session's lock.</summary>
    internal async Task<UploadResult> DownloadAsync(MountRow row, SyncProgress progress, CancellationToken cancellationToken)
    {
        // Taken before the stack is read: a layer that compaction drops meanwhile would look like deleted files.
        using var reading = await FileLock.AcquireAsync(paths.CollectionLock, time, cancellationToken, shared: true).ConfigureAwait(false);
        var (head, headStack, sandbox) = catalog.Read(tx =>
        {
            var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
            return (context.Head, VersionTable.HeadStack(tx, context), SessionTable.Find(tx, row.SessionId)?.Sandbox);
        });
        var mount = mounts(row.Kind);
        var directory = paths.Mount(row.SessionId, row.Name);
        using var tree = Fd.OpenDirectory(Path.Combine(directory, mount.TreeName));
        using var live = mount.IsOverlay
            ? LiveTree.Open(sandbox ?? throw AgbErrors.SessionNotFound(row.SessionId), row.Path)
            : Fd.OpenDirectory(Path.Combine(directory, mount.TreeName));
        using var old = MountView.Open(paths, row);
        using var wanted = given.Open(row, headStack, cancellationToken);
        var known = row.Manifest is null ? mount.FirstManifest(row) : Manifest.Load(Path.Combine(directory, "manifest." + row.Manifest));
        var merge = new DownloadMerge(live, tree, known, mount.IsOverlay, progress, cancellationToken);
        var seen = row.Seen;
        try
        {
            merge.Apply(old, wanted.Root);
            seen = merge.Kept.Count == 0 ? head : null;
        }
        finally
        {
            // Of a download that is cut short as well: what it brought must not pass for the session's own work.
            var id = RandomId.New();
            known.Save(Path.Combine(directory, "manifest." + id));
            catalog.WriteLazily(tx => MountTable.SetUploaded(tx, row, seen, id));
        }
        return new UploadResult(head, merge.Files, merge.Bytes, merge.Kept);
    }
}

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
