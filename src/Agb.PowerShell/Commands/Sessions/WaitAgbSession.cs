using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Wait-AgbSession</c>: waits for the start of sessions created with -NoWait.</summary>
[Cmdlet(VerbsLifecycle.Wait, "AgbSession")]
[OutputType(typeof(AgbSession))]
public sealed class WaitAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>The time limit of the wait, in seconds.</summary>
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
            () => service.WaitSessionAsync(session.Id, timeout, token)).ConfigureAwait(false);
        Emit(found);
        if (found.Status == AgbSessionStatus.Failed)
        {
            EmitError(
                new AgbException(
                    AgbErrorIds.SessionStartFailed, AgbErrorKind.Failed,
                    $"The session '{session}' did not start: {found.FailureReason ?? "no reason is known"}.",
                    "Check this machine with Test-AgbHost; remove the rest of the session with Remove-AgbSession."),
                found);
        }
    };
}
