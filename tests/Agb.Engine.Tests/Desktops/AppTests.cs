namespace Agb.Engine.Tests.Desktops;

/// <summary>Installed and running apps.</summary>
public sealed class AppTests(DesktopFixture fixture) : DesktopTest(fixture)
{
    [Fact]
    public async Task The_known_apps_come_first_and_all_can_run()
    {
        var apps = await Desktops.ListAppsAsync(Session, Token);

        apps.Take(4).Select(a => a.Name).ShouldBe(["Google Chrome", "Terminal", "Text Editor", "File Manager"]);
        apps.Select(a => a.StartCommand).ShouldBeUnique();
        foreach (var app in apps)
        {
            await ShellAsync($"command -v -- '{app.StartCommand.Split(' ')[0]}'");
            app.StartCommand.ShouldNotContain('%');
            app.StartCommand.ShouldNotContain("--no-sandbox");
        }
    }

    [Fact]
    public async Task An_entry_of_the_user_is_an_app()
    {
        await ShellAsync(
            """
            mkdir -p ~/.local/share/applications && cd ~/.local/share/applications
            printf '%s\n' '[Desktop Entry]' Type=Application 'Name=My App' 'Exec=xterm-missing %U' > missing.desktop
            printf '%s\n' '[Desktop Entry]' Type=Application 'Name=My App' 'Exec="/usr/bin/xev" -name 50%% %f' '[Desktop Action x]' 'Exec=false' > mine.desktop
            printf '%s\n' '[Desktop Entry]' Type=Application 'Name=Hidden' 'Exec=xev' NoDisplay=true > hidden.desktop
            printf '%s\n' '[Desktop Entry]' Type=Application 'Name=Shell' 'Exec=sh' Terminal=true > shell.desktop
            """);
        try
        {
            var apps = await Desktops.ListAppsAsync(Session, Token);

            apps.Single(a => a.Name == "My App").StartCommand.ShouldBe("\"/usr/bin/xev\" -name 50%");
            apps.Single(a => a.Name == "Shell").StartCommand.ShouldBe("xterm -e sh");
            apps.ShouldNotContain(a => a.Name == "Hidden");
        }
        finally
        {
            await ShellAsync("rm -r ~/.local/share/applications");
        }
    }

    [Theory]
    [InlineData("Google Chrome")]
    [InlineData("Terminal")]
    [InlineData("Text Editor")]
    [InlineData("File Manager")]
    public async Task A_known_app_starts_and_stops(string name)
    {
        var app = (await Desktops.ListAppsAsync(Session, Token)).Single(a => a.Name == name);

        var started = await Desktops.StartAppAsync(Session, app.StartCommand, cancellationToken: Token);

        var process = started.ShouldHaveSingleItem();
        (await Desktops.ListAppProcessesAsync(Session, Token)).ShouldBe(started);
        process.CommandLine.ShouldStartWith(app.StartCommand.Split(' ')[0]);
        var window = (await Desktops.ListWindowsAsync(Session, Token)).ShouldHaveSingleItem();
        (window.ProcessId, window.ProcessName, window.IsActive).ShouldBe((process.ProcessId, process.Name, true));
        if (name == "Google Chrome")
        {
            // The browser's own sandbox: its renderers have a user namespace of their own.
            (await ShellAsync("for p in $(pgrep -f type=renderer); do readlink /proc/$p/ns/user; done | grep -v $(readlink /proc/self/ns/user) | head -1"))
                .ShouldStartWith("user:");
        }
        await Desktops.StopAppAsync(Session, process.ProcessId, Token);
        (await Desktops.ListAppProcessesAsync(Session, Token)).ShouldBeEmpty();
        (await ShellAsync($"grep -s '^State' /proc/{process.ProcessId}/status | grep -v Z; true")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_process_of_an_app_can_be_killed_by_a_command()
    {
        var process = (await Desktops.StartAppAsync(Session, "xterm", cancellationToken: Token)).ShouldHaveSingleItem();

        await ShellAsync($"kill -9 {process.ProcessId}");

        await Eventually.HoldsAsync("the app is gone", async () => (await Desktops.ListAppProcessesAsync(Session, Token)).Count == 0);
    }

    [Fact]
    public async Task Apps_stop_by_name()
    {
        await OpenAsync("first");
        await OpenAsync("second");
        await Desktops.StartAppAsync(Session, "mousepad", cancellationToken: Token);

        await Desktops.StopAppsAsync(Session, "xterm", Token);

        (await Desktops.ListAppProcessesAsync(Session, Token)).ShouldHaveSingleItem().Name.ShouldBe("mousepad");
        (await FailsAsync(AgbErrorIds.AppNotFound, () => Desktops.StopAppsAsync(Session, "xterm", Token))).Target.ShouldBe("xterm");
        (await FailsAsync(AgbErrorIds.AppNotFound, () => Desktops.StopAppAsync(Session, 1, Token))).Target.ShouldBe(1);
    }

    [Fact]
    public async Task An_app_starts_in_its_directory()
    {
        await Desktops.StartAppAsync(Session, "xterm -e sh -c 'pwd > /tmp/place; sleep 600'", "/usr/share", Token);

        await Eventually.HoldsAsync("the directory is written", async () => await ShellAsync("cat /tmp/place 2>/dev/null; true") == "/usr/share");
        await FailsAsync(AgbErrorIds.WorkingDirectoryNotFound, () => Desktops.StartAppAsync(Session, "xterm", "/nonexistent", Token));
    }

    [Theory]
    [InlineData("no-such-program --x", "no-such-program")]
    [InlineData("echo last words; exit 3", "last words")]
    [InlineData("/usr/share", "/usr/share")]
    public async Task A_command_that_ends_without_a_window_is_an_error_with_its_words(string command, string words)
    {
        var began = TimeProvider.System.GetTimestamp();

        var error = await FailsAsync(AgbErrorIds.AppNotFound, () => Desktops.StartAppAsync(Session, command, cancellationToken: Token));

        error.Target.ShouldBe(command);
        error.Message.ShouldContain(words);
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_command_without_a_window_is_ended_in_time()
    {
        var error = await FailsAsync(AgbErrorIds.AppNotFound, () => Desktops.StartAppAsync(Session, "sleep 1234 & sleep 1234", cancellationToken: Token));

        error.Message.ShouldContain("no window");
        (await ShellAsync("pgrep -x sleep -a || echo none")).ShouldNotContain("1234");
        await FailsAsync(AgbErrorIds.InvalidDesktopAction, () => Desktops.StartAppAsync(Session, " ", cancellationToken: Token));
    }

    [Fact]
    public async Task A_launcher_that_ends_leaves_its_app()
    {
        var process = (await Desktops.StartAppAsync(Session, "(sleep 0.5; exec xterm) & exit 0", cancellationToken: Token)).ShouldHaveSingleItem();

        process.Name.ShouldBe("xterm");
    }
}
