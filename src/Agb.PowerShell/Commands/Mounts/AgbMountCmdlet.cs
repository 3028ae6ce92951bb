namespace Agb.PowerShell.Commands;

/// <summary>The base of cmdlets that change a mount of running sessions.</summary>
public abstract class AgbMountCmdlet : AgbSyncCmdlet
{
    /// <summary>Whether to upload the changes in any case.</summary>
    [Parameter(HelpMessage = "Upload the changes first, also without automatic upload in the mount's policy.")]
    public SwitchParameter SyncContext { get; set; }

    /// <summary>Whether to drop the changes.</summary>
    [Parameter(HelpMessage = "Upload nothing: changes since the last sync are lost.")]
    public SwitchParameter Discard { get; set; }

    /// <summary>Whether open files do not matter.</summary>
    [Parameter(HelpMessage = "Go on while programs have files open for writing: their later writes are dropped.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() =>
        {
            if (SyncContext && Discard)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidSessionOption, "-SyncContext uploads all changes and -Discard none; only one can be given.");
            }
        });
    }

    /// <summary>Makes the change, for a request with the selection of the mount.</summary>
    private protected abstract Task<AgbMount> ChangeAsync(ISessionMountService service, SessionId session, AgbMountChange request, CancellationToken token);

    /// <summary>The change in words, in front of the mount.</summary>
    private protected abstract string Words { get; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var (context, path) = (ContextOf(session), Path);
        var what = (context, path) switch
        {
            (null, null) => "the context",
            (null, _) => $"the context at {path}",
            (_, null) => $"context '{context}'",
            _ => $"context '{context}' at {path}",
        };
        if (!ShouldProcess($"{Words} {what} in session '{session}'", $"{Words} {what} in session '{session}'?", MyInvocation.MyCommand.Name, out var reason))
        {
            return reason != ShouldProcessReason.WhatIf ? null : async (service, token) =>
            {
                var id = await IdOfAsync(context, service, token).ConfigureAwait(false);
                foreach (var item in await CallAsync(
                    service, $"plan the upload of session '{session}'",
                    () => service.PlanSyncAsync(session.Id, new AgbSyncRequest { ContextId = id, Path = Normal(path) }, token)).ConfigureAwait(false))
                {
                    Emit(item);
                }
            };
        }
        return async (service, token) =>
        {
            var request = new AgbMountChange
            {
                Path = Normal(path),
                ContextId = await IdOfAsync(context, service, token).ConfigureAwait(false),
                Changes = Discard ? AgbReleaseMode.Discard : SyncContext ? AgbReleaseMode.Upload : AgbReleaseMode.Policy,
                Force = Force,
            };
            Emit(await CallAsync(
                service, $"{Words} {what} in session '{session}'",
                () => ChangeAsync(SessionMounts(service), session.Id, request, token)).ConfigureAwait(false));
        };
    }
}
