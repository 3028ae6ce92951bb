namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbMount</c>: gets the contexts of sessions with their versions.</summary>
[Cmdlet(VerbsCommon.Get, "AgbMount")]
[OutputType(typeof(AgbMount))]
public sealed class GetAgbMountCommand : AgbSyncCmdlet
{
    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task> Plan(AgbSessionReference session)
    {
        var (context, path) = (ContextOf(session), Normal(Path));
        return async (service, token) =>
        {
            var id = await IdOfAsync(context, service, token).ConfigureAwait(false);
            foreach (var mount in await CallAsync(
                service, $"list the contexts of session '{session}'",
                () => SessionMounts(service).ListMountsAsync(session.Id, token)).ConfigureAwait(false))
            {
                if ((id is null || mount.ContextId == id) && (path is null || mount.Path == path))
                {
                    Emit(mount);
                }
            }
        };
    }
}
