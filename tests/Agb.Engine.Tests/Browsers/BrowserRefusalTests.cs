namespace Agb.Engine.Tests.Browsers;

/// <summary>A start that can't be as asked is an error that says which option, and leaves nothing.</summary>
public sealed class BrowserRefusalTests : BrowserTest
{
    [Fact]
    public async Task A_start_that_fails_names_the_reason_and_leaves_nothing()
    {
        var service = Open();
        var session = await CreateAsync(service);

        (await RefusedAsync(new AgbBrowserRequest { Extensions = ["/tmp/none"] })).ShouldContain("/tmp/none");
        await ShellAsync(service, session, "mkdir -p /tmp/extensions /tmp/empty && echo no >/tmp/extensions/bad.zip");
        (await RefusedAsync(new AgbBrowserRequest())).ShouldContain("/tmp/extensions/bad.zip");
        await ShellAsync(
            service, session,
            "cd /tmp/extensions && echo 1 >f && python3 -m zipfile -c bad.zip f && rm f && python3 -c \"import zipfile; zipfile.ZipFile('bad.zip', 'a').writestr('../../escaped', 'x')\"");
        (await RefusedAsync(new AgbBrowserRequest())).ShouldContain("manifest.json");
        (await ShellAsync(service, session, "ls -A /tmp/escaped /escaped /tmp/extensions 2>/dev/null || :")).ShouldBe("/tmp/extensions:\nbad.zip");
        await ShellAsync(service, session, "rm /tmp/extensions/bad.zip");
        (await RefusedAsync(new AgbBrowserRequest { Extensions = ["/tmp/empty"] })).ShouldContain("/tmp/empty");
        (await RefusedAsync(new AgbBrowserRequest { Viewport = new(300, 200) })).ShouldContain("'viewport' can't be met: '300x200'");
        (await RefusedAsync(new AgbBrowserRequest { TimeZone = "Mars/Phobos" })).ShouldContain("Mars/Phobos");
        var load = await FailsAsync(
            AgbErrorIds.PageLoadFailed, () => service.StartBrowserAsync(session, new AgbBrowserRequest { StartUrl = "http://127.0.0.1:1/" }, Token));
        load.Message.ShouldContain("ERR_UNSAFE_PORT");
        await NothingRunsAsync();

        await ShellAsync(service, session, "setsid python3 -m http.server --bind 127.0.0.1 9222 </dev/null >/dev/null 2>&1 & until (: >/dev/tcp/127.0.0.1/9222) 2>/dev/null; do sleep 0.02; done");
        (await FailsAsync(AgbErrorIds.BrowserStartFailed, () => service.StartBrowserAsync(session, new AgbBrowserRequest(), Token)))
            .Message.ShouldContain("port 9222");
        await ShellAsync(service, session, $"pkill python3; rm -rf {AgbBrowserRequest.ProfileDirectory}; ln -s /proc/nothing {AgbBrowserRequest.ProfileDirectory}");
        await FailsAsync(AgbErrorIds.BrowserStartFailed, () => service.StartBrowserAsync(session, new AgbBrowserRequest(), Token));
        await ShellAsync(service, session, $"rm {AgbBrowserRequest.ProfileDirectory}");

        using (FaultSeam.Arm(Home.Path, new NoRecord()))
        {
            await FailsAsync(AgbErrorIds.NoSpace, () => service.StartBrowserAsync(session, new AgbBrowserRequest(), Token));
        }
        await NothingRunsAsync();

        // And the session is as good as before.
        await service.StartBrowserAsync(session, new AgbBrowserRequest(), Token);

        async Task<string> RefusedAsync(AgbBrowserRequest request) =>
            (await FailsAsync(AgbErrorIds.InvalidBrowserOption, () => service.StartBrowserAsync(session, request, Token))).Message;

        async Task NothingRunsAsync()
        {
            (await ShellAsync(service, session, "pgrep -c chromium || :")).ShouldBe("0");
            (await FailsAsync(AgbErrorIds.BrowserNotRunning, () => service.GetBrowserAsync(session, Token))).Message.ShouldContain("not started");
        }
    }

    /// <summary>A full disk, as far as the record of a browser is concerned.</summary>
    private sealed class NoRecord : IFaults
    {
        public long Reach(string operation, string path, long count) => Path.GetFileName(path).StartsWith("browser.json.", StringComparison.Ordinal)
            ? throw new IOException("No space left on device", Errno.ENOSPC)
            : count;
    }

    [Fact]
    public async Task A_session_without_a_browser_or_a_network_of_its_own_is_refused()
    {
        var service = Open();
        var code = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var shared = await service.CreateSessionAsync(new AgbSessionRequest { ImageId = "agb-browser-use-1", Network = AgbNetwork.Host }, Token);

        (await FailsAsync(AgbErrorIds.NotSupported, () => service.StartBrowserAsync(code, new AgbBrowserRequest(), Token))).Message.ShouldContain("no browser");
        (await FailsAsync(AgbErrorIds.NotSupported, () => service.StartBrowserAsync(shared, new AgbBrowserRequest(), Token))).Message.ShouldContain("host's network");
        await FailsAsync(AgbErrorIds.SessionNotFound, () => service.GetBrowserAsync(new SessionId("session-none"), Token));
    }
}
