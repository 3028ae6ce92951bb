namespace Agb.PowerShell.Commands;

/// <summary><c>Set-AgbWindow</c>: activates, closes, moves and resizes windows of a desktop.</summary>
[Cmdlet(VerbsCommon.Set, "AgbWindow", SupportsShouldProcess = true)]
[OutputType(typeof(AgbWindow))]
public sealed class SetAgbWindowCommand : AgbStepCmdlet
{
    /// <summary>The change.</summary>
    [Parameter(Position = 0, HelpMessage = "The change: Activate, Close, Maximize, Minimize, Restore or Fullscreen.")]
    [ValidateSet("Activate", "Close", "Maximize", "Minimize", "Restore", "Fullscreen")]
    public AgbWindowAction? Action { get; set; }

    /// <summary>The window's number.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The number of the window, from Get-AgbWindow.")]
    public long WindowId { get; set; }

    /// <summary>The distance from the left.</summary>
    [Parameter(HelpMessage = "The new position of the frame from the left, in pixels; with -Y.")]
    public int X { get; set; }

    /// <summary>The distance from the top.</summary>
    [Parameter(HelpMessage = "The new position of the frame from the top, in pixels; with -X.")]
    public int Y { get; set; }

    /// <summary>The width.</summary>
    [Parameter(HelpMessage = "The new width of the content, in pixels; with -Height.")]
    [ValidateRange(1, BrowserRules.MaxPixels)]
    public int Width { get; set; }

    /// <summary>The height.</summary>
    [Parameter(HelpMessage = "The new height of the content, in pixels; with -Width.")]
    [ValidateRange(1, BrowserRules.MaxPixels)]
    public int Height { get; set; }

    /// <summary>Whether to emit the window.</summary>
    [Parameter(HelpMessage = "Emit the changed window.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        var isMoved = Both(nameof(X), nameof(Y));
        var isResized = Both(nameof(Width), nameof(Height));
        if (Action is null && !isMoved && !isResized)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidDesktopAction, "Nothing to set is given; expected -Action, -X and -Y, or -Width and -Height.");
        }
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var changes = Changes(WindowId).ToArray();
        var id = WindowId;
        if (!ShouldProcess($"window {id} of session '{session}'", string.Join(", ", changes.Select(c => c.Action.ToString()))))
        {
            return null;
        }
        return async (service, token) =>
        {
            var desktops = Desktops(service);
            foreach (var change in changes)
            {
                await CallAsync(
                    service, $"{change.Action} window {id} of session '{session}'",
                    () => desktops.ChangeWindowAsync(session.Id, change, token)).ConfigureAwait(false);
            }
            if (PassThru)
            {
                var windows = await CallAsync(
                    service, $"list the windows of session '{session}'", () => desktops.ListWindowsAsync(session.Id, token)).ConfigureAwait(false);
                foreach (var window in windows.Where(w => w.WindowId == id))
                {
                    Emit(window);
                }
            }
        };
    }

    private IEnumerable<AgbWindowChange> Changes(long id)
    {
        var bound = MyInvocation.BoundParameters;
        if (bound.ContainsKey(nameof(X)))
        {
            yield return new AgbWindowChange(id, AgbWindowAction.Move) { Position = (X, Y) };
        }
        if (bound.ContainsKey(nameof(Width)))
        {
            yield return new AgbWindowChange(id, AgbWindowAction.Resize) { Size = new AgbPixelSize(Width, Height) };
        }
        if (Action is { } action)
        {
            yield return new AgbWindowChange(id, action);
        }
    }

    private bool Both(string first, string second)
    {
        var bound = MyInvocation.BoundParameters;
        return bound.ContainsKey(first) == bound.ContainsKey(second)
            ? bound.ContainsKey(first)
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidDesktopAction, $"-{first} and -{second} belong together, and one is missing.", "Give both.");
    }
}
