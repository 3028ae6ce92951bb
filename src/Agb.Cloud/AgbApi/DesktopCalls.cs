using System.Text.Json.Nodes;

namespace Agb.Cloud;

/// <summary>Desktops of sessions by the tools of the AGB API.</summary>
internal sealed class DesktopCalls(IAgbService owner, ToolCalls tools)
{
    // For the start of an app and of the desktop itself.
    private static readonly TimeSpan s_work = TimeSpan.FromMinutes(2);

    internal async Task<AgbScreen> GetScreenAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var (screen, id) = await ReadAsync(sessionId, "get_screen_size", [], cancellationToken).ConfigureAwait(false);
        var (cursor, cursorId) = await ReadAsync(sessionId, "get_cursor_position", [], cancellationToken).ConfigureAwait(false);
        return new AgbScreen
        {
            Width = DesktopReader.Number(screen, "width", id),
            Height = DesktopReader.Number(screen, "height", id),
            Scale = screen.TryGetProperty("dpiScalingFactor", out var scale) && scale.ValueKind == JsonValueKind.Number ? scale.GetDouble() : 1,
            CursorX = DesktopReader.Number(cursor, "x", cursorId),
            CursorY = DesktopReader.Number(cursor, "y", cursorId),
        };
    }

    internal async Task<AgbScreenshot> TakeScreenshotAsync(SessionId sessionId, AgbPictureFormat format, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["format"] = format == AgbPictureFormat.Png ? "png" : "jpeg" };
        var (taken, id) = await ReadAsync(sessionId, "screenshot", arguments, cancellationToken).ConfigureAwait(false);
        return new AgbScreenshot
        {
            Bytes = DesktopReader.Bytes(taken, "data", id),
            Format = format,
            Width = DesktopReader.Number(taken, "width", id),
            Height = DesktopReader.Number(taken, "height", id),
        };
    }

    internal async Task SendMouseAsync(SessionId sessionId, AgbMouseAction action, CancellationToken cancellationToken)
    {
        var button = Word(action.Button);
        var place = new JsonObject { ["x"] = action.X, ["y"] = action.Y };
        if (action.DragTo is { } to)
        {
            var drag = new JsonObject { ["from_x"] = action.X, ["from_y"] = action.Y, ["to_x"] = to.X, ["to_y"] = to.Y, ["button"] = button };
            await DoAsync(sessionId, "drag_mouse", drag, cancellationToken).ConfigureAwait(false);
        }
        else if (action.Scroll is { } direction)
        {
            (place["direction"], place["amount"]) = (Word(direction), action.ScrollSteps);
            await DoAsync(sessionId, "scroll", place, cancellationToken).ConfigureAwait(false);
        }
        else if (action.Clicks == 0)
        {
            await DoAsync(sessionId, "move_mouse", place, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // The API has double clicks for the left button alone.
            var isDouble = action is { Clicks: 2, Button: AgbMouseButton.Left };
            place["button"] = isDouble ? "double_left" : button;
            for (var click = isDouble ? 2 : 1; click <= action.Clicks; click++)
            {
                await DoAsync(sessionId, "click_mouse", place.DeepClone().AsObject(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal Task SendKeysAsync(SessionId sessionId, AgbKeyAction action, CancellationToken cancellationToken)
    {
        if (action.Text is { } text)
        {
            return DoAsync(sessionId, "input_text", new JsonObject { ["text"] = text }, cancellationToken);
        }
        var keys = new JsonObject { ["keys"] = new JsonArray([.. action.Keys.Select(k => JsonValue.Create(k))]) };
        if (action.Press == AgbKeyPress.Release)
        {
            return DoAsync(sessionId, "release_keys", keys, cancellationToken);
        }
        keys["hold"] = action.Press == AgbKeyPress.Hold;
        return DoAsync(sessionId, "press_keys", keys, cancellationToken);
    }

    internal async Task<IReadOnlyList<AgbWindow>> ListWindowsAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var (all, id) = await ReadAsync(sessionId, "list_root_windows", new JsonObject { ["timeout_ms"] = 3000 }, cancellationToken).ConfigureAwait(false);
        var windows = DesktopReader.Items(all, id).Select(w => DesktopReader.Window(w, owner, sessionId, id)).ToArray();
        if (windows.Length == 0 || windows.Any(w => w.IsActive))
        {
            return windows;
        }
        var active = await CallAsync(sessionId, "get_active_window", [], cancellationToken).ConfigureAwait(false);
        if (active is { IsError: true, Error: { Id: not AgbErrorIds.WindowNotFound } })
        {
            throw AgbApiService.ToolFailed("get_active_window", active);
        }
        // No window may be the active one, and services say it as an error.
        var activeId = active.IsError ? null : DesktopReader.IdOf(DesktopReader.Parse(active));
        return [.. windows.Select(w => w with { IsActive = w.WindowId == activeId })];
    }

    internal Task ChangeWindowAsync(SessionId sessionId, AgbWindowChange change, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["window_id"] = change.WindowId };
        switch (change.Action)
        {
            case AgbWindowAction.Move when change.Position is { } position:
                (arguments["x"], arguments["y"]) = (position.X, position.Y);
                break;
            case AgbWindowAction.Move:
                throw AgbErrors.Invalid(AgbErrorIds.InvalidDesktopAction, "The new position of the window is missing.", target: change.WindowId);
            case AgbWindowAction.Resize when change.Size is { } size:
                (arguments["width"], arguments["height"]) = (size.Width, size.Height);
                break;
            case AgbWindowAction.Resize:
                throw AgbErrors.Invalid(AgbErrorIds.InvalidDesktopAction, "The new size of the window is missing.", target: change.WindowId);
        }
        return DoAsync(sessionId, Word(change.Action) + "_window", arguments, cancellationToken);
    }

    internal Task SetFocusModeAsync(SessionId sessionId, bool isOn, CancellationToken cancellationToken) =>
        DoAsync(sessionId, "focus_mode", new JsonObject { ["on"] = isOn }, cancellationToken);

    internal async Task<IReadOnlyList<AgbApp>> ListAppsAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["start_menu"] = true, ["desktop"] = true, ["ignore_system_apps"] = true };
        var (all, id) = await ReadAsync(sessionId, "get_installed_apps", arguments, cancellationToken).ConfigureAwait(false);
        return [.. DesktopReader.Items(all, id).Select(a => new AgbApp
        {
            Service = owner, SessionId = sessionId, Name = DesktopReader.Text(a, "name"), StartCommand = DesktopReader.Text(a, "start_cmd"),
        })];
    }

    internal Task<IReadOnlyList<AgbAppProcess>> StartAppAsync(
        SessionId sessionId, string command, string? workingDirectory, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["start_cmd"] = command };
        if (workingDirectory is not null)
        {
            arguments["work_directory"] = workingDirectory;
        }
        return ProcessesAsync(sessionId, "start_app", arguments, cancellationToken);
    }

    internal Task<IReadOnlyList<AgbAppProcess>> ListAppProcessesAsync(SessionId sessionId, CancellationToken cancellationToken) =>
        ProcessesAsync(sessionId, "list_visible_apps", [], cancellationToken);

    internal Task StopAppAsync(SessionId sessionId, int processId, CancellationToken cancellationToken) =>
        DoAsync(sessionId, "stop_app_by_pid", new JsonObject { ["pid"] = processId }, cancellationToken);

    internal Task StopAppsAsync(SessionId sessionId, string processName, CancellationToken cancellationToken) =>
        DoAsync(sessionId, "stop_app_by_pname", new JsonObject { ["pname"] = processName }, cancellationToken);

    private async Task<IReadOnlyList<AgbAppProcess>> ProcessesAsync(SessionId sessionId, string tool, JsonObject arguments, CancellationToken cancellationToken)
    {
        var (all, id) = await ReadAsync(sessionId, tool, arguments, cancellationToken).ConfigureAwait(false);
        return [.. DesktopReader.Items(all, id).Select(p => new AgbAppProcess
        {
            Service = owner,
            SessionId = sessionId,
            ProcessId = DesktopReader.Number(p, "pid", id),
            Name = DesktopReader.Text(p, "pname"),
            CommandLine = DesktopReader.Text(p, "cmdline"),
        })];
    }

    // The words of the API are the contract's in lower case.
    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private Task DoAsync(SessionId sessionId, string tool, JsonObject arguments, CancellationToken cancellationToken) =>
        RequireAsync(sessionId, tool, arguments, cancellationToken);

    private async Task<(JsonElement Answer, string RequestId)> ReadAsync(
        SessionId sessionId, string tool, JsonObject arguments, CancellationToken cancellationToken)
    {
        var reply = await RequireAsync(sessionId, tool, arguments, cancellationToken).ConfigureAwait(false);
        return (DesktopReader.Parse(reply), reply.RequestId);
    }

    private async Task<ToolReply> RequireAsync(SessionId sessionId, string tool, JsonObject arguments, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(sessionId, tool, arguments, cancellationToken).ConfigureAwait(false);
        return reply.IsError ? throw AgbApiService.ToolFailed(tool, reply) : reply;
    }

    private Task<ToolReply> CallAsync(SessionId sessionId, string tool, JsonObject arguments, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(arguments.ToJsonString());
        return tools.CallAsync(sessionId, tool, json.RootElement.Clone(), s_work, cancellationToken);
    }
}
