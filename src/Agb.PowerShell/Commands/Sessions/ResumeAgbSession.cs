namespace Agb.PowerShell.Commands;

/// <summary><c>Resume-AgbSession</c>: lets suspended sessions go on.</summary>
[Cmdlet(VerbsLifecycle.Resume, "AgbSession", SupportsShouldProcess = true)]
[OutputType(typeof(AgbSession))]
public sealed class ResumeAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>Whether to emit the sessions.</summary>
    [Parameter(HelpMessage = "Emit the resumed sessions.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => ShouldProcess($"session '{session}'", "Resume")
        ? async (service, token) =>
        {
            var resumed = await CallAsync(
                service, $"resume session '{session}'", () => Sleep(service).ResumeSessionAsync(session.Id, token)).ConfigureAwait(false);
            if (PassThru)
            {
                Emit(resumed);
            }
        }
        : null;
}
