using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

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
                () => service.GetSyncStatusAsync(session.Id, ContextId.Optional(contextId), Normal(path), taskType, token)).ConfigureAwait(false);
            foreach (var task in tasks)
            {
                Emit(await NamedAsync(service, task, token).ConfigureAwait(false));
            }
        };
    }
}
