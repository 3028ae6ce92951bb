using System.Text.Json;

namespace Agb.Server;

/// <summary>The tools for windows.</summary>
internal static class WindowTools
{
    private const long DefaultListMilliseconds = 3000;
    private const long MostListMilliseconds = 600_000;

    private static readonly ToolArgument s_window = new("window_id", "integer", "The window");

    /// <summary>All of them.</summary>
    internal static IEnumerable<Tool> All =>
    [
        new DesktopTool(
            "list_root_windows", "Lists the windows, topmost last.",
            [new("timeout_ms", "integer", "The limit in milliseconds; 3000 by default") { IsOptional = true }], ListAsync),
        new DesktopTool("get_active_window", "Gets the window with the keyboard.", [], async (call, desktops, token) =>
        {
            var windows = await desktops.ListWindowsAsync(call.Session(), token).ConfigureAwait(false);
            var active = windows.FirstOrDefault(w => w.IsActive) ?? throw new ToolFailedException("No window is active.");
            return JsonSerializer.Serialize(WindowAnswer.From(active), DesktopToolJson.Default.WindowAnswer);
        }),
        Change("activate_window", "Raises a window and gives it the keyboard.", AgbWindowAction.Activate),
        Change("close_window", "Closes a window.", AgbWindowAction.Close),
        Change("maximize_window", "Makes a window as large as the desktop allows.", AgbWindowAction.Maximize),
        Change("minimize_window", "Hides a window.", AgbWindowAction.Minimize),
        Change("restore_window", "Shows a window with its own size.", AgbWindowAction.Restore),
        Change("fullscreen_window", "Shows a window on the whole screen.", AgbWindowAction.Fullscreen),
        new DesktopTool(
            "resize_window", "Gives a window another size.",
            [s_window, new("width", "integer", "Pixels of the content"), new("height", "integer", "Pixels of the content")],
            (call, desktops, token) => ChangeAsync(
                call, desktops, new AgbWindowChange(WindowOf(call), AgbWindowAction.Resize) { Size = new AgbPixelSize(call.Pixels("width"), call.Pixels("height")) }, token)),
        // Of Agb's own clients.
        new DesktopTool(
            "move_window", "Moves a window.", [s_window, new("x", "integer", "Pixels of the frame from the left"), new("y", "integer", "Pixels of the frame from the top")],
            (call, desktops, token) => ChangeAsync(
                call, desktops, new AgbWindowChange(WindowOf(call), AgbWindowAction.Move) { Position = (call.Pixels("x"), call.Pixels("y")) }, token)),
        new DesktopTool(
            "focus_mode", "Switches focus mode: whether new windows leave the active one active.", [new("on", "boolean", "On or off")], async (call, desktops, token) =>
            {
                _ = call.Find("on") ?? throw new ToolArgumentException("The argument 'on' is missing; expected true or false.");
                await desktops.SetFocusModeAsync(call.Session(), call.Flag("on"), token).ConfigureAwait(false);
                return DesktopTool.Done;
            }),
    ];

    private static DesktopTool Change(string name, string description, AgbWindowAction action) =>
        new(name, description, [s_window], (call, desktops, token) => ChangeAsync(call, desktops, new AgbWindowChange(WindowOf(call), action), token));

    private static async Task<string> ChangeAsync(ToolCall call, IDesktopService desktops, AgbWindowChange change, CancellationToken cancellationToken)
    {
        await desktops.ChangeWindowAsync(call.Session(), change, cancellationToken).ConfigureAwait(false);
        return DesktopTool.Done;
    }

    private static async Task<string> ListAsync(ToolCall call, IDesktopService desktops, CancellationToken cancellationToken)
    {
        var limit = call.OptionalInteger("timeout_ms", 1, MostListMilliseconds) ?? DefaultListMilliseconds;
        try
        {
            var windows = await desktops.ListWindowsAsync(call.Session(), cancellationToken)
                .WaitAsync(TimeSpan.FromMilliseconds(limit), cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Serialize([.. windows.Select(WindowAnswer.From)], DesktopToolJson.Default.IReadOnlyListWindowAnswer);
        }
        catch (TimeoutException)
        {
            throw new ToolFailedException($"The desktop did not list its windows within {limit} ms.");
        }
    }

    private static long WindowOf(ToolCall call) => call.OptionalInteger("window_id", 0, long.MaxValue)
        ?? throw new ToolArgumentException("The argument 'window_id' is missing; expected an integer.");
}
