namespace Agb.PowerShell.Commands;

/// <summary><c>Dismount-AgbContext</c>: takes a context out of running sessions, after the upload of its changes.</summary>
[Cmdlet(VerbsData.Dismount, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbMount), typeof(AgbSyncPlanItem))]
public sealed class DismountAgbContextCommand : AgbMountCmdlet
{
    /// <inheritdoc/>
    private protected override string Words => "take out";

    /// <inheritdoc/>
    private protected override Task<AgbMount> ChangeAsync(ISessionMountService service, SessionId session, AgbMountChange request, CancellationToken token) =>
        service.DismountContextAsync(session, request, token);
}
