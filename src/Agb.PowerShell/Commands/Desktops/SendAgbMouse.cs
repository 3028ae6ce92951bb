namespace Agb.PowerShell.Commands;

/// <summary><c>Send-AgbMouse</c>: moves the mouse of a desktop, and clicks, drags or scrolls.</summary>
[Cmdlet(VerbsCommunications.Send, "AgbMouse", SupportsShouldProcess = true, DefaultParameterSetName = ClickSet)]
[OutputType(typeof(void))]
public sealed class SendAgbMouseCommand : AgbStepCmdlet
{
    private const string ClickSet = "Click";
    private const string DragSet = "Drag";
    private const string ScrollSet = "Scroll";

    /// <summary>The position from the left.</summary>
    [Parameter(HelpMessage = "The position from the left, in pixels; with -Y. Where the mouse is, unless given.")]
    public int X { get; set; }

    /// <summary>The position from the top.</summary>
    [Parameter(HelpMessage = "The position from the top, in pixels; with -X.")]
    public int Y { get; set; }

    /// <summary>The click.</summary>
    [Parameter(ParameterSetName = ClickSet, Position = 0, HelpMessage = "The click at the position: Left, Right, Middle, or Double with the left button. Without it the mouse moves.")]
    [ValidateSet("Left", "Right", "Middle", "Double")]
    public string? Click { get; set; }

    /// <summary>The end of a drag from the left.</summary>
    [Parameter(ParameterSetName = DragSet, Mandatory = true, HelpMessage = "The end of a drag from the left, in pixels.")]
    public int DragToX { get; set; }

    /// <summary>The end of a drag from the top.</summary>
    [Parameter(ParameterSetName = DragSet, Mandatory = true, HelpMessage = "The end of a drag from the top, in pixels.")]
    public int DragToY { get; set; }

    /// <summary>The button of the drag.</summary>
    [Parameter(ParameterSetName = DragSet, HelpMessage = "The button of the drag. Default: Left.")]
    public AgbMouseButton Button { get; set; } = AgbMouseButton.Left;

    /// <summary>The direction of scrolling.</summary>
    [Parameter(ParameterSetName = ScrollSet, Mandatory = true, HelpMessage = "The direction of scrolling: Up, Down, Left or Right.")]
    public AgbScrollDirection Scroll { get; set; }

    /// <summary>The steps of the wheel.</summary>
    [Parameter(ParameterSetName = ScrollSet, HelpMessage = "The steps of the wheel, 1 to 100. Default: 1.")]
    [ValidateRange(1, 100)]
    public int Steps { get; set; } = 1;

    private bool HasPosition => MyInvocation.BoundParameters.ContainsKey(nameof(X));

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        if (HasPosition != MyInvocation.BoundParameters.ContainsKey(nameof(Y)) || (ParameterSetName == ClickSet && Click is null && !HasPosition))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidDesktopAction, "The position is incomplete; expected -X and -Y.", "Give both.");
        }
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) =>
        !ShouldProcess($"session '{session}'", ParameterSetName == ClickSet && Click is null ? "Move the mouse" : $"{ParameterSetName} with the mouse") ? null : async (service, token) =>
        {
            var desktops = Desktops(service);
            var (x, y) = (X, Y);
            if (!HasPosition)
            {
                var screen = await CallAsync(
                    service, $"read the screen of session '{session}'", () => desktops.GetScreenAsync(session.Id, token)).ConfigureAwait(false);
                (x, y) = (screen.CursorX, screen.CursorY);
            }
            await CallAsync(
                service, $"move the mouse of session '{session}'",
                () => desktops.SendMouseAsync(session.Id, Action(x, y), token)).ConfigureAwait(false);
        };

    private AgbMouseAction Action(int x, int y)
    {
        var move = new AgbMouseAction { X = x, Y = y };
        return ParameterSetName switch
        {
            ClickSet when "Double".Equals(Click, StringComparison.OrdinalIgnoreCase) => move with { Clicks = 2 },
            ClickSet when Click is not null => move with { Clicks = 1, Button = Enum.Parse<AgbMouseButton>(Click, ignoreCase: true) },
            DragSet => move with { DragTo = (DragToX, DragToY), Button = Button },
            ScrollSet => move with { Scroll = Scroll, ScrollSteps = Steps },
            _ => move,
        };
    }
}
