namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbWindow</c>: lists the windows of a desktop, the topmost last.</summary>
[Cmdlet(VerbsCommon.Get, "AgbWindow")]
[OutputType(typeof(AgbWindow))]
public sealed class GetAgbWindowCommand : AgbStepCmdlet
{
    /// <summary>Titles of windows, with wildcards.</summary>
    [Parameter(HelpMessage = "Only windows with such a title; wildcards are allowed.")]
    [SupportsWildcards]
    public string[]? Title { get; set; }

    /// <summary>Whether to emit the active window alone.</summary>
    [Parameter(HelpMessage = "Only the window with the keyboard, if there is one.")]
    public SwitchParameter Active { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => async (service, token) =>
    {
        var windows = await CallAsync(
            service, $"list the windows of session '{session}'", () => Desktops(service).ListWindowsAsync(session.Id, token)).ConfigureAwait(false);
        foreach (var window in windows.Where(w => NamePattern.Any(Title, w.Title) && (!Active || w.IsActive)))
        {
            Emit(window);
        }
    };
}
