using System.Collections.ObjectModel;
using System.Management.Automation.Provider;

namespace Agb.PowerShell;

/// <summary>The provider of the drive <c>agb:</c>: its root holds the contexts of a service, and each context its files.
/// PowerShell creates an instance for each call, so no state lives long. The drive exists without an open service.</summary>
[CmdletProvider(DrivePath.ProviderName, ProviderCapabilities.ShouldProcess | ProviderCapabilities.Filter)]
[OutputType(typeof(AgbContext), typeof(AgbContextFile), ProviderCmdlet = "Get-Item")]
[OutputType(typeof(AgbContext), typeof(AgbContextFile), ProviderCmdlet = "Get-ChildItem")]
public sealed partial class ContextDriveProvider : NavigationCmdletProvider
{
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
    protected override object ItemExistsDynamicParameters(string path) => new ContextTestParameters();

    /// <inheritdoc/>
    protected override bool ItemExists(string path)
    {
        try
        {
            return Known(path) is not null;
        }
        catch (AgbException e)
        {
            // PowerShell swallows exceptions here. Its next access to the item reports the failure; Test-Path makes no such
            // access.
            if (DynamicParameters is not ContextTestParameters)
            {
                return true;
            }
            WriteError(ErrorMap.ToRecord(e, path));
            return false;
        }
    }

    /// <inheritdoc/>
    protected override bool IsItemContainer(string path)
    {
        try
        {
            return Known(path) is { IsContainer: true };
        }
        catch (AgbException e)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(e, path));
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool HasChildItems(string path)
    {
        var any = false;
        Try(path, () =>
        {
            if (Known(path) is { IsContainer: true } item)
            {
                var service = Service(item.Path);
                ForEach(token => DriveListing.ChildrenAsync(service, item.Path, token).Take(1), _ => any = true);
            }
        });
        return any;
    }

    /// <inheritdoc/>
    protected override void GetItem(string path) => Try(path, () =>
    {
        var item = Known(path) ?? throw NotFound(DrivePath.Parse(path));
        // Get-ChildItem reads pattern matches through this method.
        if (DynamicParameters is not ContextChildParameters asked || asked.Wants(item))
        {
            Write(item);
        }
    });

    /// <inheritdoc/>
    protected override object GetChildItemsDynamicParameters(string path, bool recurse) => new ContextChildParameters();

    /// <inheritdoc/>
    protected override object GetChildNamesDynamicParameters(string path) => new ContextChildNameParameters();

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse) => GetChildItems(path, recurse, uint.MaxValue);

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse, uint depth) => Try(path, () =>
    {
        if (Known(path) is not { IsContainer: true } container)
        {
            // A file is its own only child, as for Get-ChildItem of the file system.
            GetItem(path);
            return;
        }
        var asked = DynamicParameters as ContextChildParameters;
        var filter = FilterPattern();
        var service = Service(container.Path);
        ForEach(
            token => recurse ? DriveListing.BelowAsync(service, container.Path, token) : DriveListing.ChildrenAsync(service, container.Path, token),
            item =>
            {
                if (item.Path.Depth - container.Path.Depth - 1 <= depth && asked?.Wants(item) != false && filter?.IsMatch(item.Path.Name) != false)
                {
                    Write(item);
                }
            });
    });

    /// <inheritdoc/>
    protected override void GetChildNames(string path, ReturnContainers returnContainers) => Try(path, () =>
    {
        if (Known(path) is not { IsContainer: true } container)
        {
            return;
        }
        var asked = DynamicParameters as ContextChildNameParameters;
        var filter = FilterPattern();
        var service = Service(container.Path);
        ForEach(
            token => DriveListing.ChildrenAsync(service, container.Path, token),
            item =>
            {
                var isStep = item.IsContainer && returnContainers == ReturnContainers.ReturnAllContainers;
                if (isStep || (asked?.Wants(item) != false && filter?.IsMatch(item.Path.Name) != false))
                {
                    // PowerShell goes on to read the items of these names.
                    _seen[item.Path.ToString()] = item;
                    WriteItemObject(item.Path.Name, item.Path.ToString(), item.IsContainer);
                }
            });
    });

    /// <summary>The pattern of -Filter, case-insensitive as -Include.</summary>
    private WildcardPattern? FilterPattern() => string.IsNullOrEmpty(Filter) ? null : ContextPath.Pattern(Filter, WildcardOptions.IgnoreCase);

    private void Write(DriveItem item)
    {
        var path = item.Path.ToString();
        if (path.Contains('\\', StringComparison.Ordinal))
        {
            // PowerShell looks up the path's text next.
            _seen[path] = item;
        }
        WriteItemObject(
            item.Value switch
            {
                AgbContextFile file => new AgbDriveFile(file, path),
                { } context => context,
                null => (object?)PSDriveInfo ?? ProviderInfo,
            },
            path, item.IsContainer);
    }
}
