namespace Agb.PowerShell.Commands;

/// <summary><c>Suspend-AgbSession</c>: suspends sessions until their next use.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "AgbSession", SupportsShouldProcess = true)]
[OutputType(typeof(AgbSession))]
public sealed class SuspendAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>Whether to emit the sessions.</summary>
    [Parameter(HelpMessage = "Emit the suspended sessions.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => ShouldProcess($"session '{session}'", "Suspend")
        ? async (service, token) =>
        {
            var suspended = await CallAsync(
                service, $"suspend session '{session}'", () => Sleep(service).SuspendSessionAsync(session.Id, token)).ConfigureAwait(false);
            if (PassThru)
            {
                Emit(suspended);
            }
        }
        : null;
}
