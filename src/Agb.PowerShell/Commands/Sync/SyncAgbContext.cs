using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

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
                () => service.StartSyncAsync(session.Id, request, work)).ConfigureAwait(false);
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
            () => service.PlanSyncAsync(session.Id, request, token)).ConfigureAwait(false))
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
