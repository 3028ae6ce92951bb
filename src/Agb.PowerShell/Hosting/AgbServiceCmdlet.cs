using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>The base of every cmdlet that works on a service.</summary>
public abstract class AgbServiceCmdlet : AgbCmdlet
{
    /// <summary>The service to use. Objects on the pipeline bring theirs (their Service property); without either, the
    /// environment decides.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true,
        HelpMessage = "The connection to use, from Connect-Agb. Without it, the objects given say which service they came from.")]
    [Alias("Service")]
    public AgbConnection? Connection { get; set; }

    /// <summary>The service named by the command line or carried by the record, if any. Belongs to the pipeline thread:
    /// the next record may change it.</summary>
    private protected IAgbService? KnownService(IAgbService? carried = null) => Connection?.Service ?? carried;

    /// <summary>The service to call: the known one, else the one that the environment decides on.</summary>
    private protected static IAgbService Open(IAgbService? known) => CallTrace.Around(known ?? ServiceResolver.Default());

    /// <summary>The context that a parameter means; asks the service only when a text was given.</summary>
    private protected Task<AgbContext> ResolveAsync(AgbContextReference reference, IAgbService service, CancellationToken token) =>
        reference.Known is { } known
            ? Task.FromResult(known)
            : CallAsync(service, $"get context '{reference}'", () => reference.ResolveAsync(service, token));
}
