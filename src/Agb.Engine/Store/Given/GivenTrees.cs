using Agb.Engine.Catalog;
using Agb.Engine.Native;
using Agb.Engine.Store.Mounts;
using Agb.Engine.Sync;

namespace Agb.Engine.Store.Given;

/// <summary>Makes what a mount's policy has a session see in place of what is stored: a layer beside the mount's directory,
/// which lies on top of the stored ones. A policy that shows all as it is stored needs none, and costs nothing.</summary>
internal sealed class GivenTrees(StorePaths paths)
{
    /// <summary>Makes the layer that a new mount needs.</summary>
    internal void Prepare(MountRow row, CancellationToken cancellationToken) =>
        Make(row, row.Stack, paths.Given(row.SessionId, row.Name), cancellationToken);

    /// <summary>Makes the layer for another version than the one that the session was started with.</summary>
    /// <returns>The view with the layer on top; disposing of it removes the layer.</returns>
    internal GivenView Open(MountRow row, string stack, CancellationToken cancellationToken)
    {
        var directory = paths.Given(row.SessionId, row.Name) + "-" + RandomId.New();
        try
        {
            Make(row, stack, directory, cancellationToken);
            return new GivenView(MountView.Open(paths, stack, row.Origin, directory), directory);
        }
        catch
        {
            TreeRemover.Remove(directory);
            throw;
        }
    }

    private void Make(MountRow row, string stack, string directory, CancellationToken cancellationToken)
    {
        var filter = PathFilter.Of(row.Policy, row.Path);
        if (stack.Length == 0 || filter.IsAll)
        {
            return;
        }
        using var stored = MountView.Open(paths, stack, row.Origin);
        GivenWriter? writer = null;
        try
        {
            foreach (var path in new WhiteListMask(filter, cancellationToken).Hidden(stored))
            {
                writer ??= new GivenWriter(directory, stored);
                writer.Hide(path);
            }
            writer?.Finish();
        }
        finally
        {
            writer?.Dispose();
        }
    }
}

/// <summary>A view with a layer that lives as long as it.</summary>
internal sealed class GivenView(MergedDirectory root, string directory) : IDisposable
{
    internal MergedDirectory Root => root;

    /// <summary>Whether the layer holds files of its own.</summary>
    internal bool IsUnpacked { get; init; }

    /// <summary>What could not be unpacked, a line each.</summary>
    internal IReadOnlyList<string> Warnings { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        root.Dispose();
        TreeRemover.Remove(directory);
    }
}
