namespace Agb.Engine.Tests.Sandbox;

/// <summary>The launcher, first process of a sandbox: out of reach for the session, and unharmed by clients of any kind.</summary>
public sealed class LauncherTests : SandboxTest
{
    [Theory]
    [InlineData("cat /proc/1/environ")]
    [InlineData("ls /proc/1/fd/")]
    [InlineData("readlink /proc/1/exe")]
    [InlineData("ls /proc/1/root/")]
    [InlineData("dd if=/proc/1/mem of=/dev/null bs=1 count=1")]
    [InlineData("echo 1 > /proc/1/comm")]
    public async Task The_session_can_not_look_into_it(string command)
    {
        var session = await StartAsync();
        await session.FailureAsync(command);
    }

    [Fact]
    public async Task The_session_can_not_end_or_stop_it()
    {
        var session = await StartAsync();
        await session.OutputAsync("for s in KILL TERM STOP INT HUP SEGV CHLD USR1 PIPE; do kill -$s 1; done; kill -KILL -1 || true");
        (await session.OutputAsync("echo here")).ShouldBe("here");
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task Its_socket_has_no_name_in_the_session_and_is_closed_to_other_users()
    {
        var session = await StartAsync();
        (await session.OutputAsync("find / -xdev -name launcher -type s 2>/dev/null | wc -l")).ShouldBe("0");
        File.GetUnixFileMode(session.Handle.Launcher!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Its_program_can_be_started_by_a_session_whatever_the_mask_of_the_engine()
    {
        var session = await StartAsync();
        await session.OutputAsync("true");
        foreach (var program in Directory.EnumerateFiles(Path.Combine(Home, "programs")))
        {
            File.GetUnixFileMode(program).ShouldBe((UnixFileMode)0b101_101_101);
        }
    }

    [Fact]
    public async Task Bad_requests_are_refused_and_change_nothing()
    {
        var session = await StartAsync();
        var launcher = session.Handle.Launcher!;
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var good = new LaunchRequest(ProcessTag.Below(session.Handle.Tag!.Value), "/", ["/bin/true"], new Dictionary<string, string>()).ToBytes();
        var tooMany = good.ToArray();
        BitConverter.TryWriteBytes(tooMany.AsSpan(12), uint.MaxValue);
        var unended = good[..^1];
        foreach (var bytes in new byte[][] { [], [1, 2, 3], new byte[24], tooMany, unended })
        {
            using var memory = LocalSocket.Memory(bytes);
            Refusal(launcher, nothing, nothing, nothing, memory).ShouldBe(LaunchStep.Request);
        }
        Refusal(launcher).ShouldBe(LaunchStep.Request);
        Refusal(launcher, nothing).ShouldBe(LaunchStep.Request);
        // Clients that leave: before a request, and with one unanswered.
        LocalSocket.Connect(Path.GetDirectoryName(launcher)!, Path.GetFileName(launcher)).Dispose();
        (await session.OutputAsync("echo here")).ShouldBe("here");
        await NoDescriptorIsLeftAsync(session);
    }

    [Fact]
    public async Task Commands_at_once_all_get_their_own_status_and_none_stays_as_a_zombie()
    {
        var session = await StartAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => session.RunAsync($"sleep 0.0{i % 7}; echo {i}; exit {i}")));
        outcomes.Select(o => (o.ExitCode, o.Text())).ShouldBe(Enumerable.Range(0, 100).Select(i => (i, $"{i}\n")));
        (await session.OutputAsync("grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l")).ShouldBe("0");
        await NoDescriptorIsLeftAsync(session);
    }

    [Fact]
    public async Task A_fatal_signal_is_told_from_an_exit_code()
    {
        var session = await StartAsync();
        (await session.RunAsync("kill -TERM $$")).ShouldSatisfyAllConditions(o => o.ExitCode.ShouldBe(143), o => o.Signal.ShouldBe(15));
        (await session.RunAsync("exit 143")).ShouldSatisfyAllConditions(o => o.ExitCode.ShouldBe(143), o => o.Signal.ShouldBeNull());
    }

    [Fact]
    public async Task A_session_of_an_older_version_is_entered_as_before()
    {
        var session = await StartAsync();
        var older = session.Handle with { Launcher = null };
        var request = new AgbCommandRequest { Command = "echo $0; cat; exit 3", Input = new MemoryStream("given"u8.ToArray()) };
        var outcome = await Driver.RunAsync(older, CodeImage, request, null, Token);
        outcome.ShouldSatisfyAllConditions(o => o.ExitCode.ShouldBe(3), o => o.Text().ShouldBe("/bin/bash\ngiven"));
        var error = await Should.ThrowAsync<AgbException>(
            Driver.RunAsync(older, CodeImage, new AgbCommandRequest { Command = "true", WorkingDirectory = "/no/such" }, null, Token));
        error.ErrorId.ShouldBe(AgbErrorIds.WorkingDirectoryNotFound);
        outcome = await Driver.RunAsync(older, CodeImage, new AgbCommandRequest { Command = "sleep 100", Timeout = TimeSpan.FromMilliseconds(200) }, null, Token);
        outcome.TimedOut.ShouldBeTrue();
        await using var terminal = await Driver.OpenTerminalAsync(older, CodeImage, new AgbTerminalRequest(), Token);
        await terminal.WriteAsync("exit 7\n"u8.ToArray(), Token);
        (await terminal.ExitCode).ShouldBe(7);
    }

    // The launcher is not dumpable, so only root can look at it.
    private static async Task NoDescriptorIsLeftAsync(TestSession session)
    {
        if (SandboxIdentity.IsRoot)
        {
            // Its streams, the socket, the null device, the signals, its program.
            await Eventually.HoldsAsync("only its own descriptors", () => Directory.GetFileSystemEntries($"/proc/{session.Handle.InitPid}/fd").Length <= 7);
        }
    }

    private static LaunchStep Refusal(string launcher, params ReadOnlySpan<System.Runtime.InteropServices.SafeHandle> descriptors)
    {
        using var connection = LocalSocket.Connect(Path.GetDirectoryName(launcher)!, Path.GetFileName(launcher));
        LocalSocket.Send(connection, descriptors);
        Span<byte> answer = stackalloc byte[8];
        LocalSocket.Receive(connection, answer, out var process).ShouldBe(answer.Length);
        process.ShouldBeNull();
        return (LaunchStep)BitConverter.ToInt32(answer);
    }
}
