namespace Agb.Engine.Tests.Desktops;

/// <summary>Windows, their states and places, and pictures of the screen.</summary>
public sealed class WindowTests(DesktopFixture fixture) : DesktopTest(fixture)
{
    [Fact]
    public async Task An_empty_desktop_has_no_windows() => (await Desktops.ListWindowsAsync(Session, Token)).ShouldBeEmpty();

    [Fact]
    public async Task A_window_has_the_place_of_its_content_its_process_and_its_title()
    {
        var window = await OpenAsync("Grüße \"你好\" window 0x1", options: "-geometry 80x24+300+200");

        var information = await ShellAsync($"xwininfo -id {window.WindowId} | sed -n 's/^ *\\(Absolute upper-left [XY]\\|Width\\|Height\\): *//p' | tr '\\n' ' '");
        information.ShouldBe($"{window.X} {window.Y} {window.Width} {window.Height} ");
        var frame = (await ShellAsync($"xprop -id {window.WindowId} _NET_FRAME_EXTENTS")).Split(["= ", ", "], StringSplitOptions.None);
        (window.X - int.Parse(frame[1]), window.Y - int.Parse(frame[3])).ShouldBe((300, 200));
        window.Title.ShouldBe("Grüße \"你好\" window 0x1");
        window.ProcessName.ShouldBe("xterm");
        (await ShellAsync($"cat /proc/{window.ProcessId}/comm")).ShouldBe("xterm");
        (window.State, window.IsActive, window.SessionId).ShouldBe((AgbWindowState.Normal, true, Session.SessionId));
    }

    [Fact]
    public async Task Windows_are_listed_from_the_bottom_and_one_is_active()
    {
        var first = await OpenAsync("first");
        var second = await OpenAsync("second");
        (await Desktops.ListWindowsAsync(Session, Token)).Select(w => (w.Title, w.IsActive)).ShouldBe([("first", false), ("second", true)]);

        await ChangeAsync(first, AgbWindowAction.Activate);

        (await Desktops.ListWindowsAsync(Session, Token)).Select(w => (w.Title, w.IsActive)).ShouldBe([("second", false), ("first", true)]);
        await ChangeAsync(second, AgbWindowAction.Close);
        (await Desktops.ListWindowsAsync(Session, Token)).ShouldHaveSingleItem().Title.ShouldBe("first");
    }

    [Fact]
    public async Task A_window_takes_each_state_at_once_and_comes_back()
    {
        var window = await OpenAsync("states", options: "-geometry 80x24+300+200");

        await ChangeAsync(window, AgbWindowAction.Minimize);
        (await FindAsync(window)).State.ShouldBe(AgbWindowState.Minimized);
        await ChangeAsync(window, AgbWindowAction.Maximize);
        var large = await FindAsync(window);
        (large.State, large.Width).ShouldBe((AgbWindowState.Maximized, 1920));
        await ChangeAsync(window, AgbWindowAction.Restore);
        var back = await FindAsync(window);
        (back.State, back.X, back.Y, back.Width, back.Height).ShouldBe((AgbWindowState.Normal, window.X, window.Y, window.Width, window.Height));
        await ChangeAsync(window, AgbWindowAction.Fullscreen);
        var full = await FindAsync(window);
        (full.State, full.X, full.Y, full.Width, full.Height).ShouldBe((AgbWindowState.Fullscreen, 0, 0, 1920, 1080));
        await ChangeAsync(window, AgbWindowAction.Minimize);
        await ChangeAsync(window, AgbWindowAction.Restore);
        (await FindAsync(window)).State.ShouldBe(AgbWindowState.Normal);
    }

    [Fact]
    public async Task A_window_gets_another_size_and_place()
    {
        await Desktops.StartAppAsync(Session, "mousepad", cancellationToken: Token);
        var window = (await Desktops.ListWindowsAsync(Session, Token)).Single();

        await ChangeAsync(window, AgbWindowAction.Maximize);
        await ChangeAsync(window, AgbWindowAction.Resize, new AgbPixelSize(700, 500));
        await ChangeAsync(window, AgbWindowAction.Move, position: (111, 222));

        var now = await FindAsync(window);
        (now.State, now.Width, now.Height).ShouldBe((AgbWindowState.Normal, 700, 500));
        var frame = (await ShellAsync($"xprop -id {window.WindowId} _NET_FRAME_EXTENTS")).Split(["= ", ", "], StringSplitOptions.None);
        (now.X - int.Parse(frame[1]), now.Y - int.Parse(frame[3])).ShouldBe((111, 222));
    }

    [Fact]
    public async Task A_size_follows_the_hints_of_the_program()
    {
        var window = await OpenAsync("hints");

        await ChangeAsync(window, AgbWindowAction.Resize, new AgbPixelSize(300, 500));

        var now = await FindAsync(window);
        var hints = await ShellAsync($"xprop -id {window.WindowId} WM_NORMAL_HINTS | sed -n 's/.*\\(increment\\|base size\\): \\([0-9]*\\) by \\([0-9]*\\)/\\2 \\3/p' | tr '\\n' ' '");
        var numbers = hints.Trim().Split(' ').Select(int.Parse).ToArray();
        now.Width.ShouldBe(300 - ((300 - numbers[2]) % numbers[0]));
        now.Height.ShouldBe(500 - ((500 - numbers[3]) % numbers[1]));
    }

    [Fact]
    public async Task A_missing_window_and_an_impossible_change_are_errors()
    {
        var window = await OpenAsync("closed");
        await ChangeAsync(window, AgbWindowAction.Close);

        foreach (var action in new[] { AgbWindowAction.Activate, AgbWindowAction.Close, AgbWindowAction.Maximize, AgbWindowAction.Minimize, AgbWindowAction.Restore, AgbWindowAction.Fullscreen })
        {
            (await FailsAsync(AgbErrorIds.WindowNotFound, () => ChangeAsync(window, action))).Message.ShouldContain(window.WindowId.ToString());
        }
        await FailsAsync(AgbErrorIds.WindowNotFound, () => Desktops.ChangeWindowAsync(Session, new AgbWindowChange(long.MaxValue, AgbWindowAction.Activate), Token));
        await FailsAsync(AgbErrorIds.WindowNotFound, () => Desktops.ChangeWindowAsync(Session, new AgbWindowChange(-1, AgbWindowAction.Activate), Token));
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => ChangeAsync(window, AgbWindowAction.Resize));
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => ChangeAsync(window, AgbWindowAction.Resize, new AgbPixelSize(0, 10)));
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => ChangeAsync(window, AgbWindowAction.Move));
    }

    [Fact]
    public async Task A_window_that_does_not_close_is_an_error_in_time()
    {
        var window = await OpenAsync("stopped");
        await ShellAsync($"kill -STOP {window.ProcessId}");
        var began = TimeProvider.System.GetTimestamp();

        var error = await FailsAsync(AgbErrorIds.DesktopFailed, () => ChangeAsync(window, AgbWindowAction.Close));

        error.Message.ShouldContain("did not close");
        TimeProvider.System.GetElapsedTime(began).ShouldBeInRange(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task In_focus_mode_a_new_window_leaves_the_active_one_active()
    {
        var first = await OpenAsync("first");
        try
        {
            await Desktops.SetFocusModeAsync(Session, true, Token);
            await OpenAsync("second");
            await Desktops.SendKeysAsync(Session, new AgbKeyAction { Text = "x" }, Token);
            (await FindAsync(first)).IsActive.ShouldBeTrue();
        }
        finally
        {
            await Desktops.SetFocusModeAsync(Session, false, Token);
        }

        var third = await OpenAsync("third");

        third.IsActive.ShouldBeTrue();
    }

    [Fact]
    public async Task Focus_mode_is_switched_by_calls_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Desktops.SetFocusModeAsync(Session, i % 2 == 0, Token)));
        await Desktops.SetFocusModeAsync(Session, false, Token);

        (await ShellAsync("pgrep xprop; ls /var/tmp/.agb-desktop | grep -x theme; true")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_picture_has_the_size_of_the_screen_and_its_colours()
    {
        var window = await OpenAsync("red", options: "-bg red -fg red -cr red -geometry 80x24+300+200");
        await Eventually.HoldsAsync("the window is drawn", async () =>
            new PngPicture((await Desktops.TakeScreenshotAsync(Session, cancellationToken: Token)).Bytes)[window.X + 100, window.Y + 100] == "FF0000");

        var png = await Desktops.TakeScreenshotAsync(Session, AgbPictureFormat.Png, Token);
        var jpeg = await Desktops.TakeScreenshotAsync(Session, AgbPictureFormat.Jpeg, Token);

        (png.Width, png.Height, png.Format, jpeg.Width, jpeg.Height, jpeg.Format).ShouldBe((1920, 1080, AgbPictureFormat.Png, 1920, 1080, AgbPictureFormat.Jpeg));
        var picture = new PngPicture(png.Bytes);
        (picture.Width, picture.Height, picture[5, 1075]).ShouldBe((1920, 1080, "000000"));
        jpeg.Bytes[..3].ShouldBe([0xFF, 0xD8, 0xFF]);
        jpeg.Bytes[^2..].ShouldBe([0xFF, 0xD9]);
    }
}
