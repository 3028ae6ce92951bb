namespace Agb.Engine;

/// <summary>Actions of the mouse and the keyboard as arguments of xdotool(1).</summary>
internal static class DesktopPointer
{
    /// <summary>The size of the screen in pixels.</summary>
    internal const int Width = 1920, Height = 1080;

    private const int MostClicks = 3;
    private const int MostScrollSteps = 100;

    // Programs begin a drag after some pixels, and look at the way.
    private const int DragMoves = 10;

    /// <summary>The arguments for an action of the mouse.</summary>
    /// <exception cref="AgbException">InvalidDesktopAction.</exception>
    internal static IReadOnlyList<string> Mouse(AgbMouseAction action)
    {
        RequirePosition(action.X, action.Y);
        List<string> arguments = ["mousemove", Text(action.X), Text(action.Y)];
        if (action.Clicks is < 0 or > MostClicks)
        {
            throw Invalid($"The number of clicks is {action.Clicks}; expected 0 to {MostClicks}.");
        }
        var button = action.Button switch
        {
            AgbMouseButton.Left => "1",
            AgbMouseButton.Middle => "2",
            AgbMouseButton.Right => "3",
            _ => throw Invalid($"The button is {action.Button}; expected Left, Right or Middle."),
        };
        if (action.Clicks > 0)
        {
            arguments.AddRange(["click", "--repeat", Text(action.Clicks), "--delay", "40", button]);
        }
        if (action.DragTo is { } to)
        {
            RequirePosition(to.X, to.Y);
            arguments.AddRange(["mousedown", button]);
            for (var move = 1; move <= DragMoves; move++)
            {
                arguments.AddRange(["mousemove", Text(Between(action.X, to.X, move)), Text(Between(action.Y, to.Y, move)), "sleep", "0.01"]);
            }
            arguments.AddRange(["mouseup", button]);
        }
        if (action.Scroll is { } direction)
        {
            if (action.ScrollSteps is < 1 or > MostScrollSteps)
            {
                throw Invalid($"The number of scroll steps is {action.ScrollSteps}; expected 1 to {MostScrollSteps}.");
            }
            arguments.AddRange(["click", "--repeat", Text(action.ScrollSteps), "--delay", "5", Wheel(direction)]);
        }
        return arguments;
    }

    /// <summary>The arguments of the script <c>keys</c> for keys.</summary>
    /// <exception cref="AgbException">InvalidDesktopAction.</exception>
    internal static IReadOnlyList<string> Keys(IReadOnlyList<string> names, AgbKeyPress press)
    {
        if (names.Count == 0)
        {
            throw Invalid("The action has neither a text nor a key.");
        }
        var doubtful = new List<string>();
        var keysyms = new List<string>();
        foreach (var name in names)
        {
            keysyms.Add(DesktopKeys.Keysym(name, out var isKnown));
            if (!isKnown)
            {
                doubtful.Add(keysyms[^1]);
            }
        }
        var arguments = new List<string> { Text(doubtful.Count) };
        arguments.AddRange(doubtful);
        if (press != AgbKeyPress.Release)
        {
            arguments.AddRange(keysyms.SelectMany(k => (string[])["keydown", k]));
        }
        if (press != AgbKeyPress.Hold)
        {
            arguments.AddRange(keysyms.AsEnumerable().Reverse().SelectMany(k => (string[])["keyup", k]));
        }
        return arguments;
    }

    /// <summary>The error for an action with an invalid value.</summary>
    internal static AgbException Invalid(string message) => AgbErrors.Invalid(AgbErrorIds.InvalidDesktopAction, message);

    private static void RequirePosition(int x, int y)
    {
        if (x is < 0 or >= Width || y is < 0 or >= Height)
        {
            throw Invalid($"The position {x},{y} is not on the screen; expected 0,0 to {Width - 1},{Height - 1}.");
        }
    }

    // Buttons of the wheel, by convention of X clients.
    private static string Wheel(AgbScrollDirection direction) => direction switch
    {
        AgbScrollDirection.Up => "4",
        AgbScrollDirection.Down => "5",
        AgbScrollDirection.Left => "6",
        AgbScrollDirection.Right => "7",
        _ => throw Invalid($"The direction is {direction}; expected Up, Down, Left or Right."),
    };

    private static int Between(int from, int to, int move) => from + ((to - from) * move / DragMoves);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
