using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Desktops by the tools of the AGB API.</summary>
public sealed class DesktopTests : PlainTest
{
    private const string Window =
        """{"window_id":7,"title":"Term","absolute_upper_left_x":1,"absolute_upper_left_y":2,"width":300,"height":400,"pid":5,"pname":"xterm","child_windows":[]}""";

    private static readonly SessionId s_session = new("s-1");

    private readonly Dictionary<string, string> _answers = [];

    public DesktopTests()
    {
        OnSession();
        Fake.On("/mcp", sent => FakeAgb.Json(FakeAgb.Envelope(
            $$"""{"isError":false,"content":[{"type":"text","text":{{Quote(_answers.GetValueOrDefault(sent.Json.GetProperty("name").GetString()!, "true"))}}}]}""")));
    }

    [Fact]
    public async Task The_screen_is_its_size_and_its_cursor()
    {
        _answers["get_screen_size"] = """{"width":1920,"height":1080,"dpiScalingFactor":1.5}""";
        _answers["get_cursor_position"] = """{"x":3,"y":4}""";

        (await Service.GetScreenAsync(s_session, Token)).ShouldBe(new AgbScreen { Width = 1920, Height = 1080, Scale = 1.5, CursorX = 3, CursorY = 4 });
    }

    [Fact]
    public async Task A_picture_is_read()
    {
        _answers["screenshot"] = """{"type":"screenshot","mime_type":"image/jpeg","data":"AQID","width":10,"height":20}""";

        var taken = await Service.TakeScreenshotAsync(s_session, AgbPictureFormat.Jpeg, Token);

        taken.Bytes.ShouldBe([1, 2, 3]);
        (taken.Format, taken.Width, taken.Height).ShouldBe((AgbPictureFormat.Jpeg, 10, 20));
        Sent().ShouldBe(["""screenshot {"format":"jpeg"}"""]);
    }

    [Fact]
    public async Task The_mouse_has_the_arguments_of_the_SDKs()
    {
        var at = new AgbMouseAction { X = 1, Y = 2 };
        AgbMouseAction[] actions =
        [
            at, at with { Clicks = 1, Button = AgbMouseButton.Right }, at with { Clicks = 2 }, at with { Clicks = 2, Button = AgbMouseButton.Middle },
            at with { DragTo = (3, 4) }, at with { Scroll = AgbScrollDirection.Down, ScrollSteps = 5 },
        ];
        foreach (var action in actions)
        {
            await Service.SendMouseAsync(s_session, action, Token);
        }
        Sent().ShouldBe(
        [
            """move_mouse {"x":1,"y":2}""", """click_mouse {"x":1,"y":2,"button":"right"}""", """click_mouse {"x":1,"y":2,"button":"double_left"}""",
            """click_mouse {"x":1,"y":2,"button":"middle"}""", """click_mouse {"x":1,"y":2,"button":"middle"}""",
            """drag_mouse {"from_x":1,"from_y":2,"to_x":3,"to_y":4,"button":"left"}""", """scroll {"x":1,"y":2,"direction":"down","amount":5}""",
        ]);
    }

    [Fact]
    public async Task Keys_are_typed_pressed_held_and_released()
    {
        await Service.SendKeysAsync(s_session, new AgbKeyAction { Text = "a" }, Token);
        await Service.SendKeysAsync(s_session, new AgbKeyAction { Keys = ["Ctrl", "a"] }, Token);
        await Service.SendKeysAsync(s_session, new AgbKeyAction { Keys = ["Shift"], Press = AgbKeyPress.Hold }, Token);
        await Service.SendKeysAsync(s_session, new AgbKeyAction { Keys = ["Shift"], Press = AgbKeyPress.Release }, Token);

        Sent().ShouldBe(
        [
            """input_text {"text":"a"}""", """press_keys {"keys":["Ctrl","a"],"hold":false}""", """press_keys {"keys":["Shift"],"hold":true}""",
            """release_keys {"keys":["Shift"]}""",
        ]);
    }

    [Fact]
    public async Task Windows_are_listed_with_the_active_one_and_changed()
    {
        _answers["list_root_windows"] = $"[{Window}]";
        _answers["get_active_window"] = Window;

        var window = (await Service.ListWindowsAsync(s_session, Token)).ShouldHaveSingleItem();
        window.ShouldBe(new AgbWindow
        {
            Service = Service, SessionId = "s-1", WindowId = 7, Title = "Term", X = 1, Y = 2, Width = 300, Height = 400, ProcessId = 5, ProcessName = "xterm", IsActive = true,
        });
        await Service.ChangeWindowAsync(s_session, new AgbWindowChange(7, AgbWindowAction.Maximize), Token);
        await Service.ChangeWindowAsync(s_session, new AgbWindowChange(7, AgbWindowAction.Resize) { Size = new AgbPixelSize(3, 5) }, Token);
        await Service.SetFocusModeAsync(s_session, true, Token);
        Sent().TakeLast(3).ShouldBe(["""maximize_window {"window_id":7}""", """resize_window {"window_id":7,"width":3,"height":5}""", """focus_mode {"on":true}"""]);
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.ChangeWindowAsync(s_session, new AgbWindowChange(7, AgbWindowAction.Move) { Position = (1, 1) }, Token));
    }

    [Fact]
    public async Task Apps_are_listed_started_and_stopped()
    {
        _answers["get_installed_apps"] = """[{"name":"Google Chrome","start_cmd":"chrome"}]""";
        _answers["start_app"] = _answers["list_visible_apps"] = """[{"pname":"xterm","pid":5,"cmdline":"xterm -ls"}]""";

        (await Service.ListAppsAsync(s_session, Token)).ShouldHaveSingleItem().StartCommand.ShouldBe("chrome");
        var process = (await Service.StartAppAsync(s_session, "xterm -ls", "/tmp", Token)).ShouldHaveSingleItem();
        (process.ProcessId, process.Name, process.CommandLine).ShouldBe((5, "xterm", "xterm -ls"));
        (await Service.ListAppProcessesAsync(s_session, Token)).ShouldBe([process]);
        await Service.StopAppAsync(s_session, 5, Token);
        await Service.StopAppsAsync(s_session, "xterm", Token);
        Sent().ShouldBe(
        [
            """get_installed_apps {"start_menu":true,"desktop":true,"ignore_system_apps":true}""", """start_app {"start_cmd":"xterm -ls","work_directory":"/tmp"}""",
            "list_visible_apps {}", """stop_app_by_pid {"pid":5}""", """stop_app_by_pname {"pname":"xterm"}""",
        ]);
    }

    [Fact]
    public async Task The_text_of_a_failed_tool_is_the_error_and_an_Agb_servers_id_is_kept()
    {
        OnTool("the window is gone", isError: true);
        (await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, CloseAsync)).Message.ShouldContain("the window is gone");

        Fake.Ok("/mcp", """{"isError":true,"content":[{"type":"text","text":"gone"}],"agbError":{"id":"WindowNotFound","kind":"NotFound","message":"No window 7.","target":7}}""");
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.WindowNotFound, CloseAsync);
        (error.Message, error.Kind, error.Target).ShouldBe(("No window 7.", AgbErrorKind.NotFound, 7L));

        Task CloseAsync() => Service.ChangeWindowAsync(s_session, new AgbWindowChange(7, AgbWindowAction.Close), Token);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""[{"title":"no id"}]""")]
    public async Task An_answer_that_can_not_be_read_is_an_error_of_the_service(string text)
    {
        _answers["list_root_windows"] = text;

        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.ListWindowsAsync(s_session, Token));
    }

    private string[] Sent() => [.. Fake.Of("/mcp").Select(s => $"{s.Json.GetProperty("name").GetString()} {s.Json.GetProperty("args").GetString()}")];
}
