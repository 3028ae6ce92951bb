using System.Text.RegularExpressions;

namespace Agb.Engine;

/// <summary>The windows and their processes, as printed by the script <c>windows</c>.</summary>
internal sealed partial class DesktopListing
{
    private readonly Dictionary<long, (int Width, int Height, int X, int Y)> _positions = [];
    private readonly List<AgbWindow> _windows = [];
    private readonly Dictionary<int, string> _commands = [];
    private readonly string _sessionId;
    private readonly IAgbService _service;
    private long _active;

    private DesktopListing(string sessionId, IAgbService service) => (_sessionId, _service) = (sessionId, service);

    /// <summary>The windows, topmost last.</summary>
    internal IReadOnlyList<AgbWindow> Windows => _windows;

    /// <summary>The processes with windows.</summary>
    internal IReadOnlyList<AgbAppProcess> Processes =>
    [
        .. _windows.Where(w => w.ProcessName.Length > 0).DistinctBy(w => w.ProcessId).Select(w => new AgbAppProcess
        {
            Service = _service,
            SessionId = _sessionId,
            ProcessId = w.ProcessId,
            Name = w.ProcessName,
            CommandLine = _commands.GetValueOrDefault(w.ProcessId, ""),
        }),
    ];

    /// <summary>Reads the listing.</summary>
    internal static DesktopListing Parse(string text, string sessionId, IAgbService service)
    {
        var listing = new DesktopListing(sessionId, service);
        foreach (var line in text.Split('\n'))
        {
            listing.Take(line);
        }
        return listing;
    }

    /// <summary>A window's number, as printed by tools of X; null for another text.</summary>
    private static long? Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Take(string line)
    {
        var words = line.Split(' ');
        switch (words)
        {
            case ["position", var id, var width, var height, var x, var y] when Number(id) is { } number:
                _positions[number] = (Integer(width), Integer(height), Integer(x), Integer(y));
                break;
            case ["window", var id] when Number(id) is { } number && _positions.TryGetValue(number, out var place):
                _windows.Add(new AgbWindow
                {
                    Service = _service,
                    SessionId = _sessionId,
                    WindowId = number,
                    IsActive = number == _active,
                    X = place.X,
                    Y = place.Y,
                    Width = place.Width,
                    Height = place.Height,
                });
                break;
            case ["process", var pid, _, ..]:
                Change(w => w with { ProcessId = Integer(pid), ProcessName = line[("process ".Length + pid.Length + 1)..] });
                break;
            case ["command", var pid, _, ..]:
                _commands[Integer(pid)] = line[("command ".Length + pid.Length + 1)..].TrimEnd();
                break;
            case [.., var id] when line.StartsWith("_NET_ACTIVE_WINDOW(", StringComparison.Ordinal) && Number(id) is { } number:
                _active = number;
                break;
            default:
                Change(w => Property(w, line));
                break;
        }
    }

    private static AgbWindow Property(AgbWindow window, string line)
    {
        if (TextProperty().Match(line) is { Success: true } text)
        {
            return window.Title.Length > 0 ? window : window with { Title = Decode(text.Groups["type"].Value, text.Groups["bytes"].Value) };
        }
        if (line.StartsWith("_NET_WM_PID(CARDINAL) = ", StringComparison.Ordinal))
        {
            return window with { ProcessId = Integer(line.Split(' ')[^1]) };
        }
        if (line.Contains("window state: Iconic", StringComparison.Ordinal))
        {
            return window with { State = AgbWindowState.Minimized };
        }
        return line.StartsWith("_NET_WM_STATE(", StringComparison.Ordinal) && line.Contains("_FULLSCREEN", StringComparison.Ordinal) ? window with { State = AgbWindowState.Fullscreen }
            : line.StartsWith("_NET_WM_STATE(", StringComparison.Ordinal) && line.Contains("_MAXIMIZED_VERT", StringComparison.Ordinal) && line.Contains("_MAXIMIZED_HORZ", StringComparison.Ordinal)
                ? window with { State = AgbWindowState.Maximized }
            : window;
    }

    private static string Decode(string type, string bytes)
    {
        byte[] raw = [.. bytes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(b => (byte)(Number(b) ?? '?'))];
        return (type == "UTF8_STRING" ? Encoding.UTF8 : Encoding.Latin1).GetString(raw);
    }

    private void Change(Func<AgbWindow, AgbWindow> change)
    {
        if (_windows.Count > 0)
        {
            _windows[^1] = change(_windows[^1]);
        }
    }

    private static int Integer(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // The second name is the window manager's, for old programs without the first.
    [GeneratedRegex("^(_NET_WM_|_NET_WM_VISIBLE_|WM_)NAME\\((?<type>[A-Z0-9_]+)\\) = (?<bytes>(0x[0-9a-f]+(, )?)*)$")]
    private static partial Regex TextProperty();
}
