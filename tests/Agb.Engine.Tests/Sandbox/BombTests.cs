using System.Diagnostics;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>While one session does its worst within its limits, the host and the other sessions go on working, and it can be ended.</summary>
public sealed class BombTests : SandboxTest
{
    private const long MiB = 1 << 20;

    private static readonly AgbSessionLimits s_limits = new() { Processes = 60, MemoryBytes = 64 * MiB, DiskBytes = 24 * MiB, OpenFiles = 256 };

    // Each goes on without end, and marks when it has begun.
    public static TheoryData<string, string> Bombs => new()
    {
        { "forks", "bash -c 'touch /tmp/on; b() { b | b & }; b; sleep 1000'" },
        { "forks that leave their session", "touch /tmp/on; while :; do for i in $(seq 100); do setsid sh -c 'trap \"\" TERM HUP; sleep 1000' >/dev/null 2>&1 & done; done" },
        { "memory", "touch /tmp/on; while :; do head -c 256M /dev/zero | tail >/dev/null; done" },
        { "memory as files", "touch /tmp/on; while :; do head -c 300M /dev/zero > /dev/shm/f; seq 70000 | (cd /dev/shm && xargs -n 5000 touch); done" },
        { "disk", "touch /tmp/on; while :; do for i in $(seq 100); do head -c 1M /dev/zero > /tmp/f$i; done; done" },
        { "inodes", "touch /tmp/on; mkdir -p /tmp/d; cd /tmp/d; i=0; while :; do i=$((i + 1)); seq $((i * 1000)) $((i * 1000 + 999)) | xargs touch; done" },
        { "pipes and output", "touch /tmp/on; while :; do head -c 4M /dev/zero; done" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task The_host_and_other_sessions_go_on(string name, string bomb)
    {
        var (a, b) = (await StartAsync(limits: s_limits), await StartAsync(limits: s_limits));
        Assert.SkipUnless(a.Handle.Controls!.States.Single(s => s.Limit == AgbLimitKind.Processes).Holds, "Nothing holds processes here.");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = a.RunAsync(new AgbCommandRequest { Command = bomb, Timeout = TimeSpan.FromMinutes(2) }, cancel.Token);
        await Eventually.HoldsAsync("it has begun", () => running.IsCompleted || File.Exists(Path.Combine(a.Directory, "scratch/tmp/on")));

        for (var i = 0; i < 3; i++)
        {
            (await b.OutputAsync($"echo {i} > /tmp/f; echo {i} > /dev/shm/f; head -c 1M /dev/zero | tail -c 1 | wc -c; (sleep 0 & wait); cat /tmp/f")).ShouldBe($"1\n{i}", name);
        }
        var c = await StartAsync(limits: s_limits);
        (await c.OutputAsync("echo ok")).ShouldBe("ok", name);
        await Driver.StopAsync(c.Handle, Token);
        using (var process = Process.Start(new ProcessStartInfo("true"))!)
        {
            await process.WaitForExitAsync(Token);
            process.ExitCode.ShouldBe(0, name);
        }
        await File.WriteAllTextAsync(Path.Combine(Home, "file"), "ok", Token);
        SandboxProcesses.Of(a.Handle.InitPid).Count.ShouldBeLessThanOrEqualTo(60, name);

        await cancel.CancelAsync();
        // Ended by a limit, or by the cancellation. What the kernel holds for a session counts as its memory, and can leave no room for any of it.
        var error = await Record.ExceptionAsync(() => running);
        (error is null or OperationCanceledException or AgbException { ErrorId: AgbErrorIds.SessionNotRunning })
            .ShouldBeTrue(error?.ToString());
        (error as AgbException)?.Message.ShouldContain("at its memory limit");
        await Driver.StopAsync(a.Handle, Token);
        await Driver.CleanUpAsync(a.Directory, Token);
        SandboxProcesses.Of(a.Handle.InitPid).ShouldBeEmpty(name);
        (await b.OutputAsync("echo still here")).ShouldBe("still here", name);
    }
}
