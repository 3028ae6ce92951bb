using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary>The base of cmdlets for the syncs of sessions, with the selection of mounts.</summary>
public abstract class AgbSyncCmdlet : AgbSessionCmdlet
{
    // Five times a second, the rate of the display; shorter syncs are not polled.
    private static readonly TimeSpan s_watchEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Only mounts of this context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true,
        HelpMessage = "Only the mounts of this context: object, id or name. All unless given.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[]? Context { get; set; }

    /// <inheritdoc/>
    private protected override bool TakesContexts => true;

    /// <summary>The context of the selected mounts; null for all.</summary>
    private protected AgbContextReference? ContextOf(AgbSessionReference session) => session.Context ?? RequireOne(Context, nameof(Context));

    /// <summary>Only the mount at this path.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only the mount at this path in the session. All unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(MountPathCompleter))]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        RequireOne(Context, nameof(Context));
        if (Path is not null)
        {
            LinuxPath.Normalize(Path, "mount path");
        }
    });

    /// <summary>A task with its context's name. A removed context has none.</summary>
    private protected async Task<AgbSyncStatus> NamedAsync(IAgbService service, AgbSyncStatus task, CancellationToken token)
    {
        if (!_names.TryGetValue((service, task.ContextId), out var name))
        {
            try
            {
                name = (await service.GetContextAsync(new ContextId(task.ContextId), token).ConfigureAwait(false)).Name;
            }
            catch (AgbException e) when (e.ErrorId is AgbErrorIds.ContextNotFound or AgbErrorIds.NotSupported)
            {
                name = null;
            }
            _names[(service, task.ContextId)] = name;
        }
        return task with { ContextName = name };
    }

    /// <summary>The id of a context given by id or name.</summary>
    private protected async Task<string?> IdOfAsync(
        AgbContextReference? context, IAgbService service, CancellationToken cancellationToken) =>
        context is null ? null : (await ResolveAsync(context, service, cancellationToken).ConfigureAwait(false)).Id;

    private readonly ConcurrentDictionary<(IAgbService Service, string ContextId), string?> _names = [];

    // The last known state of each task seen running. Belongs to the pipeline thread.
    private readonly Dictionary<(string Session, string Context, string Path, AgbSyncTaskType Type), AgbSyncStatus> _tasks = [];

    /// <inheritdoc/>
    private protected override string? Done => _tasks.Count == 0 ? null : SyncProgress.Text(_tasks.Values);

    /// <inheritdoc/>
    private protected override int? DonePercent => SyncProgress.Percent(_tasks.Values);

    /// <summary>Waits for the syncs of a session and shows their progress.</summary>
    private protected async Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        IAgbService service, AgbSessionReference session, TimeSpan timeout, string? contextId, string? path, CancellationToken token)
    {
        var wait = CallAsync(
            service, $"wait for the sync of session '{session}'",
            () => service.WaitSyncAsync(session.Id, timeout, ContextId.Optional(contextId), path, token));
        while (await Task.WhenAny(wait, Task.Delay(s_watchEvery, token)).ConfigureAwait(false) != wait && !token.IsCancellationRequested)
        {
            var tasks = await service.GetSyncStatusAsync(session.Id, ContextId.Optional(contextId), path, null, token).ConfigureAwait(false);
            Pump.Post(() =>
            {
                foreach (var task in tasks)
                {
                    // A task that had ended earlier is not part of this work; a task that ends meanwhile stays in the sums.
                    var key = (task.SessionId, task.ContextId, task.Path, task.TaskType);
                    if (task.Status is AgbSyncTaskStatus.Pending or AgbSyncTaskStatus.Running || _tasks.ContainsKey(key))
                    {
                        _tasks[key] = task;
                    }
                }
                ShowProgress();
            });
        }
        return await wait.ConfigureAwait(false);
    }

    /// <summary>A path in the service's normal form.</summary>
    private protected static string? Normal(string? path) => path is null ? null : LinuxPath.Normalize(path, "mount path");
}
