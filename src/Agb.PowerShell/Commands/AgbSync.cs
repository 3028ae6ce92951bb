using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

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
                name = (await service.GetContextAsync(task.ContextId, token).ConfigureAwait(false)).Name;
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
            () => service.WaitSyncAsync(session.SessionId, timeout, contextId, path, token));
        while (await Task.WhenAny(wait, Task.Delay(s_watchEvery, token)).ConfigureAwait(false) != wait && !token.IsCancellationRequested)
        {
            var tasks = await service.GetSyncStatusAsync(session.SessionId, contextId, path, null, token).ConfigureAwait(false);
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

/// <summary><c>Sync-AgbContext</c>: uploads changes of sessions, or downloads changes of others, and returns when they are
/// durable.</summary>
[Cmdlet(VerbsData.Sync, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbSyncStatus), typeof(AgbSyncPlanItem))]
public sealed class SyncAgbContextCommand : AgbSyncCmdlet
{
    /// <summary>The direction.</summary>
    [Parameter(HelpMessage = "Upload (from the session to the context) or Download. Default: Upload.")]
    public AgbSyncTaskType Mode { get; set; }

    /// <summary>Whether to return at once.</summary>
    [Parameter(HelpMessage = "Return as soon as the tasks are registered; Wait-AgbSync waits for them.")]
    public SwitchParameter NoWait { get; set; }

    /// <summary>The time limit of the wait, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds to wait at most; 3600 unless given.")]
    public double TimeoutSeconds { get; set; } = 3600;

    /// <summary>The limit of deletions in an upload, in percent.</summary>
    [Parameter(HelpMessage = "Refuse an upload if it would delete more than this percentage of the files stored under a mount. No limit unless given.")]
    public double? MaxDeletePercent { get; set; }

    /// <summary>Whether a download replaces files changed by the session.</summary>
    [Parameter(HelpMessage = "In a download, also replace files changed by the session.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() =>
        {
            Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds));
            if (MaxDeletePercent is not (null or (>= 0 and <= 100)))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidSessionOption,
                    $"-{nameof(MaxDeletePercent)} is {MaxDeletePercent.Value.ToString(CultureInfo.InvariantCulture)}; expected 0 to 100.",
                    target: MaxDeletePercent);
            }
        });
    }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var (context, path) = (ContextOf(session), Path);
        var target = Target(session, context, path);
        if (!ShouldProcess($"{Mode} {target}", $"{Mode} {target}?", MyInvocation.MyCommand.Name, out var reason))
        {
            return reason == ShouldProcessReason.WhatIf
                ? async (service, token) => await EmitPlanAsync(
                    service, session, await RequestAsync(context, path, service, token).ConfigureAwait(false), token).ConfigureAwait(false)
                : null;
        }
        return async (service, token) =>
        {
            var request = await RequestAsync(context, path, service, token).ConfigureAwait(false);
            // A sync with -NoWait outlives this command and a stop of the pipeline.
            var work = NoWait ? CancellationToken.None : token;
            var tasks = await CallAsync(
                service, $"start {Mode.ToString().ToLowerInvariant()} of session '{session}'",
                () => service.StartSyncAsync(session.SessionId, request, work)).ConfigureAwait(false);
            foreach (var task in NoWait ? tasks : await WaitAsync(service, session, request, tasks, token).ConfigureAwait(false))
            {
                var named = await NamedAsync(service, task, token).ConfigureAwait(false);
                Emit(named);
                foreach (var warning in SyncWarnings.Of(task))
                {
                    Pump.Post(() => WriteWarning(warning));
                }
                if (task.Status == AgbSyncTaskStatus.Failed)
                {
                    EmitError(Failure(named), task);
                }
            }
        };
    }

    private async Task<AgbSyncRequest> RequestAsync(
        AgbContextReference? context, string? path, IAgbService service, CancellationToken token) => new()
    {
        ContextId = await IdOfAsync(context, service, token).ConfigureAwait(false),
        Path = Normal(path),
        Mode = Mode,
        MaxDeletePercent = MaxDeletePercent,
        Force = Force,
    };

    private async Task EmitPlanAsync(IAgbService service, AgbSessionReference session, AgbSyncRequest request, CancellationToken token)
    {
        foreach (var item in await CallAsync(
            service, $"plan {Mode.ToString().ToLowerInvariant()} of session '{session}'",
            () => service.PlanSyncAsync(session.SessionId, request, token)).ConfigureAwait(false))
        {
            Emit(item);
        }
    }

    private async Task<IEnumerable<AgbSyncStatus>> WaitAsync(
        IAgbService service, AgbSessionReference session, AgbSyncRequest request, IReadOnlyList<AgbSyncStatus> started,
        CancellationToken token)
    {
        var timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds));
        var ended = await WaitSyncAsync(
            service, session, timeout, request.ContextId, request.Path, token).ConfigureAwait(false);
        // The wait also returns tasks of the other direction and of other mounts; emit only tasks started here.
        return ended.Where(e => started.Any(s => (s.ContextId, s.Path, s.TaskType) == (e.ContextId, e.Path, e.TaskType)));
    }

    private static string Target(AgbSessionReference session, AgbContextReference? context, string? path)
    {
        var mounts = session.KnownMounts
            .Where(m => (context is null || context.Text == m.ContextId) && (path is null || path == m.Path))
            .Select(m => m.ToString())
            .ToArray();
        var what = mounts.Length > 0 ? string.Join(", ", mounts)
            : (context, path) switch
            {
                (null, null) => "all mounts",
                (null, _) => $"the mount at {path}",
                (_, null) => $"context '{context}'",
                _ => $"context '{context}' at {path}",
            };
        return $"{what} in session '{session}'";
    }

    private static AgbException Failure(AgbSyncStatus task) => new(
        AgbErrorIds.SyncFailed, AgbErrorKind.Failed,
        $"The {task.TaskType.ToString().ToLowerInvariant()} of context '{task.ContextName ?? task.ContextId}' ({task.ContextId}) at '{task.Path}' failed: "
        + $"{task.ErrorMessage ?? "no reason is known"}.",
        "The session keeps its changes; mend the cause and sync again.");
}

/// <summary><c>Get-AgbSyncStatus</c>: returns the current task of each mount and direction of sessions.</summary>
[Cmdlet(VerbsCommon.Get, "AgbSyncStatus")]
[OutputType(typeof(AgbSyncStatus))]
public sealed class GetAgbSyncStatusCommand : AgbSyncCmdlet
{
    /// <summary>Only this direction.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only this direction: Upload or Download. Both unless given.")]
    public AgbSyncTaskType? TaskType { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var (context, path, taskType) = (ContextOf(session), Path, TaskType);
        return async (service, token) =>
        {
            var contextId = await IdOfAsync(context, service, token).ConfigureAwait(false);
            var tasks = await CallAsync(
                service, $"get sync status of session '{session}'",
                () => service.GetSyncStatusAsync(session.SessionId, contextId, Normal(path), taskType, token)).ConfigureAwait(false);
            foreach (var task in tasks)
            {
                Emit(await NamedAsync(service, task, token).ConfigureAwait(false));
            }
        };
    }
}

/// <summary><c>Wait-AgbSync</c>: waits for the end of sessions' syncs and emits their final states.</summary>
[Cmdlet(VerbsLifecycle.Wait, "AgbSync")]
[OutputType(typeof(AgbSyncStatus))]
public sealed class WaitAgbSyncCommand : AgbSyncCmdlet
{
    /// <summary>Only this direction.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Emit only this direction: Upload or Download. Both unless given.")]
    public AgbSyncTaskType? TaskType { get; set; }

    /// <summary>The time limit of the wait, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds to wait at most; 3600 unless given.")]
    public double TimeoutSeconds { get; set; } = 3600;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() => Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)));
    }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var (context, path, taskType) = (ContextOf(session), Path, TaskType);
        var timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds));
        return async (service, token) =>
        {
            var contextId = await IdOfAsync(context, service, token).ConfigureAwait(false);
            var tasks = await WaitSyncAsync(service, session, timeout, contextId, Normal(path), token).ConfigureAwait(false);
            foreach (var task in tasks.Where(t => taskType is null || t.TaskType == taskType))
            {
                Emit(await NamedAsync(service, task, token).ConfigureAwait(false));
            }
        };
    }
}
