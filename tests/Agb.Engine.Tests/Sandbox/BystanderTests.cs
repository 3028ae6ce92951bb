using Agb.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>No process of the host is ever taken for one of a sandbox, whatever of the sandbox has ended, and none is signalled.</summary>
public sealed class BystanderTests : SandboxTest
{
    [Fact]
    public void What_starts_a_sandbox_is_gone_before_bubblewrap_asks_to_end_with_its_parent()
    {
        var session = NewSession();
        using var log = File.OpenHandle(Path.Combine(session.Directory, "log"), FileMode.Create, FileAccess.Write);
        var (read, write) = ProcessDescriptor.Pipe();
        var (gate, opener) = ProcessDescriptor.Pipe();
        int shell;
        using (gate)
        using (opener)
        using (write)
        {
            shell = ProcessSpawn.Start(
                [.. LaunchSequence.Detached(session.Directory, AgbNetwork.Host), "/bin/sh", "-c", "echo $PPID"],
                HostTools.Environment, [null, write, log, gate]);
            ProcessSpawn.Discard(shell);
            write.TryWrite("opened\n"u8).ShouldBe(7);
            opener.TryWrite("\n"u8).ShouldBe(1);
        }
        using (read)
        {
            using var reader = new StreamReader(new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(read.DangerousGetHandle(), ownsHandle: false), FileAccess.Read));
            reader.ReadLine().ShouldBe("opened");
            int.Parse(reader.ReadLine()!).ShouldNotBe(shell);
        }
    }

    [Fact]
    public void Nothing_is_made_when_the_engine_is_gone_before_it_says_so()
    {
        var session = NewSession();
        using var log = File.OpenHandle(Path.Combine(session.Directory, "log"), FileMode.Create, FileAccess.Write);
        var (read, write) = ProcessDescriptor.Pipe();
        var (gate, opener) = ProcessDescriptor.Pipe();
        using (gate)
        using (opener)
        using (write)
        {
            ProcessSpawn.Discard(ProcessSpawn.Start(
                [.. LaunchSequence.Detached(session.Directory, AgbNetwork.Host), "/bin/echo", "made"], HostTools.Environment, [null, write, log, gate]));
        }
        using (read)
        {
            Span<byte> buffer = stackalloc byte[16];
            read.Read(buffer).ShouldBe(0);
        }
    }

    [Fact]
    public async Task What_this_process_starts_beside_a_session_has_none_of_its_mark()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var beside = Task.Run(
            async () =>
            {
                var limits = new List<string>();
                while (!over.IsCancellationRequested)
                {
                    // As a program that uses the engine starts its own.
                    using var process = System.Diagnostics.Process.Start(
                        new System.Diagnostics.ProcessStartInfo("/bin/cat", "/proc/self/limits") { RedirectStandardOutput = true })!;
                    limits.Add(await process.StandardOutput.ReadToEndAsync(Token));
                    await process.WaitForExitAsync(Token);
                }
                return limits;
            },
            Token);
        var marks = new List<string>();
        for (var i = 0; i < 15; i++)
        {
            marks.Add((await StartAsync()).Handle.Tag!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        await over.CancelAsync();

        (await beside).ShouldAllBe(limits => limits.Contains("Max file locks") && !marks.Any(limits.Contains));
    }

    [Fact]
    public void A_process_of_the_host_is_not_taken_for_bubblewrap()
    {
        // As when bubblewrap has ended: its child's parent is another process, here this one.
        var tag = ProcessTag.New();
        var child = Sleep(tag);
        try
        {
            var error = Should.Throw<AgbException>(() => SandboxLauncher.MakeHandle(DirectoryNaming(child), "/bin/sh", tag));
            error.ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
        }
        finally
        {
            End(child);
        }
    }

    [Fact]
    public async Task A_process_of_the_host_is_not_taken_for_the_first_process()
    {
        // As when the first process has ended and another one has its pid: the parent has the mark, the child another one.
        var tag = ProcessTag.New();
        var parent = ProcessSpawn.Start(
            ["/bin/sh", "-c", "prlimit --locks=7: sleep 1000 & wait"], HostTools.Environment, null, null, null, tag);
        var child = 0;
        try
        {
            await Eventually.HoldsAsync(
                "the child has another mark",
                () => (child = ProcessTable.ReadAll().FirstOrDefault(p => p.ParentPid == parent && ProcessTable.ReadLockLimit(p.Pid) == 7).Pid) != 0);
            Should.Throw<AgbException>(() => SandboxLauncher.MakeHandle(DirectoryNaming(child), "/bin/sh", tag))
                .ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
        }
        finally
        {
            End(parent);
            using var left = child == 0 ? null : PidFd.TryOpen(child);
            left?.Send(PidFd.SIGKILL);
        }
    }

    [Fact]
    public async Task The_processes_of_a_sandbox_are_found_by_its_mark()
    {
        var session = await StartAsync();
        SandboxLauncher.MakeHandle(session.Directory, session.Handle.Shell, session.Handle.Tag.ShouldNotBeNull())
            .ShouldBe(session.Handle with { Controls = null });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_spares_a_process_that_a_handle_names_wrongly(bool hasTag)
    {
        var session = await StartAsync();
        var bystander = Sleep(null);
        try
        {
            var entry = ProcessTable.TryRead(bystander).ShouldNotBeNull();
            // As versions before the mark was looked at could record it.
            await Driver.StopAsync(
                session.Handle with { MonitorPid = entry.Pid, MonitorStartTime = entry.StartTime, Tag = hasTag ? session.Handle.Tag : null }, Token);
            Driver.IsAlive(session.Handle).ShouldBeFalse();
            ProcessTable.IsAlive(entry.Pid, entry.StartTime).ShouldBeTrue();
        }
        finally
        {
            End(bystander);
        }
    }

    [Fact]
    public async Task The_end_of_a_session_wakes_nothing_of_another()
    {
        var (session, other) = (await StartAsync(), await StartAsync());
        // Stopped, with a child that has ended and is not waited for: what an entrance looks like, on the host and in a session.
        const string Stopped = "(:) & kill -STOP $$";
        await other.OutputAsync($"sh -c '{Stopped}' >/dev/null 2>&1 &");
        var child = ProcessSpawn.Start(["/bin/sh", "-c", Stopped], HostTools.Environment, null, null, null, ProcessTag.New());
        try
        {
            int[] stopped = [child, await StoppedInAsync(other)];
            var namespaces = new[] { session, other }.Select(s => ProcessTable.ReadNamespace(s.Handle.InitPid, "pid").ShouldNotBeNull());
            await Eventually.HoldsAsync("both wait", () => stopped.All(IsEntranceLike));
            foreach (var pids in namespaces)
            {
                TaggedProcesses.WakeStoppedEntrances(pids);
            }
            stopped.ShouldAllBe(p => IsEntranceLike(p));
        }
        finally
        {
            End(child);
        }
    }

    private static async Task<int> StoppedInAsync(TestSession session)
    {
        var found = 0;
        await Eventually.HoldsAsync(
            "a process in the session is stopped",
            () => (found = SandboxProcesses.Of(session.Handle.InitPid).FirstOrDefault(p => IsEntranceLike(p.Pid)).Pid) != 0);
        return found;
    }

    private static bool IsEntranceLike(int pid) =>
        ProcessTable.TryRead(pid) is { State: 'T' } && ProcessTable.ReadAll().Any(p => p.ParentPid == pid && p.HasEnded);

    private string DirectoryNaming(int pid)
    {
        var directory = NewSession().Directory;
        File.WriteAllText(Path.Combine(directory, SessionLayout.Info), $$"""{"child-pid":{{pid}}}""");
        return directory;
    }

    private static int Sleep(ulong? tag) => ProcessSpawn.Start(["/bin/sleep", "1000"], HostTools.Environment, null, null, null, tag);

    private static void End(int child)
    {
        using (var process = PidFd.TryOpen(child))
        {
            process?.Send(PidFd.SIGKILL);
        }
        ProcessSpawn.Discard(child);
    }
}
