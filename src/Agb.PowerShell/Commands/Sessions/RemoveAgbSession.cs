using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Remove-AgbSession</c>: releases sessions, with an upload as their policies require.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>Whether to upload all mounts.</summary>
    [Parameter(HelpMessage = "Upload every mount first, also without automatic upload in its policy.")]
    public SwitchParameter SyncContext { get; set; }

    /// <summary>Whether to upload nothing.</summary>
    [Parameter(HelpMessage = "Upload nothing: changes since the session's last sync are lost.")]
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

    private AgbReleaseMode Mode =>
        DiscardChanges ? AgbReleaseMode.Discard : SyncContext ? AgbReleaseMode.Upload : AgbReleaseMode.Policy;

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
            () => service.RemoveSessionAsync(session.Id, Mode, token)).ConfigureAwait(false);
        if (SyncContext)
        {
            await WarnAsync(service, session, token).ConfigureAwait(false);
        }
    }

    /// <summary>Warns of entries left out by the uploads. Some services keep no released sessions, and so no warnings.</summary>
    private async Task WarnAsync(IAgbService service, AgbSessionReference session, CancellationToken token)
    {
        try
        {
            var tasks = await service.GetSyncStatusAsync(session.Id, taskType: AgbSyncTaskType.Upload, cancellationToken: token).ConfigureAwait(false);
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
