using System.Management.Automation;
using System.Threading.Channels;

namespace Agb.PowerShell;

/// <content>Service calls, on pool threads while the pipeline's thread waits.</content>
public sealed partial class ContextDriveProvider
{
    private const int ItemsAhead = 1024;

    // PowerShell asks one instance whether an item exists, whether it is a container, and then for the item.
    private readonly Dictionary<string, DriveItem?> _seen = new(StringComparer.Ordinal);

    /// <summary>The service of a path.</summary>
    private IAgbService Service(DrivePath path)
    {
        ServiceResolver.Directory = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        return DriveServices.Of(path, ProviderInfo, PSDriveInfo);
    }

    private async Task<ContextView> ViewAsync(DrivePath path, CancellationToken token)
    {
        var service = Service(path);
        return new ContextView(service, await service.FindContextAsync(path.Context!, token).ConfigureAwait(false), null);
    }

    /// <summary>The item at a path as last seen by this instance, or null. The service is called once.</summary>
    private DriveItem? Known(string path)
    {
        var parsed = DrivePath.Parse(path);
        var key = parsed.ToString();
        return _seen.TryGetValue(key, out var item) ? item : _seen[key] = Ask(token => FindAsync(parsed, token));
    }

    /// <summary>The item at a path, or null. A backslash separates, as everywhere in PowerShell, unless an item has exactly that
    /// name.</summary>
    private async Task<DriveItem?> FindAsync(DrivePath path, CancellationToken token) =>
        await FindExactAsync(path, token).ConfigureAwait(false)
        ?? (path.Path.Contains('\\', StringComparison.Ordinal) ? await FindExactAsync(path.Slashed, token).ConfigureAwait(false) : null);

    private async Task<DriveItem?> FindExactAsync(DrivePath path, CancellationToken token)
    {
        if (path.IsRoot)
        {
            return new DriveItem(path, null);
        }
        var service = Service(path);
        try
        {
            if (path.IsContext)
            {
                return new DriveItem(path, await service.FindContextAsync(path.Context!, token).ConfigureAwait(false));
            }
            var place = path with { Path = LinuxPath.NormalizeFile(path.Path) };
            try
            {
                return new DriveItem(place, await service.FindContextFileAsync(path.Context!, place.Path, token).ConfigureAwait(false));
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.FileNotFound)
            {
                var view = await ViewAsync(path, token).ConfigureAwait(false);
                return await view.FindDirectoryAsync(place.Path, token).ConfigureAwait(false) is { } found ? new DriveItem(place, found) : null;
            }
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.ContextNotFound or AgbErrorIds.InvalidPath)
        {
            return null;
        }
    }

    private async Task<DriveItem> RequireAsync(DrivePath path, CancellationToken token) =>
        await FindAsync(path, token).ConfigureAwait(false) ?? throw NotFound(path);

    private static AgbException NotFound(DrivePath path) =>
        path.IsContext ? AgbErrors.ContextNotFound(path.Context!) : AgbErrors.FileNotFound(path.Context!, path.Path);

    /// <summary>The path for a change: the path itself, or with separators in place of its backslashes if no item has exactly
    /// that name.</summary>
    private async Task<DrivePath> PlaceAsync(DrivePath path, CancellationToken token) =>
        path.Path.Contains('\\', StringComparison.Ordinal) && await FindExactAsync(path, token).ConfigureAwait(false) is null ? path.Slashed : path;

    /// <summary>Calls the service on another thread, and waits. The caller handles failures.</summary>
    private T Ask<T>(Func<CancellationToken, Task<T>> question) => Task.Run(() => question(_stop.Token)).GetAwaiter().GetResult();

    /// <summary>Does work on another thread, then runs its result on this thread. A failure is an error of the path.</summary>
    private void Do(string path, Func<CancellationToken, Task<Action>> work) => Try(path, () => Ask(work)());

    private void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (OperationCanceledException) when (Stopping)
        {
            throw new PipelineStoppedException();
        }
        catch (AgbException e)
        {
            WriteError(ErrorMap.ToRecord(e, path));
        }
    }

    /// <summary>Runs an action on this thread for each item of a list, as they arrive. The service reads some items
    /// ahead.</summary>
    private void ForEach(Func<CancellationToken, IAsyncEnumerable<DriveItem>> list, Action<DriveItem> use)
    {
        var items = Channel.CreateBounded<DriveItem>(new BoundedChannelOptions(ItemsAhead) { SingleReader = true, SingleWriter = true });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var reading = Task.Run(() => ReadAsync(list(end.Token), items.Writer, end.Token));
        try
        {
            while (items.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (!Stopping && items.Reader.TryRead(out var item))
                {
                    use(item);
                }
                end.Token.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Also when the pipeline ended before the list (Select-Object -First).
            end.Cancel();
            reading.GetAwaiter().GetResult();
        }
    }

    /// <summary>Reads the list into a channel. Never fails: the channel's reader gets the failure.</summary>
    private static async Task ReadAsync(IAsyncEnumerable<DriveItem> list, ChannelWriter<DriveItem> items, CancellationToken token)
    {
        try
        {
            await foreach (var item in list.ConfigureAwait(false))
            {
                await items.WriteAsync(item, token).ConfigureAwait(false);
            }
            items.Complete();
        }
        catch (Exception e)
        {
            items.Complete(e);
        }
    }
}
