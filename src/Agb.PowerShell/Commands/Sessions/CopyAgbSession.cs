namespace Agb.PowerShell.Commands;

/// <summary><c>Copy-AgbSession</c>: makes forks of running sessions.</summary>
[Cmdlet(VerbsCommon.Copy, "AgbSession", SupportsShouldProcess = true)]
[OutputType(typeof(AgbSession))]
public sealed class CopyAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>The number of forks.</summary>
    [Parameter(HelpMessage = "The number of forks of each session, 1 to 64. Default: 1.")]
    public int Count { get; set; } = 1;

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => RequestRules.ForkCount(Count));

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var count = Count;
        return ShouldProcess($"session '{session}'", count == 1 ? "Fork" : $"Make {count} forks")
            ? async (service, token) =>
            {
                var forks = CallTrace.Inner(service) as ISessionForkService ?? throw AgbErrors.NotSupported(service.Name, "forks of sessions");
                foreach (var fork in await CallAsync(
                    service, $"make {count} forks of session '{session}'", () => forks.ForkSessionAsync(session.Id, count, token)).ConfigureAwait(false))
                {
                    Emit(fork);
                }
            }
            : null;
    }
}
