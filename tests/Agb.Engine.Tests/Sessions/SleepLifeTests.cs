using System.Text;
using Agb.Conformance;
using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Sleep in the life of a session: idle time, lifetime, other processes, and what an interrupted suspension leaves.</summary>
public sealed class SleepLifeTests : EngineTest
{
    private const string Path = "/home/data";
    private const int Port = 39217;

    private readonly TestClock _time = new();

    [Fact]
    public async Task An_idle_session_is_suspended_and_never_released_for_idleness()
    {
        var service = Open(_time);
        var session = await SleepyAsync(service);
        _time.Advance(TimeSpan.FromMinutes(9));
        _time.Tick();
        await service.SettleAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        _time.Advance(TimeSpan.FromMinutes(2));
        _time.Tick();
        await service.SettleAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        _time.Advance(TimeSpan.FromDays(30));
        _time.Tick();
        await service.SettleAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        // The idle time starts again with the use.
        (await ShellAsync(service, session, "echo awake")).ShouldBe("awake");
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        _time.Advance(TimeSpan.FromMinutes(11));
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
    }

    [Fact]
    public async Task A_session_suspended_by_request_is_not_released_for_idleness()
    {
        var service = Open(_time);
        var session = await service.CreateSessionAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromMinutes(10) }, Token);
        await service.SuspendSessionAsync(session, Token);
        _time.Advance(TimeSpan.FromHours(1));
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        await service.ResumeSessionAsync(session, Token);
        _time.Advance(TimeSpan.FromHours(1));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await service.SettleAsync();
    }

    [Fact]
    public async Task A_suspended_session_is_released_at_the_end_of_its_lifetime_with_its_data()
    {
        var service = Open(_time);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { MaxLifetime = TimeSpan.FromHours(1), ContextSyncs = [context.At(Path)] }, Token);
        await ShellAsync(service, session, $"echo 1 >{Path}/f; (while :; do :; done) >/dev/null 2>&1 &");
        await service.SuspendSessionAsync(session, Token);
        _time.Advance(TimeSpan.FromHours(2));
        _time.Tick();
        await Eventually.HoldsAsync("the session is released", async () => await service.ListSessionsAsync(null, Token).CountAsync(Token) == 0);
        await FailsAsync(AgbErrorIds.SessionExpired, () => service.ResumeSessionAsync(session, Token));
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
    }

    [Fact]
    public async Task A_session_suspended_over_its_lifetime_ends_by_itself()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { MaxLifetime = TimeSpan.FromSeconds(3) }, Token);
        await service.SuspendSessionAsync(session, Token);
        if (SleepRecords.TryReadGroup(InHome($"sessions/{session.SessionId}")) is { IsV2: false })
        {
            Assert.Skip("Processes frozen by version 1 end when they are resumed.");
        }
        service.Dispose();
        await Eventually.HoldsAsync("the session's processes are gone", () => Home.Processes().Count == 0);
        using var later = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
        await Eventually.HoldsAsync("the session is released", async () => await later.ListSessionsAsync(null, Token).CountAsync(Token) == 0);
    }

    [Fact]
    public async Task A_running_command_keeps_a_session_awake()
    {
        var service = Open(_time);
        var session = await SleepyAsync(service);
        var command = ShellAsync(service, session, "touch /tmp/begun; until [ -e /tmp/go ]; do sleep 0.02; done; echo done");
        await Eventually.HoldsAsync("the command has begun", async () => await ShellAsync(service, session, "ls /tmp") == "begun");
        _time.Advance(TimeSpan.FromMinutes(30));
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        await ShellAsync(service, session, "touch /tmp/go");
        (await command).ShouldBe("done");
    }

    [Fact]
    public async Task A_session_sleeps_on_when_its_service_ends()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await ShellAsync(service, session, "(while :; do :; done) >/dev/null 2>&1 &");
        await service.SuspendSessionAsync(session, Token);
        service.Dispose();
        using var later = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
        await later.RecoverAsync();
        (await later.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await ShellAsync(later, session, "echo awake")).ShouldBe("awake");
        await later.RemoveSessionAsync(session, cancellationToken: Token);
        await Home.RequireNothingLeftAsync();
    }

    [Fact]
    public async Task A_suspended_session_without_processes_is_failed()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await service.SuspendSessionAsync(session, Token);
        await service.Parts.Driver.CleanUpAsync(InHome($"sessions/{session.SessionId}"), Token);
        var found = await service.GetSessionAsync(session, Token);
        found.Status.ShouldBe(AgbSessionStatus.Failed);
        found.FailureReason.ShouldNotBeNullOrEmpty();
        await FailsAsync(AgbErrorIds.SessionNotRunning, () => ShellAsync(service, session, "true"));
        await FailsAsync(AgbErrorIds.SessionNotRunning, () => service.SuspendSessionAsync(session, Token));
        await FailsAsync(AgbErrorIds.SessionNotRunning, () => service.ResumeSessionAsync(session, Token));
        await service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    [Fact]
    public async Task A_connection_wakes_a_session_and_a_client_keeps_it_from_its_idle_end_alone()
    {
        var service = Open(_time);
        var session = await SleepyAsync(service);
        await ShellAsync(service, session, $"python3 -c '{Echo}' >/dev/null 2>&1 &");
        await Eventually.HoldsAsync("the server listens", async () =>
        {
            try
            {
                await using var probe = await service.ConnectSessionPortAsync(session, Port, Token);
                return true;
            }
            catch (AgbException)
            {
                return false;
            }
        });
        await service.SuspendSessionAsync(session, Token);

        await using (var client = await service.ConnectSessionPortAsync(session, Port, Token))
        {
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
            (await AskAsync(client, "one")).ShouldBe("one");
            _time.Advance(TimeSpan.FromHours(1));
            await service.RecoverAsync();
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running, "a client is connected");

            await service.SuspendSessionAsync(session, Token);
            var answer = AskAsync(client, "two");
            (await Task.WhenAny(answer, Task.Delay(300, Token))).ShouldNotBe(answer, "the session sleeps");
            await service.ResumeSessionAsync(session, Token);
            (await answer).ShouldBe("two");
        }
        _time.Advance(TimeSpan.FromHours(1));
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
    }

    [Fact]
    public async Task A_link_of_this_machine_wakes_a_session()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await service.SuspendSessionAsync(session, Token);
        await service.GetSessionLinkAsync(session, Port, null, Token);
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_suspension_that_was_not_recorded_is_undone_by_the_next_use()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        var directory = InHome($"sessions/{session.SessionId}");
        var sandbox = service.Parts.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId)!.Handle())!;
        await service.Parts.Driver.SuspendAsync(sandbox, directory, Token);
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await ShellAsync(service, session, "echo awake")).ShouldBe("awake");
        service.Parts.Driver.IsAsleep(directory).ShouldBeFalse();

        // Or it is completed.
        await service.Parts.Driver.SuspendAsync(sandbox, directory, Token);
        (await service.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await ShellAsync(service, session, "echo awake")).ShouldBe("awake");

        // Or the session is released.
        await service.Parts.Driver.SuspendAsync(sandbox, directory, Token);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        await Home.RequireNothingLeftAsync();
    }

    [Fact]
    public async Task A_released_session_leaves_no_control_group()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { Limits = new AgbSessionLimits { Processes = 100 } }, Token);
        await service.SuspendSessionAsync(session, Token);
        var group = SleepRecords.TryReadGroup(InHome($"sessions/{session.SessionId}"));
        Assert.SkipWhen(group is null, "This user has no control groups.");
        Directory.Exists(group!.Directory).ShouldBeTrue();
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        Directory.Exists(group.Directory).ShouldBeFalse();
    }

    private const string Echo =
        "import socket\ns=socket.socket()\ns.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1)\ns.bind((\"127.0.0.1\",39217))\ns.listen()\n"
        + "while True:\n c,_=s.accept()\n while True:\n  d=c.recv(100)\n  if not d: break\n  c.sendall(d)\n";

    private static async Task<string> AskAsync(Stream client, string text)
    {
        await client.WriteAsync(Encoding.ASCII.GetBytes(text), Token);
        var buffer = new byte[text.Length];
        await client.ReadExactlyAsync(buffer, Token);
        return Encoding.ASCII.GetString(buffer);
    }

    private static Task<AgbSession> SleepyAsync(EmbeddedService service) => service.CreateSessionAsync(
        new AgbSessionRequest { Network = AgbNetwork.None, IdleTimeout = TimeSpan.FromMinutes(10), IdleAction = AgbIdleAction.Suspend }, Token);
}
