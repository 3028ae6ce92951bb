using System.Collections;
using System.Management.Automation;
using System.Runtime.Versioning;
using Agb.Engine;

namespace Agb.PowerShell.Commands;

/// <summary><c>Enter-AgbSession</c>: opens an interactive shell in a session, on this terminal; <c>exit</c> returns.</summary>
[Cmdlet(VerbsCommon.Enter, "AgbSession")]
[OutputType(typeof(void))]
public sealed class EnterAgbSessionCommand : AgbServiceCmdlet
{
    /// <summary>The session.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The session: object or id, also by pipeline.")]
    [Alias("SessionId")]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference? Session { get; set; }

    /// <summary>The initial directory.</summary>
    [Parameter(HelpMessage = "The absolute directory in the session to start in; the home directory unless given.")]
    [AllowEmptyString]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables.</summary>
    [Parameter(HelpMessage = "Environment variables on top of the image's, such as @{ DEBUG = 1 }.")]
    public Hashtable? Environment { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => RequestRules.Terminal(Request(AgbTerminalRequest.DefaultSize)));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session ?? throw new InvalidOperationException("The parameter is mandatory.");
        var known = KnownService(session.Service);
        // A runspace of a job or a program has no interface; the process's terminal then has another user.
        var hasInterface = Host.UI is not null;
        RunItem(session, async token =>
        {
            if (!Platform.IsLinux)
            {
                throw NoTerminal(session);
            }
            using var host = (hasInterface ? EmbeddedEngine.OpenTerminal() : null) ?? throw NoTerminal(session);
            await ShowAsync(host, Open(known), session, token).ConfigureAwait(false);
        });
    }

    [SupportedOSPlatform("linux")]
    private async Task ShowAsync(HostTerminal host, IAgbService service, AgbSessionReference session, CancellationToken token)
    {
        var terminals = CallTrace.Inner(service) as ITerminalService ?? throw new AgbException(
            AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed, $"The service '{service.Name}' has no terminals in sessions.",
            "Run commands with Invoke-AgbCommand.", session);
        var terminal = await CallAsync(
            service, $"open a terminal in session '{session}'",
            () => terminals.OpenTerminalAsync(session.Id, Request(host.Size), token)).ConfigureAwait(false);
        await CallAsync(
            service, $"show the terminal of session '{session}'", () => host.AttachAsync(terminal, token)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    private protected override bool IsFinal(Exception failure) => failure is AgbException { ErrorId: AgbErrorIds.TerminalRequired };

    private AgbTerminalRequest Request(AgbTerminalSize size)
    {
        var variables = Arguments.Strings(Environment);
        if (System.Environment.GetEnvironmentVariable("COLORTERM") is { Length: > 0 } colors)
        {
            variables.TryAdd("COLORTERM", colors);
        }
        var request = new AgbTerminalRequest { Size = size, WorkingDirectory = WorkingDirectory, Environment = variables };
        return System.Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } type ? request with { TerminalType = type } : request;
    }

    private static AgbException NoTerminal(object target) => new(
        AgbErrorIds.TerminalRequired, AgbErrorKind.InvalidState,
        "Enter-AgbSession needs a terminal, and the input or output of this PowerShell is none.",
        "Call it at an interactive prompt; in scripts use Invoke-AgbCommand.", target);
}
