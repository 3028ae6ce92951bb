using System.Text.Json.Serialization;

namespace Agb.Server;

/// <summary>The size of the screen, as in the protocol.</summary>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="DpiScalingFactor">The scale of its points.</param>
internal sealed record ScreenSizeAnswer(int Width, int Height, [property: JsonPropertyName("dpiScalingFactor")] double DpiScalingFactor);

/// <summary>The position of the mouse.</summary>
internal sealed record CursorAnswer(int X, int Y);

/// <summary>A picture of the screen.</summary>
/// <param name="Type">Always <c>screenshot</c>.</param>
/// <param name="MimeType">The format.</param>
/// <param name="Data">The bytes, in base64.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal sealed record ScreenshotAnswer(string Type, string MimeType, byte[] Data, int Width, int Height);

/// <summary>A window. The position is that of its content. State and activity are for Agb's own clients.</summary>
internal sealed record WindowAnswer
{
    public required long WindowId { get; init; }

    public required string Title { get; init; }

    public required int AbsoluteUpperLeftX { get; init; }

    public required int AbsoluteUpperLeftY { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Pid { get; init; }

    public required string Pname { get; init; }

    /// <summary>The name of the state.</summary>
    public required string State { get; init; }

    /// <summary>Whether the window has the keyboard.</summary>
    public required bool IsActive { get; init; }

    public IReadOnlyList<WindowAnswer> ChildWindows { get; init; } = [];

    /// <summary>The answer for a window.</summary>
    internal static WindowAnswer From(AgbWindow window) => new()
    {
        WindowId = window.WindowId,
        Title = window.Title,
        AbsoluteUpperLeftX = window.X,
        AbsoluteUpperLeftY = window.Y,
        Width = window.Width,
        Height = window.Height,
        Pid = window.ProcessId,
        Pname = window.ProcessName,
        State = window.State.ToString(),
        IsActive = window.IsActive,
    };
}

/// <summary>An installed app.</summary>
internal sealed record AppAnswer(string Name, string StartCmd);

/// <summary>A running app.</summary>
internal sealed record AppProcessAnswer(string Pname, int Pid, string Cmdline)
{
    /// <summary>The answer for processes.</summary>
    internal static IReadOnlyList<AppProcessAnswer> From(IEnumerable<AgbAppProcess> processes) =>
        [.. processes.Select(p => new AppProcessAnswer(p.Name, p.ProcessId, p.CommandLine))];
}

/// <summary>The JSON of the desktop tools' answers, with names in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScreenSizeAnswer))]
[JsonSerializable(typeof(CursorAnswer))]
[JsonSerializable(typeof(ScreenshotAnswer))]
[JsonSerializable(typeof(WindowAnswer))]
[JsonSerializable(typeof(IReadOnlyList<WindowAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<AppAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<AppProcessAnswer>))]
internal sealed partial class DesktopToolJson : JsonSerializerContext;
