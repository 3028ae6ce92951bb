using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Sandboxes that stand ready become sessions like any other, are seen by nobody before, and end unused.</summary>
public sealed class PreparedSandboxTests : EngineTest
{
    private readonly List<EmbeddedService> _prepares = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Assert.SkipUnless(await HostProbe.CanOverlayAsync(Home.Path, Token), "Sandboxes are prepared with overlays only.");
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var service in _prepares)
        {
            await foreach (var session in service.ListSessionsAsync())
            {
                try
                {
                    await service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
                }
                catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionExpired)
                {
                    // Its lifetime was over.
                }
            }
            service.Dispose();
        }
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_next_session_takes_it_and_is_like_another()
    {
        var service = Prepares();
        var context = await service.CreateContextAsync("web", cancellationToken: Token);
        await FillAsync(service, context, "/data", "echo stored > file; mkdir sub; echo deep > sub/file");
        var other = await service.CreateContextAsync("other", cancellationToken: Token);
        await FillAsync(service, other, "/origin", "mkdir sub; echo deep > sub/file");
        var ready = await ReadyAsync(service);
        (await service.ListSessionsAsync(cancellationToken: Token).CountAsync(Token)).ShouldBe(0);
        (await AgbStore.CheckAsync(Home.Path, new AgbStoreCheckOptions(), Token)).Problems.ShouldBeEmpty();

        var request = new AgbSessionRequest
        {
            ContextSyncs = [context.At("/data"), other.At("/srv/new/place", new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/origin" } })],
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            MaxLifetime = TimeSpan.FromHours(1),
        };
        var session = await service.CreateSessionAsync(request, Token);
        session.SessionId.ShouldBe(ready);
        service.Prepared.Ready.ShouldBe(0);
        await ReadyAsync(service);
        await service.EndPreparedAsync();
        var plain = await Open().CreateSessionAsync(request, Token);
        const string Look =
            """
            cat /data/file /srv/new/place/sub/file; id; pwd; env | sort | grep -v -e '^_='; stat -c '%n %A %U %G %F' /* /home/* /data/* /srv/new/place/*
            grep -c overlay /proc/self/mountinfo; ulimit -a | grep -v locks; ls /proc/self/fd | wc -l
            """;
        (await ShellAsync(service, session, Look)).ShouldBe(await ShellAsync(service, plain, Look));
        (await ShellAsync(service, session, "hostname; cat /etc/hostname")).ShouldNotBe(await ShellAsync(service, plain, "hostname; cat /etc/hostname"));

        await ShellAsync(service, session, "echo changed > /data/file");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await AskAsync(service, context, "/data", "cat file")).ShouldBe("changed");
    }

    [Fact]
    public async Task Another_image_network_or_limit_gets_another()
    {
        var service = Prepares();
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var ready = await ReadyAsync(service);
        (await service.CreateSessionAsync(new AgbSessionRequest { Network = AgbNetwork.None }, Token)).SessionId.ShouldNotBe(ready);
        (await service.CreateSessionAsync(new AgbSessionRequest { Limits = new AgbSessionLimits { OpenFiles = 500 } }, Token)).SessionId.ShouldNotBe(ready);
        (await service.CreateSessionAsync(new AgbSessionRequest(), Token)).SessionId.ShouldBe(ready);
    }

    [Fact]
    public async Task One_that_ended_meanwhile_is_replaced()
    {
        var service = Prepares();
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var ready = await ReadyAsync(service);
        await service.Parts.Driver.CleanUpAsync(InHome("sessions/" + ready), Token);
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        session.SessionId.ShouldNotBe(ready);
        await ShellAsync(service, session, "true");
        await Eventually.HoldsAsync("its remains are gone", () => !Directory.Exists(InHome("sessions/" + ready)));
    }

    [Fact]
    public async Task A_mount_that_can_not_be_attached_takes_a_new_sandbox()
    {
        var service = Prepares();
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var ready = await ReadyAsync(service);
        await service.Parts.Driver.RunAsync(
            SandboxOf(service), service.Parts.Images.Get(new AgbSessionRequest().ImageId), new AgbCommandRequest { Command = "echo file > /tmp/taken" }, null, Token);
        var context = await service.CreateContextAsync("web", cancellationToken: Token);
        var session = await MountAsync(service, context, "/tmp/taken/below");
        session.SessionId.ShouldNotBe(ready);
        await ShellAsync(service, session, "echo here > /tmp/taken/below/file");
        Directory.Exists(InHome("sessions/" + ready)).ShouldBeFalse();

        SandboxHandle SandboxOf(EmbeddedService from)
        {
            var kind = new PreparedKind(from.Parts.Images.Get(new AgbSessionRequest().ImageId), AgbNetwork.Host, AgbSessionLimits.None);
            var taken = from.Prepared.Take(kind).ShouldNotBeNull();
            from.Prepared.GiveBack(kind, taken);
            return taken.Handle;
        }
    }

    [Fact]
    public async Task Unused_it_ends_after_a_while_and_with_its_service()
    {
        var clock = new TestClock();
        var service = Prepares(clock);
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var ready = await ReadyAsync(service);
        clock.Advance(TimeSpan.FromMinutes(2));
        clock.Tick();
        await Eventually.HoldsAsync("it ends", () => service.PreparedCount == 0 && !Directory.Exists(InHome("sessions/" + ready)));
        File.Exists(InHome("locks/" + ready)).ShouldBeFalse();

        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        ready = await ReadyAsync(service);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        service.Dispose();
        Directory.Exists(InHome("sessions/" + ready)).ShouldBeFalse();
    }

    [Fact]
    public async Task None_is_prepared_beyond_a_limit()
    {
        var mayPrepare = false;
        var service = Prepares(mayPrepare: () => mayPrepare);
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        service.PreparedCount.ShouldBe(0);
        mayPrepare = true;
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await ReadyAsync(service);
        service.PreparedCount.ShouldBe(1);
    }

    [Fact]
    public async Task Its_session_ends_with_its_lifetime()
    {
        var service = Prepares();
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var ready = await ReadyAsync(service);
        var session = await service.CreateSessionAsync(new AgbSessionRequest { MaxLifetime = TimeSpan.FromSeconds(1) }, Token);
        session.SessionId.ShouldBe(ready);
        await Eventually.HoldsAsync("its processes end", async () =>
            !await service.ListSessionsAsync(cancellationToken: Token).AnyAsync(s => s.SessionId == ready && s.Status == AgbSessionStatus.Running, Token));
    }

    [Fact]
    public async Task Creates_at_once_never_share_one()
    {
        var service = Prepares();
        await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await ReadyAsync(service);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.CreateSessionAsync(new AgbSessionRequest(), Token)));
        sessions.Select(s => s.SessionId).Distinct().Count().ShouldBe(6);
        await Task.WhenAll(sessions.Select(s => ShellAsync(service, s, $"echo {s.SessionId} > /tmp/name")));
        (await Task.WhenAll(sessions.Select(s => ShellAsync(service, s, "cat /tmp/name")))).ShouldBe(sessions.Select(s => s.SessionId));
    }

    private EmbeddedService Prepares(TimeProvider? time = null, Func<bool>? mayPrepare = null)
    {
        var service = EmbeddedService.Open(new EmbeddedOptions
        {
            HomeDirectory = Home.Path,
            PreparedSandboxes = 1,
            TimeProvider = time ?? TimeProvider.System,
            MayPrepare = mayPrepare ?? (() => true),
        });
        _prepares.Add(service);
        return service;
    }

    /// <summary>Waits until one stands ready.</summary>
    /// <returns>Its id: the only directory without a session.</returns>
    private async Task<string> ReadyAsync(EmbeddedService service)
    {
        await Eventually.HoldsAsync("a sandbox stands ready", () => service.Prepared.Ready == 1);
        var known = await service.ListSessionsAsync(cancellationToken: Token).Select(s => s.SessionId).ToListAsync(Token);
        return Directory.EnumerateDirectories(InHome("sessions")).Select(d => Path.GetFileName(d)).Single(id => !known.Contains(id));
    }
}
