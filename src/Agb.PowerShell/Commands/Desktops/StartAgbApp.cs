namespace Agb.PowerShell.Commands;

/// <summary><c>Start-AgbApp</c>: starts an app on a desktop, and returns when its window is there.</summary>
[Cmdlet(VerbsLifecycle.Start, "AgbApp", SupportsShouldProcess = true, DefaultParameterSetName = CommandSet)]
[OutputType(typeof(AgbAppProcess))]
public sealed class StartAgbAppCommand : AgbStepCmdlet
{
    private const string NameSet = "Name";
    private const string CommandSet = "Command";

    /// <summary>The name of an installed app.</summary>
    [Parameter(ParameterSetName = NameSet, Mandatory = true, Position = 0, HelpMessage = "The name of an installed app, such as Terminal.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The command line.</summary>
    [Parameter(ParameterSetName = CommandSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The command line of the app.")]
    [ValidateNotNullOrEmpty]
    public string? StartCommand { get; set; }

    /// <summary>The directory of the app.</summary>
    [Parameter(HelpMessage = "The absolute directory in the session for the app; the home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var name = ParameterSetName == NameSet ? Name : null;
        var command = name is null ? StartCommand : null;
        return !ShouldProcess($"session '{session}'", $"Start '{name ?? command}'") ? null : async (service, token) =>
        {
            var desktops = Desktops(service);
            var line = command ?? await CommandOfAsync(service, session, name!, token).ConfigureAwait(false);
            var started = await CallAsync(
                service, $"start '{line}' in session '{session}'",
                () => desktops.StartAppAsync(session.Id, line, WorkingDirectory, token)).ConfigureAwait(false);
            foreach (var process in started)
            {
                Emit(process);
            }
        };
    }

    private async Task<string> CommandOfAsync(IAgbService service, AgbSessionReference session, string name, CancellationToken token)
    {
        var apps = await CallAsync(
            service, $"list the apps of session '{session}'", () => Desktops(service).ListAppsAsync(session.Id, token)).ConfigureAwait(false);
        return apps.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.StartCommand
            ?? throw DesktopErrors.AppNotFound(name, session, apps.Select(a => a.Name));
    }
}
