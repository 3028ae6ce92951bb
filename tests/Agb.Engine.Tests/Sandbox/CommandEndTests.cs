using System.Diagnostics;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Time limits, cancellation and background processes.</summary>
public sealed class CommandEndTests : SandboxTest
{
    // Daemons of every kind, each of which writes its pid; the last command never ends.
    private const string Daemons =
        """
        setsid sh -c 'echo $$ > /tmp/setsid; exec sleep 1000' &
        (setsid sh -c '(echo $(sh -c "echo \$PPID") > /tmp/double; exec sleep 1000) & exit 0' &)
        env -i /usr/bin/setsid --fork /bin/sh -c 'echo $$ > /tmp/cleaned; trap "" TERM INT HUP; while :; do /bin/sleep 1; done' </dev/null >/dev/null 2>&1
        unshare -r -p -f sleep 1000 &
        until [ -s /tmp/setsid ] && [ -s /tmp/double ] && [ -s /tmp/cleaned ]; do sleep 0.02; done
        echo started
        sleep 1000
        """;

    // One that has ended and waits for its parent outside to notice does not count.
    private const string AnySleeper =
        """
        for comm in $(grep -l -x sleep /proc/[0-9]*/comm 2>/dev/null); do
            grep -q '^State:.Z' "${comm%comm}status" 2>/dev/null || [ ! -e "$comm" ] || echo "$comm"
        done | wc -l
        """;

    [Fact]
    public async Task A_time_limit_ends_everything_the_command_started_and_nothing_else()
    {
        var session = await StartAsync();
        await session.OutputAsync("sleep 2000 >/dev/null 2>&1 & echo $! > /tmp/earlier");
        await session.OutputAsync("setsid sleep 2000 >/dev/null 2>&1 & echo $! > /tmp/earlier2");
        var start = Stopwatch.GetTimestamp();
        var outcome = await session.RunAsync(new AgbCommandRequest { Command = Daemons, Timeout = TimeSpan.FromSeconds(2) });
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        outcome.TimedOut.ShouldBeTrue();
        outcome.ExitCode.ShouldBe(137);
        outcome.Signal.ShouldBe(9);
        outcome.Text().ShouldBe("started\n");
        (await session.OutputAsync(AnySleeper)).ShouldBe("2", await session.OutputAsync("ps -ef"));
        await session.OutputAsync("kill -0 $(cat /tmp/earlier) && kill -0 $(cat /tmp/earlier2)");
        await session.OutputAsync("! kill -0 $(cat /tmp/cleaned) 2>/dev/null");
    }

    [Fact]
    public async Task Cancellation_ends_everything_the_command_started()
    {
        var session = await StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = session.RunAsync(new AgbCommandRequest { Command = Daemons }, cancel.Token);
        await session.WaitUntilAsync("[ -s /tmp/setsid ] && [ -s /tmp/double ] && [ -s /tmp/cleaned ]");
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        (await session.OutputAsync(AnySleeper)).ShouldBe("0", await session.OutputAsync("ps -ef"));
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        var session = await StartAsync();
        await Should.ThrowAsync<OperationCanceledException>(
            session.RunAsync(new AgbCommandRequest { Command = "touch /tmp/ran" }, new CancellationToken(canceled: true)));
        await session.OutputAsync("[ ! -e /tmp/ran ]");
    }

    [Fact]
    public async Task The_shortest_time_limit_leaves_nothing()
    {
        var session = await StartAsync();
        // Hits the entrance at every stage of its way in.
        for (var i = 0; i < 20; i++)
        {
            var outcome = await session.RunAsync(new AgbCommandRequest { Command = "sleep 1000", Timeout = TimeSpan.FromTicks(1 + (i * 4000)) });
            outcome.TimedOut.ShouldBeTrue();
        }
        (await session.OutputAsync(AnySleeper)).ShouldBe("0", await session.OutputAsync("ps -ef"));
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task A_time_limit_stops_a_command_that_only_forks()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(new AgbCommandRequest
        {
            Command = "f() { [ $1 -gt 6 ] && { while :; do (:) & wait; done; }; f $(($1+1)) & f $(($1+1)) & wait; }; f 1",
            Timeout = TimeSpan.FromSeconds(1),
        });
        outcome.TimedOut.ShouldBeTrue();
        // The first process, its waiting child, this shell, and the listing's own.
        int.Parse(await session.OutputAsync("ls -d /proc/[0-9]* | wc -l")).ShouldBeLessThanOrEqualTo(6);
    }

    [Fact]
    public async Task Stopped_processes_are_ended_too()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(new AgbCommandRequest
        {
            Command = "sleep 1000 & kill -STOP $!; kill -STOP $$; sleep 1000",
            Timeout = TimeSpan.FromSeconds(1),
        });
        outcome.TimedOut.ShouldBeTrue();
        (await session.OutputAsync(AnySleeper)).ShouldBe("0", await session.OutputAsync("ps -ef"));
    }

    [Fact]
    public async Task A_background_process_lives_on_after_its_command()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync("(trap '' HUP; while :; do echo tick; echo tock >&2; echo x >> /tmp/ticks; sleep 0.01; done) & echo $! > /tmp/pid; echo done");
        outcome.ExitCode.ShouldBe(0);
        outcome.Text().ShouldContain("done\n");
        var ticks = int.Parse(await session.OutputAsync("wc -l < /tmp/ticks"));
        await session.WaitUntilAsync($"[ $(wc -l < /tmp/ticks) -gt {ticks + 20} ]");
        await session.OutputAsync("kill -0 $(cat /tmp/pid)");
    }

    [Fact]
    public async Task A_background_process_that_writes_without_pause_neither_holds_the_result_nor_blocks()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync("(i=0; while :; do head -c 1000000 /dev/zero; i=$((i+1)); echo $i > /tmp/count; done) & echo $! > /tmp/pid; exit 5");
        outcome.ExitCode.ShouldBe(5);
        // Far more than any pipe holds.
        await session.WaitUntilAsync("[ $(cat /tmp/count 2>/dev/null || echo 0) -gt 30 ] 2>/dev/null");
        await session.OutputAsync("kill -0 $(cat /tmp/pid) && kill -9 $(cat /tmp/pid)");
    }

    [Fact]
    public async Task A_command_that_writes_without_pause_meets_its_time_limit()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(new AgbCommandRequest { Command = "yes", Timeout = TimeSpan.FromSeconds(0.5), MaxOutputBytes = 100 });
        outcome.TimedOut.ShouldBeTrue();
        outcome.Stdout.Length.ShouldBe(100);
        outcome.StdoutTruncated.ShouldBeTrue();
    }

    [Fact]
    public async Task The_end_of_the_session_ends_a_running_command_with_an_error()
    {
        var session = await StartAsync();
        var running = session.RunAsync("touch /tmp/running; sleep 1000");
        await session.WaitUntilAsync("[ -e /tmp/running ]");
        await Driver.StopAsync(session.Handle, Token);
        (await Should.ThrowAsync<AgbException>(running)).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    [Fact]
    public async Task A_session_ends_although_a_command_has_stopped_itself()
    {
        var session = await StartAsync();
        var running = session.RunAsync("echo $$ > /tmp/pid; kill -STOP $$; sleep 1000");
        await session.WaitUntilAsync("grep -q '^State:.T' /proc/$(cat /tmp/pid 2>/dev/null)/status 2>/dev/null");
        await Driver.StopAsync(session.Handle, Token);
        (await Should.ThrowAsync<AgbException>(running)).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }
}
