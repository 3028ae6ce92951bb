using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>Lists the root, contexts and directories. It caches recent listings of directories with the version of their
/// context. A version never changes, so a listing is valid while its version is the newest. Services without versions are called
/// each time.</summary>
internal sealed class DriveListing
{
    private const int MostListings = 16;
    private const int MostFiles = 50_000;

    private static readonly ConditionalWeakTable<IAgbService, DriveListing> s_caches = [];

    private readonly Lock _gate = new();
    private readonly List<Listing> _newestFirst = [];

    /// <summary>The items at a place of the newest version.</summary>
    internal static async IAsyncEnumerable<DriveItem> ChildrenAsync(
        IAgbService service, DrivePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (path.IsRoot)
        {
            await foreach (var context in service.ListContextsAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return new DriveItem(path.OfContext(context), context);
            }
            yield break;
        }
        var view = new ContextView(service, await service.FindContextAsync(path.Context!, cancellationToken).ConfigureAwait(false), null);
        var files = s_caches.GetOrCreateValue(service).OfAsync(view, LinuxPath.NormalizeFile(path.Path), cancellationToken);
        await foreach (var file in files.ConfigureAwait(false))
        {
            yield return new DriveItem(path with { Path = file.Path }, file);
        }
    }

    /// <summary>The items at a place of the newest version and below it, each directory before its content.</summary>
    internal static async IAsyncEnumerable<DriveItem> BelowAsync(
        IAgbService service, DrivePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (path.IsRoot)
        {
            await foreach (var context in ChildrenAsync(service, path, cancellationToken).ConfigureAwait(false))
            {
                yield return context;
                await foreach (var below in BelowAsync(service, context.Path, cancellationToken).ConfigureAwait(false))
                {
                    yield return below;
                }
            }
            yield break;
        }
        var view = new ContextView(service, await service.FindContextAsync(path.Context!, cancellationToken).ConfigureAwait(false), null);
        await foreach (var file in view.ListAsync(LinuxPath.NormalizeFile(path.Path), recurse: true, cancellationToken).ConfigureAwait(false))
        {
            yield return new DriveItem(path with { Path = file.Path }, file);
        }
    }

    private async IAsyncEnumerable<AgbContextFile> OfAsync(
        ContextView view, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Before the files: a change meanwhile creates another version, and the listing is read again.
        var version = await NewestAsync(view, cancellationToken).ConfigureAwait(false);
        var key = (view.Context.Id, path);
        if (version is { } number && Find(key, number) is { } kept)
        {
            foreach (var file in kept.Files)
            {
                yield return file;
            }
            yield break;
        }
        var files = version is null ? null : new List<AgbContextFile>();
        await foreach (var file in view.ListAsync(path, recurse: false, cancellationToken).ConfigureAwait(false))
        {
            if (files?.Count == MostFiles)
            {
                files = null;
            }
            files?.Add(file);
            yield return file;
        }
        if (files is not null)
        {
            Keep(new Listing(key, version!.Value, files));
        }
    }

    private static async Task<long?> NewestAsync(ContextView view, CancellationToken cancellationToken)
    {
        var capabilities = await view.Service.GetCapabilitiesAsync(cancellationToken).ConfigureAwait(false);
        return capabilities.HasFlag(AgbCapabilities.ContextVersions)
            ? (await view.Service.ListContextVersionsAsync(view.Context, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false))?.Version
            : null;
    }

    private Listing? Find((string, string) key, long version)
    {
        lock (_gate)
        {
            return _newestFirst.Find(l => l.Key == key && l.Version == version);
        }
    }

    private void Keep(Listing listing)
    {
        lock (_gate)
        {
            _newestFirst.RemoveAll(l => l.Key == listing.Key);
            _newestFirst.Insert(0, listing);
            while (_newestFirst.Count > MostListings || _newestFirst.Sum(l => l.Files.Count) > MostFiles)
            {
                _newestFirst.RemoveAt(_newestFirst.Count - 1);
            }
        }
    }

    private sealed record Listing((string Context, string Path) Key, long Version, List<AgbContextFile> Files);
}
