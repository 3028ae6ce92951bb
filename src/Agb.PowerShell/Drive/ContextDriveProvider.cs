using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Provider;
using Agb.PowerShell.Files;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Drive;

/// <summary>The provider of the drive <c>agb:</c>: its root holds the contexts of a service, and each of them its files.
/// PowerShell makes an instance for each call, so nothing is kept here; and the drive is there without any service being
/// opened.</summary>
[CmdletProvider(ProviderName, ProviderCapabilities.ShouldProcess)]
[OutputType(typeof(AgbContext), typeof(AgbContextFile), ProviderCmdlet = "Get-Item")]
[OutputType(typeof(AgbContext), typeof(AgbContextFile), ProviderCmdlet = "Get-ChildItem")]
public sealed partial class ContextDriveProvider : NavigationCmdletProvider
{
    /// <summary>The provider's name, for New-PSDrive.</summary>
    public const string ProviderName = "AgbContext";

    private readonly CancellationTokenSource _stop = new();

    /// <inheritdoc/>
    protected override Collection<PSDriveInfo> InitializeDefaultDrives() =>
        [new ContextDriveInfo(new PSDriveInfo("agb", ProviderInfo, DrivePath.Root("agb"), "The contexts of the Agb service", null), null)];

    /// <inheritdoc/>
    protected override object NewDriveDynamicParameters() => new ContextDriveParameters();

    /// <inheritdoc/>
    protected override PSDriveInfo NewDrive(PSDriveInfo drive)
    {
        ArgumentNullException.ThrowIfNull(drive);
        return drive as ContextDriveInfo
            ?? new ContextDriveInfo(
                new PSDriveInfo(drive.Name, drive.Provider, DrivePath.Root(drive.Name), drive.Description, drive.Credential),
                (DynamicParameters as ContextDriveParameters)?.Connection);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    protected override bool IsValidPath(string path) => true;

    /// <inheritdoc/>
    protected override bool ItemExists(string path) => Ask(token => FindAsync(DrivePath.Parse(path), token)) is not null;

    /// <inheritdoc/>
    protected override bool IsItemContainer(string path) => Ask(token => FindAsync(DrivePath.Parse(path), token)) is { IsContainer: true };

    /// <inheritdoc/>
    protected override bool HasChildItems(string path) => Ask(async token =>
    {
        await foreach (var _ in ChildrenAsync(DrivePath.Parse(path), recurse: false, token).ConfigureAwait(false))
        {
            return true;
        }
        return false;
    });

    /// <inheritdoc/>
    protected override void GetItem(string path) => Do(path, async token =>
    {
        var found = await RequireAsync(DrivePath.Parse(path), token).ConfigureAwait(false);
        return () => Write(found);
    });

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse) => GetChildItems(path, recurse, uint.MaxValue);

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse, uint depth)
    {
        var drivePath = DrivePath.Parse(path);
        ForEach(
            path,
            token => ItemsAsync(drivePath, recurse, token),
            item =>
            {
                if (item.Path.Depth - drivePath.Depth - 1 <= depth)
                {
                    Write(item);
                }
            });
    }

    /// <inheritdoc/>
    protected override void GetChildNames(string path, ReturnContainers returnContainers) => ForEach(
        path,
        token => ChildrenAsync(DrivePath.Parse(path), recurse: false, token),
        item => WriteItemObject(item.Name, item.Path.ToString(), item.IsContainer));

    /// <summary>What a path of the drive holds.</summary>
    /// <param name="Path">The path.</param>
    /// <param name="Value">The context or the file; null for the root.</param>
    private sealed record Item(DrivePath Path, AgbObject? Value)
    {
        public bool IsContainer => Value is not AgbContextFile { Type: not AgbFileType.Directory };

        public string Name => Path.IsContext ? Path.Context! : ContextPath.Name(Path.Path);
    }

    /// <summary>The service of the drive or the mark that a path names; a path from the pipeline comes without PowerShell's knowing
    /// the drive. A path of neither is the current drive's, or the environment's.</summary>
    /// <exception cref="AgbException">ServiceNotAvailable, when there is no such drive or service: never another one in its place.</exception>
    private IAgbService Service(DrivePath path)
    {
        if (path.Drive.Length == 0)
        {
            return (PSDriveInfo as ContextDriveInfo)?.Service ?? ServiceResolver.Default();
        }
        var named = ProviderInfo.Drives.FirstOrDefault(d => string.Equals(d.Name, path.Drive, StringComparison.OrdinalIgnoreCase));
        return (named ?? PSDriveInfo) is ContextDriveInfo drive && string.Equals(drive.Name, path.Drive, StringComparison.OrdinalIgnoreCase)
            ? drive.Service
            : ServiceMark.IsMark(path.Drive) ? ServiceMark.Find(path.Drive)
            : throw new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.NotFound, $"The path '{path}' is on a drive '{path.Drive}' of contexts, which is not there.",
                $"Make the drive: New-PSDrive {path.Drive} -PSProvider {ProviderName} -Root / -Connection <connection>.", path.ToString());
    }

    private async Task<ContextView> ViewAsync(DrivePath path, CancellationToken token)
    {
        var service = Service(path);
        return new ContextView(service, await service.GetContextAsync(path.Context!, token).ConfigureAwait(false), null);
    }

    /// <summary>What is at a path, or null.</summary>
    private async Task<Item?> FindAsync(DrivePath path, CancellationToken token)
    {
        if (path.IsRoot)
        {
            return new Item(path, null);
        }
        try
        {
            var view = await ViewAsync(path, token).ConfigureAwait(false);
            return path.IsContext ? new Item(path, view.Context)
                : await view.FindAsync(LinuxPath.Normalize(path.Path), token).ConfigureAwait(false) is { } file ? new Item(path, file)
                : null;
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.ContextNotFound or AgbErrorIds.InvalidPath)
        {
            return null;
        }
    }

    private async Task<Item> RequireAsync(DrivePath path, CancellationToken token) =>
        await FindAsync(path, token).ConfigureAwait(false)
        ?? throw (path.IsContext ? AgbErrors.ContextNotFound(path.Context!) : AgbErrors.FileNotFound(path.Context!, path.Path));

    /// <summary>What is in a container; a file is its own only item, as it is for Get-ChildItem of the file system.</summary>
    private async IAsyncEnumerable<Item> ItemsAsync(
        DrivePath path, bool recurse, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        var item = await RequireAsync(path, token).ConfigureAwait(false);
        if (!item.IsContainer)
        {
            yield return item;
            yield break;
        }
        await foreach (var child in ChildrenAsync(path, recurse, token).ConfigureAwait(false))
        {
            yield return child;
        }
    }

    private async IAsyncEnumerable<Item> ChildrenAsync(
        DrivePath path, bool recurse, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        if (!path.IsRoot)
        {
            var view = await ViewAsync(path, token).ConfigureAwait(false);
            await foreach (var file in view.ListAsync(LinuxPath.Normalize(path.Path), recurse, token).ConfigureAwait(false))
            {
                yield return new Item(path with { Path = file.Path }, file);
            }
            yield break;
        }
        await foreach (var context in Service(path).ListContextsAsync(token).ConfigureAwait(false))
        {
            // A name with a slash would be two names in a path, and one with a colon a drive; the id is neither.
            var child = path with { Context = context.Name.IndexOfAny(['/', '\\', ':']) >= 0 ? context.Id : context.Name };
            yield return new Item(child, context);
            if (recurse)
            {
                await foreach (var below in ChildrenAsync(child, recurse, token).ConfigureAwait(false))
                {
                    yield return below;
                }
            }
        }
    }

    /// <summary>Writes an item. Cmdlets such as Remove-Item take the property Path from the pipeline before they look at
    /// PSPath, and would take a path in a context for one of this machine: so a file of the drive says where it is there.</summary>
    private void Write(Item item)
    {
        var path = item.Path.ToString();
        var shown = PSObject.AsPSObject((object?)item.Value ?? PSDriveInfo);
        if (item.Value is AgbContextFile)
        {
            shown.Properties.Add(new PSNoteProperty("Path", WildcardPattern.Escape(path)), preValidated: true);
        }
        WriteItemObject(shown, path, item.IsContainer);
    }

    /// <summary>Asks the service, apart from this thread, and waits. What fails is the caller's.</summary>
    private T Ask<T>(Func<CancellationToken, Task<T>> question) => Task.Run(() => question(_stop.Token)).GetAwaiter().GetResult();

    /// <summary>Does work apart from this thread, then on this thread what it answers. A failure is an error of the path.</summary>
    private void Do(string path, Func<CancellationToken, Task<Action>> work)
    {
        try
        {
            Ask(work)();
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

    /// <summary>Does something on this thread with each of what the service lists, as it comes.</summary>
    private void ForEach(string path, Func<CancellationToken, IAsyncEnumerable<Item>> list, Action<Item> write) => Do(path, async token =>
    {
        var items = list(token).GetAsyncEnumerator(token);
        try
        {
            // The first one tells whether the list can be read at all.
            var has = await items.MoveNextAsync().ConfigureAwait(false);
            return () => WriteAll(items, has, write);
        }
        catch
        {
            await items.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    });

    private void WriteAll(IAsyncEnumerator<Item> items, bool has, Action<Item> write)
    {
        try
        {
            for (; has && !Stopping; has = Ask(_ => items.MoveNextAsync().AsTask()))
            {
                write(items.Current);
            }
        }
        finally
        {
            Ask(async _ =>
            {
                await items.DisposeAsync().ConfigureAwait(false);
                return true;
            });
        }
    }
}
