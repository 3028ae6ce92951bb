using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Remove-AgbSession</c>: releases sessions; their policies say what is uploaded before.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>Upload all.</summary>
    [Parameter(HelpMessage = "Upload every mount first, whatever its policy says of automatic upload.")]
    public SwitchParameter SyncContext { get; set; }

    /// <summary>Upload nothing.</summary>
    [Parameter(HelpMessage = "Upload nothing: what the session changed since its last sync is lost.")]
    public SwitchParameter DiscardChanges { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        if (SyncContext && DiscardChanges)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, "-SyncContext uploads all changes and -DiscardChanges none; only one can be given.");
        }
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var action = DiscardChanges ? "Release and discard changes" : SyncContext ? "Upload all mounts and release" : "Release";
        return ShouldProcess($"session '{session}'", action)
            ? (service, token) => ReleaseAsync(service, session, token)
            : null;
    }

    private async Task ReleaseAsync(IAgbService service, AgbSessionReference session, CancellationToken token)
    {
        await CallAsync(
            service, $"release session '{session}'",
            () => service.RemoveSessionAsync(session.SessionId, SyncContext, DiscardChanges, token)).ConfigureAwait(false);
        if (SyncContext)
        {
            await WarnAsync(service, session, token).ConfigureAwait(false);
        }
    }

    /// <summary>Warns of entries that the uploads left out. A service that forgets released sessions has nothing to say.</summary>
    private async Task WarnAsync(IAgbService service, AgbSessionReference session, CancellationToken token)
    {
        try
        {
            var tasks = await service.GetSyncStatusAsync(session.SessionId, taskType: AgbSyncTaskType.Upload, cancellationToken: token).ConfigureAwait(false);
            foreach (var warning in tasks.SelectMany(SyncWarnings.Of))
            {
                Pump.Post(() => WriteWarning(warning));
            }
        }
        catch (AgbException e) when (e.Kind is AgbErrorKind.NotFound or AgbErrorKind.InvalidState)
        {
            // The release itself has succeeded.
        }
    }
}

/// <summary><c>Wait-AgbSession</c>: waits until sessions that were created with -NoWait run.</summary>
[Cmdlet(VerbsLifecycle.Wait, "AgbSession")]
[OutputType(typeof(AgbSession))]
public sealed class WaitAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How many seconds to wait at most; 300 unless given.")]
    public double TimeoutSeconds { get; set; } = 300;

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)));

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => async (service, token) =>
    {
        var timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds));
        var found = await CallAsync(
            service, $"wait for session '{session}'",
            () => service.WaitSessionAsync(session.SessionId, timeout, token)).ConfigureAwait(false);
        Emit(found);
        if (found.Status == AgbSessionStatus.Failed)
        {
            EmitError(
                new AgbException(
                    AgbErrorIds.SessionStartFailed, AgbErrorKind.Failed,
                    $"The session '{session}' did not start: {found.FailureReason ?? "no reason is known"}.",
                    "Test-AgbHost says what this machine lacks; Remove-AgbSession removes what is left of the session."),
                found);
        }
    };
}
