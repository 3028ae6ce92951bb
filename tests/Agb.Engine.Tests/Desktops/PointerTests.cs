namespace Agb.Engine.Tests.Desktops;

/// <summary>The screen, the mouse and the keyboard.</summary>
public sealed class PointerTests(DesktopFixture fixture) : DesktopTest(fixture)
{
    [Fact]
    public async Task The_screen_has_its_size_and_the_position_of_the_mouse()
    {
        await Desktops.SendMouseAsync(Session, new AgbMouseAction { X = 123, Y = 456 }, Token);

        (await Desktops.GetScreenAsync(Session, Token)).ShouldBe(new AgbScreen { Width = 1920, Height = 1080, CursorX = 123, CursorY = 456 });
    }

    [Fact]
    public async Task Commands_find_the_display() => (await ShellAsync("xdotool getdisplaygeometry; echo $DISPLAY")).ShouldBe("1920 1080\n:99");

    [Theory]
    [InlineData(AgbMouseButton.Left, 1, "ButtonPress 1, ButtonRelease 1")]
    [InlineData(AgbMouseButton.Middle, 1, "ButtonPress 2, ButtonRelease 2")]
    [InlineData(AgbMouseButton.Right, 1, "ButtonPress 3, ButtonRelease 3")]
    [InlineData(AgbMouseButton.Left, 2, "ButtonPress 1, ButtonRelease 1, ButtonPress 1, ButtonRelease 1")]
    public async Task A_click_arrives_at_its_position(AgbMouseButton button, int clicks, string expected)
    {
        await RecordAsync();

        await Desktops.SendMouseAsync(Session, new AgbMouseAction { X = 350, Y = 420, Button = button, Clicks = clicks }, Token);

        string.Join(", ", await EventsAsync(2 * clicks)).ShouldBe(expected);
        var screen = await Desktops.GetScreenAsync(Session, Token);
        (screen.CursorX, screen.CursorY).ShouldBe((350, 420));
    }

    [Fact]
    public async Task A_drag_presses_at_its_start_moves_and_ends_at_its_target()
    {
        var window = await RecordAsync();

        await Desktops.SendMouseAsync(Session, new AgbMouseAction { X = 300, Y = 300, DragTo = (501, 403) }, Token);

        await ShellAsync("sleep 0.3");
        var events = await ShellAsync("grep -oE '^(ButtonPress|ButtonRelease|MotionNotify)|root:[(][0-9]+,[0-9]+[)]' /tmp/events | tr '\\n' ' '");
        events.ShouldContain("ButtonPress root:(300,300) MotionNotify");
        events.ShouldEndWith("ButtonRelease root:(501,403) ");
        events.Split("MotionNotify").Length.ShouldBeInRange(8, 13);
        var screen = await Desktops.GetScreenAsync(Session, Token);
        (screen.CursorX, screen.CursorY).ShouldBe((501, 403));
        (await FindAsync(window)).X.ShouldBe(window.X);
    }

    [Theory]
    [InlineData(AgbScrollDirection.Up, 4)]
    [InlineData(AgbScrollDirection.Down, 5)]
    [InlineData(AgbScrollDirection.Left, 6)]
    [InlineData(AgbScrollDirection.Right, 7)]
    public async Task Scrolling_turns_the_wheel_by_its_steps(AgbScrollDirection direction, int button)
    {
        await RecordAsync();

        await Desktops.SendMouseAsync(Session, new AgbMouseAction { X = 400, Y = 400, Scroll = direction, ScrollSteps = 3 }, Token);

        (await EventsAsync(6)).ShouldBe(Enumerable.Repeat<string[]>([$"ButtonPress {button}", $"ButtonRelease {button}"], 3).SelectMany(e => e));
    }

    [Fact]
    public async Task Actions_outside_of_the_screen_are_refused()
    {
        AgbMouseAction[] wrong =
        [
            new() { X = 1920, Y = 0 }, new() { X = 0, Y = 1080 }, new() { X = -1, Y = 0 }, new() { X = 1, Y = 1, DragTo = (5000, 1) },
            new() { X = 1, Y = 1, Clicks = 4 }, new() { X = 1, Y = 1, Scroll = AgbScrollDirection.Up, ScrollSteps = 0 }, new() { X = 1, Y = 1, Button = (AgbMouseButton)7, Clicks = 1 },
        ];
        foreach (var action in wrong)
        {
            await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => Desktops.SendMouseAsync(Session, action, Token));
        }
    }

    [Fact]
    public async Task Keys_are_pressed_together_and_released_in_reverse()
    {
        await RecordAsync();

        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["Ctrl", "Shift", "a"] }, Token);
        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["Delete"] }, Token);
        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["XF86AudioMute"] }, Token);

        (await EventsAsync(10)).ShouldBe(
        [
            "KeyPress Control_L", "KeyPress Shift_L", "KeyPress A", "KeyRelease A", "KeyRelease Shift_L", "KeyRelease Control_L",
            "KeyPress Delete", "KeyRelease Delete", "KeyPress XF86AudioMute", "KeyRelease XF86AudioMute",
        ]);
    }

    [Fact]
    public async Task Held_keys_stay_down_until_their_release()
    {
        await RecordAsync();

        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["Shift"], Press = AgbKeyPress.Hold }, Token);
        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["b"] }, Token);
        (await EventsAsync(3)).ShouldBe(["KeyPress Shift_L", "KeyPress B", "KeyRelease B"]);
        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["Shift"], Press = AgbKeyPress.Release }, Token);
        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["b"] }, Token);

        (await EventsAsync(3)).ShouldBe(["KeyRelease Shift_L", "KeyPress b", "KeyRelease b"]);
    }

    [Fact]
    public async Task An_unknown_key_is_named_and_nothing_is_pressed()
    {
        await RecordAsync();

        foreach (var name in new[] { "NoSuchKey", "a b", "", "F99" })
        {
            var error = await FailsAsync(
                AgbErrorIds.InvalidDesktopAction, () => Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = ["Ctrl", name] }, Token));
            error.Message.ShouldContain($"'{name}'");
        }
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => Desktops.SendKeysAsync(Session, new AgbKeyAction(), Token));
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => Desktops.SendKeysAsync(Session, new AgbKeyAction { Text = "a\u0007" }, Token));

        (await EventsAsync(0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_named_key_of_the_table_exists()
    {
        await RecordAsync();
        string[] names = ["Ctrl", "Shift", "Alt", "Win", "AltGr", "Enter", "Tab", "space", "Backspace", "Delete", "Insert", "Esc", "Home", "End", "PageUp", "PageDown", "Up", "Menu", "F1", "F12", "Pause", "é", "你", "+", "/"];

        foreach (var name in names)
        {
            await Desktops.SendKeysAsync(Session, new AgbKeyAction { Keys = [name] }, Token);
        }

        (await EventsAsync(names.Length)).Count(e => e.StartsWith("KeyPress", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(names.Length);
    }

    [Theory]
    [InlineData("Hello, World! 'quotes' \"$HOME\" `x` \\n %s\tTab\nnext line")]
    [InlineData("Grüße 你好 ✓ Привет мир שלום こんにちは 😀🎉 İstanbul ½ €")]
    public async Task Text_in_any_script_arrives_as_typed(string text) => (await TypeAsync(text)).ShouldBe(text);

    [Fact]
    public async Task Text_with_more_characters_than_keys_arrives()
    {
        var text = string.Concat(Enumerable.Range(0x4E00, 500).Select(c => (char)c));

        (await TypeAsync(text)).ShouldBe(text);
    }

    [Fact]
    public async Task Ten_thousand_characters_arrive()
    {
        var random = new Random(1);
        const string Letters = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?äöüßéèç你好世界жшя\n";
        var text = string.Concat(Enumerable.Range(0, 10_000).Select(_ => Letters[random.Next(Letters.Length)]));
        var began = TimeProvider.System.GetTimestamp();

        (await TypeAsync(text)).ShouldBe(text);

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    /// <summary>Types into a terminal, and returns what its program has read.</summary>
    private async Task<string> TypeAsync(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        await ShellAsync("rm -f /tmp/typed");
        await OpenAsync("typing", $"stty raw -echo; head -c {bytes} > /tmp/typed.new; mv /tmp/typed.new /tmp/typed; sleep 600");

        await Desktops.SendKeysAsync(Session, new AgbKeyAction { Text = text }, Token);

        await ShellAsync("for i in $(seq 600); do [ -e /tmp/typed ] && break; sleep 0.05; done; true");
        return (await ShellAsync("cat /tmp/typed /tmp/typed.new 2>/dev/null; echo .")).TrimEnd('\n', '.').Replace('\r', '\n');
    }
}
