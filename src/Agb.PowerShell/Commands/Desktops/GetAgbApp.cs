namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbApp</c>: lists the apps of a desktop, or their processes with windows.</summary>
[Cmdlet(VerbsCommon.Get, "AgbApp")]
[OutputType(typeof(AgbApp), typeof(AgbAppProcess))]
public sealed class GetAgbAppCommand : AgbStepCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, HelpMessage = "Names of apps, or with -Running of processes; wildcards are allowed.")]
    [SupportsWildcards]
    [Text]
    public string[]? Name { get; set; }

    /// <summary>Whether to list processes.</summary>
    [Parameter(HelpMessage = "List processes with windows in place of installed apps.")]
    public SwitchParameter Running { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => async (service, token) =>
    {
        var desktops = Desktops(service);
        if (Running)
        {
            Show(await CallAsync(service, $"list the processes of session '{session}'", () => desktops.ListAppProcessesAsync(session.Id, token)).ConfigureAwait(false), p => p.Name, session);
        }
        else
        {
            Show(await CallAsync(service, $"list the apps of session '{session}'", () => desktops.ListAppsAsync(session.Id, token)).ConfigureAwait(false), a => a.Name, session);
        }
    };

    private void Show<T>(IReadOnlyList<T> all, Func<T, string> name, AgbSessionReference session)
        where T : AgbObject
    {
        foreach (var item in all.Where(i => NamePattern.Any(Name, name(i))))
        {
            Emit(item);
        }
        foreach (var missing in (Name ?? []).Where(n => !new NamePattern(n).HasWildcards && !all.Any(i => NamePattern.Any([n], name(i)))))
        {
            EmitError(DesktopErrors.AppNotFound(missing, session, all.Select(name)), session);
        }
    }
}
