using Agb.Engine.Tests.Conformance;
using System.Text;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Limits of sessions as the service has them.</summary>
public sealed class EngineLimitTests : EngineTest
{
    private const long MiB = 1 << 20;

    private static readonly AgbSessionLimits s_all = new()
    {
        MemoryBytes = 128 * MiB, Processes = 60, Cpus = 1.5, DiskBytes = 32 * MiB, OpenFiles = 256,
    };

    [Fact]
    public async Task A_session_says_its_limits_and_how_they_hold_to_every_process()
    {
        var service = Open();
        var created = await service.CreateSessionAsync(new AgbSessionRequest { Limits = s_all }, Token);
        created.Limits.ShouldBe(s_all);
        created.LimitStates.Select(s => s.Limit).ShouldBe(Enum.GetValues<AgbLimitKind>());
        created.LimitStates.ShouldAllBe(s => s.Detail.Length > 0 && s.Value > 0);
        var found = await Open().GetSessionAsync(created, Token);
        found.Limits.ShouldBe(s_all);
        found.LimitStates.ShouldBe(created.LimitStates);
        (await ShellAsync(Open(), created, "ulimit -n")).ShouldBe("256");
    }

    [Fact]
    public async Task Defaults_count_where_the_request_says_nothing()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions
        {
            HomeDirectory = Home.Path, DefaultLimits = new() { OpenFiles = 200, Processes = 100 },
        });
        var session = await service.CreateSessionAsync(new AgbSessionRequest { Limits = new() { OpenFiles = 300 } }, Token);
        session.Limits.ShouldBe(new AgbSessionLimits { OpenFiles = 300, Processes = 100 });
        (await ShellAsync(service, session, "ulimit -n")).ShouldBe("300");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    [Fact]
    public async Task Bad_limits_are_refused_before_anything_changes()
    {
        var service = Open();
        foreach (var limits in new AgbSessionLimits[]
        {
            new() { MemoryBytes = 1000 }, new() { MemoryBytes = -1 }, new() { Processes = 1 }, new() { Processes = 1 << 23 },
            new() { Cpus = 0 }, new() { Cpus = double.NaN }, new() { Cpus = 5000 }, new() { DiskBytes = 10 }, new() { OpenFiles = 3 },
        })
        {
            await FailsAsync(AgbErrorIds.InvalidSessionOption, () => service.CreateSessionAsync(new AgbSessionRequest { Limits = limits }, Token));
        }
        Should.Throw<AgbException>(() => EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path, DefaultLimits = new() { OpenFiles = 3 } }))
            .ErrorId.ShouldBe(AgbErrorIds.InvalidSessionOption);
        Home.Inventory().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_context_holds_does_not_count()
    {
        var service = Open();
        var context = await service.CreateContextAsync("big", cancellationToken: Token);
        await FillAsync(service, context, "/home/data", "head -c 20M /dev/urandom > big");
        foreach (var kind in new[] { MountKind.Auto, MountKind.Copy })
        {
            var other = Open(kind: kind);
            var session = await other.CreateSessionAsync(
                new AgbSessionRequest { ContextSyncs = [new() { ContextId = context.Id, Path = "/home/data" }], Limits = new() { DiskBytes = 8 * MiB } }, Token);
            (await ShellAsync(other, session, "head -c 4M /dev/zero > /home/data/small; stat -c %s /home/data/big")).ShouldBe($"{20 * MiB}");
            var result = await other.RunCommandAsync(
                session, new AgbCommandRequest { Command = "for i in $(seq 200); do head -c 1M /dev/zero > /home/data/f$i; done; sleep 200" }, Token);
            result.LimitReached.ShouldBe(AgbLimitKind.Disk, kind.ToString());
        }
    }

    [Fact]
    public async Task What_only_the_index_of_hard_links_has_copied_counts()
    {
        var service = Open();
        var error = (await HostProbe.GetAsync(Home.Path, fresh: false, Token)).LinksError;
        Assert.SkipWhen(error is not null, $"There is no such index here: {error}");
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var maker = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [new() { ContextId = context.Id, Path = "/home/data" }] }, Token);
        await ShellAsync(service, maker, "cd /home/data; for i in 1 2 3 4; do head -c 5M /dev/urandom >a$i; ln a$i b$i; done");
        await service.RemoveSessionAsync(maker, cancellationToken: Token);

        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new() { ContextId = context.Id, Path = "/home/data" }], Limits = new() { DiskBytes = 8 * MiB } }, Token);
        var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = "rm /home/data/a?; sleep 200" }, Token);
        result.LimitReached.ShouldBe(AgbLimitKind.Disk);
    }

    [Fact]
    public async Task A_terminal_says_which_limit_was_reached()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { Limits = new() { DiskBytes = 8 * MiB } }, Token);
        await using var terminal = await service.OpenTerminalAsync(session, new AgbTerminalRequest(), Token);
        await terminal.WriteAsync(Encoding.UTF8.GetBytes("for i in $(seq 200); do head -c 1M /dev/zero > ~/f$i; done; sleep 200\n"), Token);
        var (shown, buffer) = (new StringBuilder(), new byte[4096]);
        while (await terminal.ReadAsync(buffer, Token) is var count and > 0)
        {
            shown.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        shown.ToString().ShouldContain(LimitRules.Reached(AgbLimitKind.Disk));
        await terminal.ExitCode.WaitAsync(Token);
    }

    [Fact]
    public async Task Background_writers_are_ended_by_the_sweep()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { Limits = new() { DiskBytes = 8 * MiB } }, Token);
        await ShellAsync(
            service, session,
            "(until [ -e /tmp/go ]; do sleep 0.01; done; for i in $(seq 20); do head -c 1M /dev/zero > /tmp/f$i; done; touch /tmp/done; sleep 1000) >/dev/null 2>&1 &");
        var scratch = InHome($"sessions/{session.SessionId}/scratch/tmp");
        await File.WriteAllTextAsync(Path.Combine(scratch, "go"), "", Token);
        await Eventually.HoldsAsync("the writer is done", () => File.Exists(Path.Combine(scratch, "done")));
        // What a process does at its first call, and every 15 s.
        await service.RecoverAsync();
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await service.RunCommandAsync(session, new AgbCommandRequest { Command = "pgrep -x sleep" }, Token)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Groups_go_with_the_session_also_when_its_directory_is_all_that_is_known()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { Limits = s_all }, Token);
        var groups = Groups(service, session.SessionId);
        Assert.SkipUnless(groups.Count > 0, string.Join("; ", session.LimitStates.Select(s => s.Detail)));
        groups.ShouldAllBe(g => Directory.Exists(g));
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        groups.ShouldAllBe(g => !Directory.Exists(g));

        var orphan = await service.CreateSessionAsync(new AgbSessionRequest { Limits = s_all }, Token);
        groups = Groups(service, orphan.SessionId);
        // As after a power cut that took the catalog's last rows.
        service.Parts.Catalog.Write(tx => SessionTable.Delete(tx, orphan.SessionId));
        await Open().RecoverAsync();
        groups.ShouldAllBe(g => !Directory.Exists(g));
        Directory.Exists(InHome($"sessions/{orphan.SessionId}")).ShouldBeFalse();
    }

    private static IReadOnlyList<string> Groups(EmbeddedService service, string sessionId) =>
        service.Parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId))!.Handle()!.Controls!.Groups;
}
