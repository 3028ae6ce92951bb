namespace Agb.PowerShell.Commands;

/// <summary><c>Stop-AgbApp</c>: ends processes of apps on a desktop.</summary>
[Cmdlet(VerbsLifecycle.Stop, "AgbApp", SupportsShouldProcess = true, DefaultParameterSetName = ProcessSet)]
[OutputType(typeof(void))]
public sealed class StopAgbAppCommand : AgbStepCmdlet
{
    private const string NameSet = "Name";
    private const string ProcessSet = "Process";

    /// <summary>The name of processes.</summary>
    [Parameter(ParameterSetName = NameSet, Mandatory = true, Position = 0, HelpMessage = "The name of processes, as from Get-AgbApp -Running.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The process.</summary>
    [Parameter(ParameterSetName = ProcessSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The process id in the session.")]
    [Alias("Id")]
    public int ProcessId { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var name = ParameterSetName == NameSet ? Name : null;
        var id = ProcessId;
        var what = name is null ? $"process {id}" : $"the processes '{name}'";
        return !ShouldProcess($"session '{session}'", $"Stop {what}") ? null : (service, token) => CallAsync(
            service, $"stop {what} of session '{session}'",
            () => name is null ? Desktops(service).StopAppAsync(session.Id, id, token) : Desktops(service).StopAppsAsync(session.Id, name, token));
    }
}
