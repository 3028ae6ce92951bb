using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Desktops;

/// <summary>Start, death, restart and end of desktops.</summary>
public sealed class DesktopLifeTests : EngineTest
{
    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var reason = await DesktopFixture.WhyNotAsync(Home);
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    [Fact]
    public async Task A_desktop_that_died_is_started_anew_by_the_next_call()
    {
        var service = Open();
        var session = await CreateAsync(service);
        await service.SetFocusModeAsync(session, true, Token);

        await ShellAsync(service, session, "pkill -KILL Xvfb; while pgrep 'Xvfb|openbox'; do sleep 0.01; done");
        (await service.GetScreenAsync(session, Token)).Width.ShouldBe(1920);
        await service.StartAppAsync(session, "xterm", cancellationToken: Token);
        await ShellAsync(service, session, "pkill -KILL openbox; while pgrep openbox; do sleep 0.01; done");
        var window = (await service.ListWindowsAsync(session, Token)).ShouldHaveSingleItem();
        await service.ChangeWindowAsync(session, new AgbWindowChange(window.WindowId, AgbWindowAction.Maximize), Token);

        (await service.ListWindowsAsync(session, Token)).ShouldHaveSingleItem().State.ShouldBe(AgbWindowState.Maximized);
        (await ShellAsync(service, session, "pgrep -c 'Xvfb|openbox'")).ShouldBe("2");
    }

    [Theory]
    [InlineData("rm -r /var/tmp/.agb-desktop")]
    [InlineData("for f in Xvfb.pid openbox.pid openbox.xml; do : > /var/tmp/.agb-desktop/$f; done")]
    [InlineData("echo 1 > /var/tmp/.agb-desktop/Xvfb.pid")]
    public async Task A_desktop_whose_files_are_lost_is_kept(string loss)
    {
        var service = Open();
        var session = await CreateAsync(service);
        var before = await ShellAsync(service, session, "pgrep 'Xvfb|openbox'");
        await ShellAsync(service, session, loss);

        (await service.GetScreenAsync(session, Token)).Width.ShouldBe(1920);
        await service.SetFocusModeAsync(session, true, Token);

        (await ShellAsync(service, session, "pgrep 'Xvfb|openbox'")).ShouldBe(before);
        (await ShellAsync(service, session, "cat /var/tmp/.agb-desktop/Xvfb.pid /var/tmp/.agb-desktop/openbox.pid | sort")).ShouldBe(
            await ShellAsync(service, session, "pgrep 'Xvfb|openbox' | sort"));
    }

    [Fact]
    public async Task Calls_at_once_start_one_desktop()
    {
        var service = Open();
        var session = await CreateAsync(service);
        await ShellAsync(service, session, "pkill -KILL Xvfb; while pgrep 'Xvfb|openbox'; do sleep 0.01; done");

        var screens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.GetScreenAsync(session, Token)));

        screens.ShouldAllBe(s => s.Width == 1920);
        (await ShellAsync(service, session, "pgrep -c 'Xvfb|openbox'")).ShouldBe("2");
    }

    [Theory]
    [InlineData(AgbNetwork.Own)]
    [InlineData(AgbNetwork.None)]
    public async Task Two_sessions_at_once_do_not_meet(AgbNetwork network)
    {
        var service = Open();
        var sessions = new[] { await CreateAsync(service, network), await CreateAsync(service, network) };

        await service.StartAppAsync(sessions[0], "xterm -T mine", cancellationToken: Token);
        await service.SendMouseAsync(sessions[0], new AgbMouseAction { X = 11, Y = 12 }, Token);

        (await service.ListWindowsAsync(sessions[1], Token)).ShouldBeEmpty();
        (await service.ListAppProcessesAsync(sessions[1], Token)).ShouldBeEmpty();
        (await service.GetScreenAsync(sessions[1], Token)).CursorX.ShouldNotBe(11);
        foreach (var session in sessions)
        {
            // The socket's file alone: no abstract socket, no TCP.
            (await ShellAsync(service, session, "grep -c '@/tmp/.X11-unix' /proc/net/unix; grep -c ' 0A ' /proc/net/tcp; true")).ShouldBe("0\n0");
        }
        (await File.ReadAllTextAsync("/proc/net/unix", Token)).ShouldNotContain("/tmp/.X11-unix/X99");
    }

    [Fact]
    public async Task After_a_session_nothing_of_its_desktop_is_left()
    {
        var service = Open();
        var session = await CreateAsync(service);
        await service.StartAppAsync(session, "xterm", cancellationToken: Token);
        await (await service.OpenDesktopViewAsync(session, AgbDesktopViewMode.Control, Token)).DisposeAsync();
        Programs(session).ShouldBe(["Xvfb", "openbox", "x11vnc", "xterm"], ignoreOrder: true);

        await service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);

        Programs(session).ShouldBeEmpty();
        Directory.Exists(InHome($"sessions/{session.SessionId}")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_suspended_desktop_is_woken_by_an_action_and_by_a_view()
    {
        var service = Open();
        var session = await CreateAsync(service);
        await service.StartAppAsync(session, "xterm", cancellationToken: Token);
        await using var view = await service.OpenDesktopViewAsync(session, AgbDesktopViewMode.Control, Token);

        await service.SuspendSessionAsync(session, Token);
        (await service.ListWindowsAsync(session, Token)).ShouldHaveSingleItem();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);

        await service.SuspendSessionAsync(session, Token);
        await using var other = await service.OpenDesktopViewAsync(session, AgbDesktopViewMode.Control, Token);
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        // The protocol's version, as sent by each server.
        foreach (var open in new[] { view, other })
        {
            var greeting = new byte[12];
            (await open.ReadAsync(greeting, Token)).ShouldBe(12);
            System.Text.Encoding.ASCII.GetString(greeting).ShouldStartWith("RFB ");
        }
    }

    [Fact]
    public async Task Another_process_of_the_engine_uses_and_ends_the_desktop()
    {
        var first = Open();
        var session = await CreateAsync(first);
        await first.StartAppAsync(session, "xterm", cancellationToken: Token);
        var second = Open();

        (await second.ListWindowsAsync(session, Token)).ShouldHaveSingleItem();
        await second.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);

        Programs(session).ShouldBeEmpty();
        await FailsAsync(AgbErrorIds.SessionNotFound, () => first.ListWindowsAsync(session, Token));
    }

    [Fact]
    public async Task A_desktop_that_can_not_start_fails_the_session_with_its_words_and_leaves_nothing()
    {
        await File.WriteAllTextAsync(
            InHome("images.json"),
            """{"images": [{"imageId": "broken", "homeDirectory": "/home/me", "hasDesktop": true, "environment": {"DISPLAY": "wrong"}}]}""", Token);
        var service = Open();

        var error = await FailsAsync(
            AgbErrorIds.SessionStartFailed, () => service.CreateSessionAsync(new AgbSessionRequest { ImageId = "broken" }, Token));

        error.Message.ShouldContain("Xvfb did not start.");
        error.Message.ShouldContain("wrong");
        (await service.ListSessionsAsync(cancellationToken: Token).CountAsync(Token)).ShouldBe(0);
        Directory.EnumerateDirectories(InHome("sessions")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_of_another_image_has_no_desktop_and_costs_none()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);

        var error = await FailsAsync(AgbErrorIds.NotSupported, () => service.GetScreenAsync(session, Token));

        error.Message.ShouldContain("agb-code-space-1");
        error.Remedy!.ShouldContain("agb-computer-use-1");
        await FailsAsync(AgbErrorIds.NotSupported, () => service.OpenDesktopViewAsync(session, AgbDesktopViewMode.Control, Token));
        (await ShellAsync(service, session, "pgrep -c Xvfb; echo ${DISPLAY:-none}")).ShouldBe("0\nnone");
    }

    [Theory]
    [InlineData(AgbDesktopViewMode.Control)]
    [InlineData(AgbDesktopViewMode.ViewOnly)]
    public async Task A_view_speaks_RFB_and_keeps_the_session_in_use(AgbDesktopViewMode mode)
    {
        var service = Open();
        var session = await CreateAsync(service);
        var clients = Path.Combine(InHome($"sessions/{session.SessionId}"), "clients");

        await using (var view = await service.OpenDesktopViewAsync(session, mode, Token))
        {
            var hello = new byte[12];
            (await view.ReadAsync(hello, Token)).ShouldBe(12);
            System.Text.Encoding.ASCII.GetString(hello).ShouldBe("RFB 003.008\n");
            FileLock.TryAcquire(clients).ShouldBeNull("the view holds the session in use");
            await using var other = await service.OpenDesktopViewAsync(session, mode, Token);
            (await other.ReadAsync(hello, Token)).ShouldBe(12);
        }

        FileLock.TryAcquire(clients).ShouldNotBeNull().Dispose();
        // Not beyond the session's own loopback.
        (await ShellAsync(service, session, "cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}' | sed 's/:.*//' | sort -u")).ShouldBe("0100007F");
    }

    private static Task<AgbSession> CreateAsync(EmbeddedService service, AgbNetwork? network = null) =>
        service.CreateSessionAsync(new AgbSessionRequest { ImageId = DesktopFixture.ImageId, Network = network }, Token);

    /// <summary>The desktop programs of a session on this host, by the session's directory in their mounts.</summary>
    private static string[] Programs(AgbSession session) =>
    [
        .. ProcessTable.ReadAll().Where(p => !p.HasEnded && MountsOf(p.Pid).Contains(session.SessionId, StringComparison.Ordinal))
            .Select(p => NameOf(p.Pid)).Where(n => n is "Xvfb" or "openbox" or "x11vnc" or "xterm"),
    ];

    private static string NameOf(int pid) => Read($"/proc/{pid}/comm").Trim();

    private static string MountsOf(int pid) => Read($"/proc/{pid}/mountinfo");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
