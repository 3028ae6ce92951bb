namespace Agb;

/// <summary>The format of a picture.</summary>
public enum AgbPictureFormat
{
    /// <summary>PNG, without loss.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,
}

/// <summary>The screen of a desktop. Positions are in pixels from the top left corner.</summary>
public sealed record AgbScreen
{
    /// <summary>The width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The scale of the screen's points; 1 for one pixel a point.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The mouse's distance from the left, in pixels.</summary>
    public required int CursorX { get; init; }

    /// <summary>The mouse's distance from the top, in pixels.</summary>
    public required int CursorY { get; init; }
}

/// <summary>A picture of a screen or a page.</summary>
public sealed record AgbScreenshot
{
    /// <summary>The file's bytes.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>The format.</summary>
    public required AgbPictureFormat Format { get; init; }

    /// <summary>The width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The height in pixels.</summary>
    public required int Height { get; init; }
}

/// <summary>A button of the mouse.</summary>
public enum AgbMouseButton
{
    /// <summary>The left one.</summary>
    Left,

    /// <summary>The right one.</summary>
    Right,

    /// <summary>The middle one.</summary>
    Middle,
}

/// <summary>A direction of scrolling.</summary>
public enum AgbScrollDirection
{
    /// <summary>Towards the top.</summary>
    Up,

    /// <summary>Towards the bottom.</summary>
    Down,

    /// <summary>Towards the left.</summary>
    Left,

    /// <summary>Towards the right.</summary>
    Right,
}

/// <summary>An action of the mouse: it moves to a position, and then clicks, drags or scrolls.</summary>
public sealed record AgbMouseAction
{
    /// <summary>The position from the left, in pixels.</summary>
    public required int X { get; init; }

    /// <summary>The position from the top, in pixels.</summary>
    public required int Y { get; init; }

    /// <summary>The number of clicks at the position: 0 to 3.</summary>
    public int Clicks { get; init; }

    /// <summary>The button of clicks and drags.</summary>
    public AgbMouseButton Button { get; init; }

    /// <summary>The end of a drag that begins at the position; null for none.</summary>
    public (int X, int Y)? DragTo { get; init; }

    /// <summary>The direction of scrolling at the position; null for none.</summary>
    public AgbScrollDirection? Scroll { get; init; }

    /// <summary>The steps of the wheel, 1 to 100.</summary>
    public int ScrollSteps { get; init; } = 1;
}

/// <summary>How keys are pressed.</summary>
public enum AgbKeyPress
{
    /// <summary>All are pressed together, then released.</summary>
    Tap,

    /// <summary>All are pressed and stay down.</summary>
    Hold,

    /// <summary>All are released.</summary>
    Release,
}

/// <summary>An action of the keyboard: either a text or keys.</summary>
public sealed record AgbKeyAction
{
    /// <summary>The text to type, in any script; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The keys by name: letters, digits, <c>Ctrl</c>, <c>Shift</c>, <c>Alt</c>, <c>Enter</c>, <c>Delete</c>, <c>space</c>,
    /// <c>F1</c>, and X keysym names.</summary>
    public IReadOnlyList<string> Keys { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>How the keys are pressed.</summary>
    public AgbKeyPress Press { get; init; }
}

/// <summary>The state of a window.</summary>
public enum AgbWindowState
{
    /// <summary>Shown with its own size.</summary>
    Normal,

    /// <summary>As large as the desktop allows.</summary>
    Maximized,

    /// <summary>Hidden.</summary>
    Minimized,

    /// <summary>On the whole screen, without a frame.</summary>
    Fullscreen,
}

/// <summary>A window of a desktop.</summary>
public sealed record AgbWindow : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The window's number.</summary>
    public required long WindowId { get; init; }

    /// <summary>The title.</summary>
    public string Title { get; init; } = "";

    /// <summary>The position of the content's top left corner from the screen's left, in pixels.</summary>
    public int X { get; init; }

    /// <summary>The position of the content's top left corner from the screen's top, in pixels.</summary>
    public int Y { get; init; }

    /// <summary>The width of the content in pixels.</summary>
    public int Width { get; init; }

    /// <summary>The height of the content in pixels.</summary>
    public int Height { get; init; }

    /// <summary>The state.</summary>
    public AgbWindowState State { get; init; }

    /// <summary>Whether the window has the keyboard.</summary>
    public bool IsActive { get; init; }

    /// <summary>The process id in the session; 0 if the window does not say.</summary>
    public int ProcessId { get; init; }

    /// <summary>The name of the process; empty if unknown.</summary>
    public string ProcessName { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Title;
}

/// <summary>What to do with a window.</summary>
public enum AgbWindowAction
{
    /// <summary>Raise it and give it the keyboard.</summary>
    Activate,

    /// <summary>Close it.</summary>
    Close,

    /// <summary>Make it as large as the desktop allows.</summary>
    Maximize,

    /// <summary>Hide it.</summary>
    Minimize,

    /// <summary>Show it with its own size.</summary>
    Restore,

    /// <summary>Show it on the whole screen.</summary>
    Fullscreen,

    /// <summary>Give it another size.</summary>
    Resize,

    /// <summary>Move its top left corner.</summary>
    Move,
}

/// <summary>A change of a window.</summary>
/// <param name="WindowId">The window.</param>
/// <param name="Action">The change.</param>
public sealed record AgbWindowChange(long WindowId, AgbWindowAction Action)
{
    /// <summary>For a resize: the new size of the content, in pixels.</summary>
    public AgbPixelSize? Size { get; init; }

    /// <summary>For a move: the new position of the frame, in pixels.</summary>
    public (int X, int Y)? Position { get; init; }
}

/// <summary>An installed app.</summary>
public sealed record AgbApp : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The command line that starts it.</summary>
    public required string StartCommand { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A process of an app with a window.</summary>
public sealed record AgbAppProcess : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The process id in the session.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The name of the process.</summary>
    public required string Name { get; init; }

    /// <summary>Its command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
