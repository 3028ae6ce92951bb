namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbBrowser</c>: gets the running browser of sessions.</summary>
[Cmdlet(VerbsCommon.Get, "AgbBrowser")]
[OutputType(typeof(AgbBrowser))]
public sealed class GetAgbBrowserCommand : AgbSessionCmdlet
{
    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => async (service, token) =>
        Emit(await CallAsync(
            service, $"get the browser of session '{session}'",
            () => Browsers(service).GetBrowserAsync(session.Id, token)).ConfigureAwait(false));
}
