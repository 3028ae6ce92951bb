using System.Collections.Concurrent;

namespace Agb.PowerShell.Commands;

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
