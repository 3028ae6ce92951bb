namespace Agb.PowerShell.Commands;

/// <summary><c>Stop-AgbBrowser</c>: closes the browser of sessions, after it stored its cookies.</summary>
[Cmdlet(VerbsLifecycle.Stop, "AgbBrowser", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopAgbBrowserCommand : AgbSessionCmdlet
{
    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) =>
        !ShouldProcess($"session '{session}'", "Stop browser") ? null : (service, token) => CallAsync(
            service, $"stop the browser of session '{session}'", () => Browsers(service).StopBrowserAsync(session.Id, token));
}
