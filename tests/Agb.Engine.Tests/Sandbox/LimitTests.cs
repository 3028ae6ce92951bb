using Agb.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Sessions that try to use more of the host than they may. All of it is bounded, should a limit not hold.</summary>
public sealed class LimitTests : SandboxTest
{
    private const long MiB = 1 << 20;

    // Starts children that stay, until it can't any more or has 200.
    private const string Fork = "sh -c 'for i in $(seq 200); do sleep 1000 >/dev/null 2>&1 & done'";

    [Fact]
    public async Task A_command_that_eats_memory_is_ended_and_says_so()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB });
        RequireGroup(session, AgbLimitKind.Memory);
        var outcome = await session.RunAsync("head -c 512M /dev/zero | tail >/dev/null");
        outcome.LimitReached.ShouldBe(AgbLimitKind.Memory, outcome.ErrorText());
        (outcome.ExitCode is 137).ShouldBeTrue(outcome.ErrorText());
        // The session goes on, and what does not reach the limit does not name it.
        var next = await session.RunAsync("echo ok");
        next.Text().ShouldBe("ok\n");
        next.LimitReached.ShouldBeNull();
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task Memory_limits_hold_for_each_process_where_there_are_no_groups()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB });
        Assert.SkipUnless(State(session, AgbLimitKind.Memory).Mechanism == AgbLimitMechanism.Rlimit, "Control groups hold it here.");
        var outcome = await session.RunAsync("head -c 512M /dev/zero | tail >/dev/null");
        outcome.ExitCode.ShouldNotBe(0);
        outcome.ErrorText().ShouldContain("memory exhausted");
        (await session.OutputAsync("echo ok")).ShouldBe("ok");
    }

    [Fact]
    public async Task Files_in_memory_count_and_do_not_end_the_session()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB });
        foreach (var directory in new[] { "/dev/shm", "/run", "/" })
        {
            (await session.FailureAsync($"head -c 300M /dev/zero > {directory}/fill")).ShouldContain("No space left");
            await session.OutputAsync($"rm {directory}/fill");
        }
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/run")]
    [InlineData("/dev/shm")]
    [InlineData("/srv")]
    public async Task The_file_system_in_memory_has_a_size_also_without_limits(string directory)
    {
        var session = await StartAsync();
        (await session.OutputAsync($"df -B1 --output=size {directory} | tail -1 | tr -d ' '")).ShouldBe($"{MemoryFiles.DefaultBytes}");
        (await session.OutputAsync($"stat -f -c %c {directory}")).ShouldBe($"{MemoryFiles.MaxFiles}");
    }

    [Fact]
    public async Task Nothing_else_in_memory_can_be_written_to()
    {
        var session = await StartAsync();
        foreach (var mount in (await session.OutputAsync("awk '$3 == \"tmpfs\" { print $2 }' /proc/mounts")).Split('\n'))
        {
            if (mount is not ("/" or "/dev/shm"))
            {
                (await session.FailureAsync($"touch {mount}/x")).ShouldContain("Read-only", Case.Insensitive, mount);
            }
        }
        (await session.OutputAsync("echo x > /dev/null; echo y > /dev/shm/z; cat /dev/shm/z; head -c 4 /dev/urandom | wc -c")).ShouldBe("y\n4");
    }

    [Fact]
    public async Task A_fork_bomb_stops_at_the_process_limit()
    {
        var session = await StartAsync(limits: new() { Processes = 40 });
        var state = RequireHeld(session, AgbLimitKind.Processes);
        var outcome = await session.RunAsync(new AgbCommandRequest { Command = Fork, Timeout = TimeSpan.FromSeconds(60) });
        outcome.ErrorText().ShouldContain("fork");
        SandboxProcesses.Of(session.Handle.InitPid).Count.ShouldBeLessThanOrEqualTo(40);
        if (state.Mechanism != AgbLimitMechanism.Rlimit)
        {
            outcome.LimitReached.ShouldBe(AgbLimitKind.Processes);
        }
        await Driver.StopAsync(session.Handle, Token);
        Driver.IsAlive(session.Handle).ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_that_finds_no_room_says_so()
    {
        var session = await StartAsync(limits: new() { Processes = 20 });
        RequireHeld(session, AgbLimitKind.Processes);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var commands = Enumerable.Range(0, 20).Select(_ => session.RunAsync(new AgbCommandRequest { Command = "exec sleep 1000" }, cancel.Token)).ToList();
        try
        {
            var error = await Should.ThrowAsync<AgbException>(async () => await await Task.WhenAny(commands));
            error.ErrorId.ShouldBe(AgbErrorIds.SessionLimitReached, error.Message);
        }
        finally
        {
            await cancel.CancelAsync();
            await Task.WhenAll(commands.Select(c => c.ContinueWith(_ => { }, TaskScheduler.Default)));
        }
        (await session.OutputAsync("echo ok")).ShouldBe("ok");
    }

    [Fact]
    public async Task A_process_limit_counts_one_session_only()
    {
        var (a, b) = (await StartAsync(limits: new() { Processes = 24 }), await StartAsync(limits: new() { Processes = 24 }));
        RequireHeld(a, AgbLimitKind.Processes);
        await a.RunAsync(Fork);
        (await b.OutputAsync("for i in 1 2 3 4 5; do sleep 1000 >/dev/null 2>&1 & done; jobs -r | wc -l")).ShouldBe("5");
    }

    [Fact]
    public async Task The_first_process_has_the_limits_too()
    {
        var session = await StartAsync(limits: new() { Processes = 40, OpenFiles = 128, DiskBytes = 8 * MiB, MemoryBytes = 64 * MiB });
        foreach (var limit in session.Handle.Controls!.Rlimits)
        {
            var name = limit.Option switch { "nofile" => "Max open files", "fsize" => "Max file size", "nproc" => "Max processes", _ => "Max data size" };
            (await session.OutputAsync($"grep '{name}' /proc/1/limits | tr -s ' '")).ShouldStartWith($"{name} {limit.Value} {limit.Value} ");
            (await session.OutputAsync($"grep '{name}' /proc/self/limits | tr -s ' '")).ShouldStartWith($"{name} {limit.Value} {limit.Value} ");
        }
        foreach (var entrance in session.Handle.Controls.Entrances)
        {
            (await File.ReadAllLinesAsync($"{entrance}/cgroup.procs", Token)).ShouldContain($"{session.Handle.InitPid}");
        }
    }

    [Fact]
    public async Task A_process_can_open_only_so_many_files()
    {
        var session = await StartAsync(limits: new() { OpenFiles = 100 });
        RequireHeld(session, AgbLimitKind.OpenFiles);
        (await session.OutputAsync("ulimit -Sn; ulimit -Hn")).ShouldBe("100\n100");
        (await session.OutputAsync("for i in $(seq 10 90); do eval \"exec $i</dev/null\" || exit 1; done; echo ok")).ShouldBe("ok");
        await session.FailureAsync("for i in $(seq 10 110); do eval \"exec $i</dev/null\" || exit 1; done");
        (await session.FailureAsync("ulimit -n 200")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_CPU_limit_is_set_for_all_of_the_session()
    {
        var session = await StartAsync(limits: new() { Cpus = 0.25 });
        var state = RequireGroup(session, AgbLimitKind.Cpus);
        var group = session.Handle.Controls!.Groups.ShouldHaveSingleItem();
        (state.Mechanism == AgbLimitMechanism.CgroupV2
            ? await File.ReadAllTextAsync($"{group}/cpu.max", Token)
            : await File.ReadAllTextAsync($"{group}/cpu.cfs_quota_us", Token) + await File.ReadAllTextAsync($"{group}/cpu.cfs_period_us", Token))
            .Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).ShouldBe(["25000", "100000"]);
        // Two that spin for a whole second of their own time: the kernel must have held them back.
        await session.OutputAsync("spin() { i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; }; spin & spin & wait");
        SessionControlGroups.ReadCounter($"{group}/cpu.stat", "nr_throttled").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_fills_the_disk_is_ended()
    {
        var session = await StartAsync(limits: new() { DiskBytes = 8 * MiB });
        State(session, AgbLimitKind.Disk).Mechanism.ShouldBe(AgbLimitMechanism.Quota);
        // Many files, since one alone is stopped by its size.
        var outcome = await session.RunAsync("for i in $(seq 400); do head -c 1M /dev/zero > /tmp/f$i; done; sleep 200");
        outcome.LimitReached.ShouldBe(AgbLimitKind.Disk);
        (outcome.TimedOut, outcome.ExitCode).ShouldBe((false, 137));
        // Room can be made.
        (await session.OutputAsync("rm /tmp/f*; echo done")).ShouldBe("done");
        var next = await session.RunAsync("head -c 1M /dev/zero > /tmp/f; echo done");
        (next.Text(), next.LimitReached).ShouldBe(("done\n", null));
    }

    [Theory]
    [InlineData("head -c 64M /dev/zero > /tmp/f")]
    [InlineData("head -c 64M /dev/zero > ~/f")]
    [InlineData("truncate -s 64M /var/tmp/f")]
    public async Task A_single_file_can_not_be_larger_than_the_disk_limit(string command)
    {
        var session = await StartAsync(limits: new() { DiskBytes = 8 * MiB });
        var outcome = await session.RunAsync(command);
        outcome.ExitCode.ShouldNotBe(0);
        (await session.OutputAsync("cat /tmp/f ~/f /var/tmp/f 2>/dev/null | wc -c; true")).ShouldBeOneOf("0", $"{8 * MiB}");
    }

    [Theory]
    [InlineData("i=0; while [ $i -lt 200 ]; do i=$((i+1)); exec 9>/tmp/f; rm /tmp/f; head -c 1M /dev/zero >&9; eval \"exec $((i+10))>&9\"; done; sleep 200")]
    [InlineData("mkdir /tmp/d && cd /tmp/d && seq 200000 | xargs -n 1000 touch; sleep 200")]
    [InlineData("mkdir /tmp/d && cd /tmp/d && for i in $(seq 200); do head -c 1M /dev/zero > f$i; chmod 000 /tmp/d; chmod 700 /tmp/d; done; sleep 200")]
    [InlineData("mkdir /tmp/d && for i in $(seq 200); do chmod 700 /tmp/d; head -c 1M /dev/zero > /tmp/d/f$i; chmod 600 /tmp/d; done; sleep 200")]
    [InlineData("mkdir /tmp/d && for i in $(seq 200); do chmod 700 /tmp/d; head -c 1M /dev/zero > /tmp/d/f$i; chmod 400 /tmp/d; done; sleep 200")]
    [InlineData("cd /tmp && for i in $(seq 600); do mkdir d && cd -P d || exit 1; done; sleep 200")]
    public async Task Hiding_what_is_written_does_not_help(string command)
    {
        var session = await StartAsync(limits: new() { DiskBytes = 16 * MiB });
        var outcome = await session.RunAsync(command);
        outcome.LimitReached.ShouldBe(AgbLimitKind.Disk, outcome.ErrorText());
        (outcome.TimedOut, outcome.ExitCode).ShouldBe((false, 137));
    }

    [Fact]
    public async Task A_background_writer_is_ended_by_a_look()
    {
        var session = await StartAsync(limits: new() { DiskBytes = 8 * MiB });
        (await Driver.EndWritersAsync(session.Handle, Token)).ShouldBeFalse();
        await session.OutputAsync(
            "(until [ -e /tmp/go ]; do sleep 0.01; done; for i in $(seq 20); do head -c 1M /dev/zero > /tmp/f$i; done; touch /tmp/done; sleep 1000) >/dev/null 2>&1 &");
        // Written to from outside, so that no command watches.
        await File.WriteAllTextAsync(Path.Combine(session.Directory, "scratch/tmp/go"), "", Token);
        await Eventually.HoldsAsync("the writer is done", () => File.Exists(Path.Combine(session.Directory, "scratch/tmp/done")));
        (await Driver.EndWritersAsync(session.Handle, Token)).ShouldBeTrue();
        (await session.RunAsync("pgrep -x sleep -a | grep 1000")).ExitCode.ShouldBe(1);
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_leaves_no_group()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB, Processes = 40, Cpus = 1 });
        var groups = session.Handle.Controls!.Groups;
        await session.OutputAsync("sleep 1000 >/dev/null 2>&1 &");
        await Driver.StopAsync(session.Handle, Token);
        await Driver.CleanUpAsync(session.Directory, Token);
        groups.ShouldAllBe(g => !Directory.Exists(g));
    }

    [Fact]
    public async Task A_start_that_was_cut_off_leaves_no_group()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB, Processes = 40, Cpus = 1 });
        var groups = session.Handle.Controls!.Groups;
        // As another process finds it: by the session's directory alone.
        await new BubblewrapDriver(Home, TimeProvider.System).CleanUpAsync(session.Directory, Token);
        groups.ShouldAllBe(g => !Directory.Exists(g));
        Driver.IsAlive(session.Handle).ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_does_not_see_or_change_its_groups()
    {
        var session = await StartAsync(limits: new() { MemoryBytes = 64 * MiB, Processes = 40 });
        (await session.OutputAsync("ls -A /sys 2>/dev/null | wc -l")).ShouldBe("0");
        (await session.OutputAsync("cut -d: -f3 /proc/self/cgroup | grep -c agb-s-; true")).ShouldBe("0");
        await session.FailureAsync("mkdir /tmp/g && mount -t cgroup2 none /tmp/g");
        await session.FailureAsync("unshare -rmC sh -c 'mkdir -p /tmp/g && mount -t cgroup2 none /tmp/g && echo max > /tmp/g/memory.max'");
        await session.FailureAsync("unshare -rmC sh -c 'mkdir -p /tmp/g && mount -t cgroup -o pids none /tmp/g && echo max > /tmp/g/pids.max'");
    }

    private static AgbLimitState State(TestSession session, AgbLimitKind limit) =>
        session.Handle.Controls!.States.Where(s => s.Limit == limit).ShouldHaveSingleItem();

    private static AgbLimitState RequireHeld(TestSession session, AgbLimitKind limit)
    {
        var state = State(session, limit);
        Assert.SkipUnless(state.Holds, state.Detail);
        return state;
    }

    private static AgbLimitState RequireGroup(TestSession session, AgbLimitKind limit)
    {
        var state = State(session, limit);
        Assert.SkipUnless(state.Mechanism is AgbLimitMechanism.CgroupV1 or AgbLimitMechanism.CgroupV2, state.Detail);
        return state;
    }
}
