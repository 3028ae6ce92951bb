using System.Text.Json;

namespace Agb.Server;

/// <summary>The tools for screen, mouse and keyboard.</summary>
internal static class PointerTools
{
    private static readonly string[] s_buttons = ["left", "right", "middle"];
    private static readonly string[] s_directions = ["up", "down", "left", "right"];

    private static readonly ToolArgument s_x = new("x", "integer", "Pixels from the left edge of the screen");
    private static readonly ToolArgument s_y = new("y", "integer", "Pixels from the top edge of the screen");
    private static readonly ToolArgument s_keys = new("keys", "strings", "Names such as Ctrl, Shift, a, Delete, F1");

    /// <summary>All of them.</summary>
    internal static IEnumerable<Tool> All =>
    [
        new DesktopTool("get_screen_size", "Gets the size of the screen in pixels.", [], async (call, desktops, token) =>
        {
            var screen = await desktops.GetScreenAsync(call.Session(), token).ConfigureAwait(false);
            return JsonSerializer.Serialize(new ScreenSizeAnswer(screen.Width, screen.Height, screen.Scale), DesktopToolJson.Default.ScreenSizeAnswer);
        }),
        new DesktopTool("get_cursor_position", "Gets the position of the mouse.", [], async (call, desktops, token) =>
        {
            var screen = await desktops.GetScreenAsync(call.Session(), token).ConfigureAwait(false);
            return JsonSerializer.Serialize(new CursorAnswer(screen.CursorX, screen.CursorY), DesktopToolJson.Default.CursorAnswer);
        }),
        new DesktopTool("system_screenshot", "Takes a picture of the screen as a data URL (PNG).", [], async (call, desktops, token) =>
            $"data:image/png;base64,{Convert.ToBase64String((await desktops.TakeScreenshotAsync(call.Session(), AgbPictureFormat.Png, token).ConfigureAwait(false)).Bytes)}"),
        Mouse("move_mouse", "Moves the mouse.", [s_x, s_y], (_, position) => position),
        Mouse("click_mouse", "Clicks at a position.", [s_x, s_y, new("button", "string", "left by default") { IsOptional = true, Values = [.. s_buttons, "double_left"] }], Click),
        Mouse(
            "drag_mouse", "Presses a button, moves the mouse, and releases the button.",
            [
                new("from_x", "integer", "The start"), new("from_y", "integer", "The start"), new("to_x", "integer", "The end"), new("to_y", "integer", "The end"),
                new("button", "string", "left by default") { IsOptional = true, Values = s_buttons },
            ],
            (call, position) => position with { Button = (AgbMouseButton)Choice(call, "button", s_buttons, "left"), DragTo = (call.Pixels("to_x"), call.Pixels("to_y")) },
            "from_x", "from_y"),
        Mouse(
            "scroll", "Turns the wheel at a position.",
            [s_x, s_y, new("direction", "string", "up by default") { IsOptional = true, Values = s_directions }, new("amount", "integer", "Steps; 1 by default") { IsOptional = true }],
            (call, position) => position with
            {
                Scroll = (AgbScrollDirection)Choice(call, "direction", s_directions, "up"),
                ScrollSteps = (int)(call.OptionalInteger("amount", int.MinValue, int.MaxValue) ?? 1),
            }),
        Keyboard("input_text", "Types a text.", [new("text", "string", "The text, in any script")], call => new AgbKeyAction { Text = call.Text("text") }),
        Keyboard(
            "press_keys", "Presses keys together, and releases them unless hold is true.",
            [s_keys, new("hold", "boolean", "Leave them down") { IsOptional = true }],
            call => new AgbKeyAction { Keys = Keys(call), Press = call.Flag("hold") ? AgbKeyPress.Hold : AgbKeyPress.Tap }),
        Keyboard("release_keys", "Releases keys.", [s_keys], call => new AgbKeyAction { Keys = Keys(call), Press = AgbKeyPress.Release }),
    ];

    private static DesktopTool Mouse(
        string name, string description, IReadOnlyList<ToolArgument> arguments, Func<ToolCall, AgbMouseAction, AgbMouseAction> read, string x = "x", string y = "y") =>
        new(name, description, arguments, async (call, desktops, token) =>
        {
            var action = read(call, new AgbMouseAction { X = call.Pixels(x), Y = call.Pixels(y) });
            await desktops.SendMouseAsync(call.Session(), action, token).ConfigureAwait(false);
            return DesktopTool.Done;
        });

    private static DesktopTool Keyboard(string name, string description, IReadOnlyList<ToolArgument> arguments, Func<ToolCall, AgbKeyAction> read) =>
        new(name, description, arguments, async (call, desktops, token) =>
        {
            await desktops.SendKeysAsync(call.Session(), read(call), token).ConfigureAwait(false);
            return DesktopTool.Done;
        });

    private static AgbMouseAction Click(ToolCall call, AgbMouseAction position)
    {
        const string Double = "double_left";
        var button = Choice(call, "button", [.. s_buttons, Double], "left");
        return button < s_buttons.Length ? position with { Clicks = 1, Button = (AgbMouseButton)button } : position with { Clicks = 2 };
    }

    private static IReadOnlyList<string> Keys(ToolCall call) =>
        call.OptionalTexts("keys") ?? throw new ToolArgumentException("The argument 'keys' is missing; expected an array of strings.");

    /// <summary>The place of an argument's word among the expected ones.</summary>
    internal static int Choice(ToolCall call, string name, string[] words, string standard)
    {
        var word = call.OptionalText(name) ?? standard;
        return Array.IndexOf(words, word) is >= 0 and var place
            ? place
            : throw new ToolArgumentException($"The argument '{name}' is '{word}'; expected one of {string.Join(", ", words)}.");
    }
}
