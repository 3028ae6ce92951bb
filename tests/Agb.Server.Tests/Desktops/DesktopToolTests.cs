using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests.Desktops;

/// <summary>The tools of desktops by the API, with the real engine and a real desktop.</summary>
public sealed class DesktopToolTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private string _session = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync();
        _session = (await CreateAsync(_server)).SessionId!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_session.Length > 0)
        {
            await _server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{_session}}"}""");
        }
        await _server.DisposeAsync();
    }

    /// <summary>Starts a server with the engine, or skips the test where desktops can't run.</summary>
    internal static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = await TestServer.StartAsync(o => (change?.Invoke(o) ?? o) with { ConfigureServices = null }, useEngine: true);
        var images = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.ListImages, "{}")).DataAs(WireJson.Default.IReadOnlyListAgbImage)!;
        if (images.Single(i => i.ImageId == "agb-computer-use-1").Missing is { Count: > 0 } missing)
        {
            await server.DisposeAsync();
            Assert.Skip($"This host lacks programs of desktops: {string.Join(", ", missing)}.");
        }
        return server;
    }

    /// <summary>Creates a session with a desktop.</summary>
    internal static async Task<SessionData> CreateAsync(TestServer server, string image = "agb-computer-use-ubuntu-2204") =>
        (await server.CallAsync(HttpMethod.Post, $"/mcp/createSession?imageId={image}", "{}")).DataAs(WireJson.Default.SessionData)!;

    [Fact]
    public async Task Screen_mouse_and_keyboard_answer_as_the_protocol_says()
    {
        (await CallAsync("get_screen_size")).ShouldBe("""{"width":1920,"height":1080,"dpiScalingFactor":1}""");
        foreach (var (tool, arguments, x, y) in new[]
        {
            ("move_mouse", """{"x":100,"y":200}""", 100, 200), ("click_mouse", """{"x":960,"y":540,"button":"double_left"}""", 960, 540),
            ("drag_mouse", """{"from_x":10,"from_y":20,"to_x":310,"to_y":321,"button":"left"}""", 310, 321), ("scroll", """{"x":5,"y":6,"direction":"down","amount":3}""", 5, 6),
        })
        {
            (await CallAsync(tool, arguments)).ShouldBe("true");
            (await CallAsync("get_cursor_position")).ShouldBe($$"""{"x":{{x}},"y":{{y}}}""");
        }
        (await CallAsync("press_keys", """{"keys":["Ctrl","a"],"hold":true}""")).ShouldBe("true");
        (await CallAsync("release_keys", """{"keys":["Ctrl","a"]}""")).ShouldBe("true");
        (await CallAsync("input_text", """{"text":"Grüße 你好"}""")).ShouldBe("true");

        foreach (var format in new[] { "png", "jpeg" })
        {
            using var picture = JsonDocument.Parse(await CallAsync("screenshot", $$"""{"format":"{{format}}"}"""));
            picture.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["type", "mime_type", "data", "width", "height"]);
            picture.RootElement.GetProperty("type").GetString().ShouldBe("screenshot");
            picture.RootElement.GetProperty("mime_type").GetString().ShouldBe($"image/{format}");
            (picture.RootElement.GetProperty("width").GetInt32(), picture.RootElement.GetProperty("height").GetInt32()).ShouldBe((1920, 1080));
            picture.RootElement.GetProperty("data").GetBytesFromBase64()[..4].ShouldBe(format == "png" ? [0x89, 0x50, 0x4E, 0x47] : [0xFF, 0xD8, 0xFF, 0xE0]);
        }
        (await CallAsync("system_screenshot")).ShouldStartWith("data:image/png;base64,iVBOR");
    }

    [Fact]
    public async Task Apps_and_windows_answer_as_the_protocol_says()
    {
        using var apps = JsonDocument.Parse(await CallAsync("get_installed_apps", """{"start_menu":true,"desktop":false,"ignore_system_apps":true}"""));
        apps.RootElement.GetArrayLength().ShouldBeGreaterThanOrEqualTo(4);
        apps.RootElement[0].GetProperty("name").GetString().ShouldBe("Google Chrome");
        var command = apps.RootElement[1].GetProperty("start_cmd").GetString()!;
        (await CallAsync("list_root_windows", """{"timeout_ms":3000}""")).ShouldBe("[]");
        (await FailsAsync("get_active_window")).ShouldContain("No window is active");

        var started = Single(await CallAsync("start_app", JsonSerializer.Serialize(new { start_cmd = command })));
        var pid = started.GetProperty("pid").GetInt32();
        started.GetProperty("pname").GetString().ShouldBe("xterm");
        started.GetProperty("cmdline").GetString().ShouldBe(command);
        Single(await CallAsync("list_visible_apps")).ToString().ShouldBe(started.ToString());
        var window = Single(await CallAsync("list_root_windows", """{"timeout_ms":3000}"""));
        window.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["window_id", "title", "absolute_upper_left_x", "absolute_upper_left_y", "width", "height", "pid", "pname", "state", "is_active", "child_windows"]);
        (window.GetProperty("pid").GetInt32(), window.GetProperty("pname").GetString(), window.GetProperty("child_windows").GetArrayLength()).ShouldBe((pid, "xterm", 0));
        (await CallAsync("get_active_window")).ShouldBe(window.ToString());
        var id = window.GetProperty("window_id").GetInt64();
        foreach (var tool in new[] { "activate_window", "minimize_window", "maximize_window", "restore_window", "fullscreen_window" })
        {
            (await CallAsync(tool, $$"""{"window_id":{{id}}}""")).ShouldBe("true");
        }
        (await CallAsync("resize_window", $$"""{"window_id":{{id}},"width":300,"height":500}""")).ShouldBe("true");
        (await CallAsync("focus_mode", """{"on":true}""")).ShouldBe("true");
        (await CallAsync("focus_mode", """{"on":false}""")).ShouldBe("true");
        (await CallAsync("close_window", $$"""{"window_id":{{id}}}""")).ShouldBe("true");
        (await CallAsync("list_root_windows")).ShouldBe("[]");
        (await FailsAsync("activate_window", $$"""{"window_id":{{id}}}""")).ShouldContain($"no window {id}");

        await StopAsync("stop_app_by_pid", p => $$"""{"pid":{{p}}}""");
        await StopAsync("stop_app_by_cmd", p => $$"""{"stop_cmd":"kill -9 {{p}}"}""");
        await StopAsync("stop_app_by_pname", _ => """{"pname":"xterm"}""");
    }

    [Fact]
    public async Task Invalid_arguments_and_missing_things_are_errors_of_the_tool()
    {
        (await FailsAsync("click_mouse", """{"x":1}""")).ShouldContain("'y' is missing");
        (await FailsAsync("click_mouse", """{"x":1,"y":"2"}""")).ShouldContain("'y'");
        (await FailsAsync("click_mouse", """{"x":1,"y":2,"button":"side"}""")).ShouldContain("double_left");
        (await FailsAsync("move_mouse", """{"x":1920,"y":2}""")).ShouldContain("not on the screen");
        (await FailsAsync("scroll", """{"x":1,"y":2,"direction":"in"}""")).ShouldContain("up, down, left, right");
        (await FailsAsync("press_keys", """{"keys":["Hyper7"]}""")).ShouldContain("'Hyper7'");
        (await FailsAsync("press_keys", "{}")).ShouldContain("'keys' is missing");
        (await FailsAsync("focus_mode", "{}")).ShouldContain("'on' is missing");
        (await FailsAsync("screenshot", """{"format":"gif"}""")).ShouldContain("png, jpeg");
        (await FailsAsync("start_app", """{"start_cmd":"no-such-program"}""")).ShouldContain("no-such-program");
        (await FailsAsync("start_app", """{"start_cmd":"xterm","activity":"a.b/.C"}""")).ShouldContain("activity");
        (await FailsAsync("stop_app_by_pid", """{"pid":1}""")).ShouldContain("no app");
        (await FailsAsync("stop_app_by_cmd", """{"stop_cmd":"kill -9 99999"}""")).ShouldContain("No such process");
    }

    [Fact]
    public async Task A_session_of_another_image_has_none_of_the_tools()
    {
        var other = await _server.CreateSessionAsync();

        var result = await _server.CallToolAsync(other.SessionId!, "get_screen_size", "{}");

        result.IsError.ShouldBeTrue();
        result.JoinText().ShouldContain("has no desktop");
        (await _server.CallToolAsync(other.SessionId!, "stop_app_by_cmd", """{"stop_cmd":"touch /tmp/done"}""")).IsError.ShouldBeTrue();
        ToolListJson.ReadServers(other.ToolList).Keys.ShouldNotContain("screenshot");
        other.ResourceUrl!.ShouldContain("/agb/session?resourceId=");
        var desktop = await CreateAsync(_server, "agb-computer-use-1");
        ToolListJson.ReadServers(desktop.ToolList).Keys.ShouldContain("screenshot");
        (desktop.LinkUrl, desktop.WsUrl is null, desktop.Token is null).ShouldBe((null, false, false));
        using var list = JsonDocument.Parse((await _server.CallAsync(HttpMethod.Post, "/mcp/listTools?imageId=agb-computer-use-1")).Data!.Value.GetString()!);
        var schema = list.RootElement.EnumerateArray().Single(t => t.GetProperty("name").GetString() == "resize_window").GetProperty("inputSchema");
        schema.GetProperty("required").EnumerateArray().Select(r => r.GetString()).ShouldBe(["window_id", "width", "height"]);
        foreach (var id in new[] { other.SessionId, desktop.SessionId })
        {
            await _server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{id}}"}""");
        }
    }

    private async Task StopAsync(string tool, Func<int, string> arguments)
    {
        var pid = Single(await CallAsync("start_app", """{"start_cmd":"xterm"}""")).GetProperty("pid").GetInt32();
        (await CallAsync(tool, arguments(pid))).ShouldBe("true");
        await Eventually.HoldsAsync("the app is gone", async () => await CallAsync("list_visible_apps") == "[]");
    }

    private static JsonElement Single(string array)
    {
        using var json = JsonDocument.Parse(array);
        json.RootElement.GetArrayLength().ShouldBe(1, array);
        return json.RootElement[0].Clone();
    }

    private async Task<string> CallAsync(string tool, string arguments = "{}")
    {
        Token.ThrowIfCancellationRequested();
        var result = await _server.CallToolAsync(_session, tool, arguments);
        result.IsError.ShouldBeFalse($"{tool} {arguments}: {result.JoinText()}");
        return result.JoinText();
    }

    private async Task<string> FailsAsync(string tool, string arguments = "{}")
    {
        var result = await _server.CallToolAsync(_session, tool, arguments);
        result.IsError.ShouldBeTrue($"{tool} {arguments}: {result.JoinText()}");
        return result.JoinText();
    }
}
