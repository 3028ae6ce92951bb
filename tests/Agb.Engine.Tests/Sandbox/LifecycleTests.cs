using System.Diagnostics;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Start, stop, failure and what a killed creator leaves.</summary>
public sealed class LifecycleTests : SandboxTest
{
    private const string CreatorDirectory = "AGB_TEST_CREATOR_DIRECTORY";

    [Fact]
    public async Task A_stopped_session_leaves_no_process_and_no_mount()
    {
        var session = await StartAsync();
        await session.OutputAsync("setsid sleep 1000 >/dev/null 2>&1 &");
        Marked(session.Directory).Length.ShouldBeGreaterThanOrEqualTo(2);
        await Driver.StopAsync(session.Handle, Token);
        Driver.IsAlive(session.Handle).ShouldBeFalse();
        Marked(session.Directory).ShouldBeEmpty();
        InPidNamespaceOf(session.Handle).ShouldBeEmpty();
        (await File.ReadAllTextAsync("/proc/self/mountinfo", Token)).ShouldNotContain(session.Spec.SessionId);
    }

    [Fact]
    public async Task Stopping_again_or_at_once_does_nothing_more()
    {
        var session = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Driver.StopAsync(session.Handle, Token)));
        await Driver.StopAsync(session.Handle, Token);
        await Driver.CleanUpAsync(session.Directory, Token);
        Driver.IsAlive(session.Handle).ShouldBeFalse();
    }

    [Fact]
    public async Task A_handle_of_another_boot_is_dead_and_harmless()
    {
        var session = await StartAsync();
        var old = session.Handle with { BootId = Guid.NewGuid().ToString() };
        Driver.IsAlive(old).ShouldBeFalse();
        await Driver.StopAsync(old, Token);
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task Another_driver_can_use_and_stop_the_session()
    {
        var session = await StartAsync();
        var other = new BubblewrapDriver(Home, TimeProvider.System);
        var outcome = await other.RunAsync(session.Handle, CodeImage, new AgbCommandRequest { Command = "echo hi" }, null, Token);
        outcome.Text().ShouldBe("hi\n");
        await other.StopAsync(session.Handle, Token);
        Driver.IsAlive(session.Handle).ShouldBeFalse();
    }

    [Fact]
    public async Task Ends_at_its_maximum_lifetime_whatever_the_session_does()
    {
        var session = await StartAsync(lifetime: TimeSpan.FromSeconds(1.5));
        var start = Stopwatch.GetTimestamp();
        using var init = PidFd.TryOpen(session.Handle.InitPid, session.Handle.InitStartTime).ShouldNotBeNull();
        await session.RunAsync("kill -9 -1; pkill -9 timeout");
        init.WaitForEnd(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        var error = await Should.ThrowAsync<AgbException>(session.RunAsync("true"));
        error.ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    [Fact]
    public async Task A_failed_start_names_the_reason_and_leaves_nothing()
    {
        await RequireOverlayAsync();
        // Its lower directories do not exist.
        var session = NewSession(mounts: new SandboxMount("/home/data", "m0", 2));
        var error = await Should.ThrowAsync<AgbException>(session.StartAsync());
        error.ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
        error.Message.ShouldContain("mount");
        Marked(session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_session_mounts_is_seen_by_no_thread_of_this_process()
    {
        await StartAsync();
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(SessionLayout.RootStage);
        var own = ProcessTable.ReadNamespace(Environment.ProcessId, "mnt").ShouldNotBeNull();
        // Another test may be starting a session at this moment.
        await Eventually.HoldsAsync(
            "no thread sees other mounts",
            () => Directory.GetDirectories("/proc/self/task").All(t => ProcessTable.ReadNamespace(int.Parse(Path.GetFileName(t)), "mnt") is not { } seen || seen == own));
    }

    [Theory]
    [InlineData(Errno.ENOSPC, AgbErrorIds.HostExhausted)]
    [InlineData(Errno.EPERM, AgbErrorIds.HostNotReady)]
    [InlineData(Errno.EAGAIN, AgbErrorIds.HostExhausted)]
    public void Names_the_cause_of_a_missing_mount_namespace(int errno, string errorId) =>
        StartFailure.OfNamespace("/x", (IOException)ProcessLibc.Error("unshare failed", errno)).ErrorId.ShouldBe(errorId);

    [Fact]
    public async Task A_start_without_a_shell_in_the_image_says_so()
    {
        var root = Path.Combine(Home, "image");
        Directory.CreateDirectory(Path.Combine(root, "usr"));
        foreach (var path in new[] { Home, root, Path.Combine(root, "usr") })
        {
            ProcessFiles.SetMode(path, (UnixFileMode)0b111_101_101);
        }
        var session = NewSession(CodeImage with { Root = root }, overlay: false);
        var error = await Should.ThrowAsync<AgbException>(session.StartAsync());
        error.ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
        error.Message.ShouldContain("/bin/sh");
        Marked(session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing()
    {
        for (var i = 0; i < 8; i++)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var session = NewSession(overlay: false);
            cancel.CancelAfter(TimeSpan.FromMilliseconds(2 * i));
            try
            {
                await Driver.StartAsync(session.Spec, cancel.Token);
            }
            catch (OperationCanceledException)
            {
                Marked(session.Directory).ShouldBeEmpty();
            }
        }
    }

    [Fact]
    public async Task A_session_directory_serves_one_sandbox()
    {
        var session = await StartAsync();
        await Driver.StopAsync(session.Handle, Token);
        (await Should.ThrowAsync<AgbException>(session.StartAsync())).ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
    }

    [Theory]
    [InlineData("bwrap: setting up uid map: Permission denied\n", AgbErrorIds.HostNotReady)]
    [InlineData("unshare: unshare failed: Operation not permitted\n", AgbErrorIds.HostNotReady)]
    [InlineData("bwrap: No permissions to create new namespace, likely because the kernel does not allow it\n", AgbErrorIds.HostNotReady)]
    [InlineData("setpriv: failed to execute /usr/bin/bwrap: Resource temporarily unavailable\n", AgbErrorIds.HostExhausted)]
    [InlineData("sh: 1: Cannot fork\n", AgbErrorIds.HostExhausted)]
    [InlineData("bwrap: Can't open /proc: Too many open files\n", AgbErrorIds.HostExhausted)]
    [InlineData("unshare: unshare failed: No space left on device\n", AgbErrorIds.HostExhausted)]
    [InlineData("mount: /x: No space left on device.\n", AgbErrorIds.NoSpace)]
    [InlineData("bwrap: Can't find source path /x: No such file or directory\n", AgbErrorIds.SessionStartFailed)]
    [InlineData("", AgbErrorIds.SessionStartFailed)]
    public void Names_the_cause_of_a_failed_start(string log, string errorId)
    {
        var error = StartFailure.From("/sessions/x", log);
        error.ErrorId.ShouldBe(errorId);
        error.Remedy.ShouldNotBeNullOrWhiteSpace();
        error.Message.ShouldContain(log.Trim());
    }

    [Fact]
    public void A_full_disk_is_told_from_other_failures()
    {
        StartFailure.From("/x", new IOException("full") { HResult = Errno.ENOSPC }).ErrorId.ShouldBe(AgbErrorIds.NoSpace);
        StartFailure.From("/x", new IOException("other")).ErrorId.ShouldBe(AgbErrorIds.SessionStartFailed);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(23)]
    [InlineData(24)]
    public async Task A_host_that_has_nothing_left_is_told_from_other_failures(int errno)
    {
        // As the base library throws it, and as this engine does.
        foreach (var cause in new[] { new IOException("none", errno), new PosixException("open", "/x", errno) })
        {
            StartFailure.From("/x", cause).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
            var error = await Should.ThrowAsync<AgbException>(ErrorTranslation.GuardAsync<int>("x", () => throw cause));
            error.ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
            error.RetryAfter.ShouldNotBeNull();
        }
        (await Should.ThrowAsync<AgbException>(ErrorTranslation.GuardAsync<int>("x", () => throw new OutOfMemoryException()))).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
    }

    [Fact]
    public async Task Sessions_outlive_their_creator_and_can_be_cleaned_up()
    {
        var session = NewSession();
        using (var creator = StartCreator(session))
        {
            await WaitForFileAsync(Path.Combine(session.Directory, "created"));
            creator.Kill();
            await creator.WaitForExitAsync(Token);
        }
        var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(session.Directory, "created"), Token));
        ProcessTable.TryRead(pid).ShouldNotBeNull().HasEnded.ShouldBeFalse("the sandbox has a parent of its own");
        await Driver.CleanUpAsync(session.Directory, Token);
        (ProcessTable.TryRead(pid) is null or { HasEnded: true }).ShouldBeTrue();
        Marked(session.Directory).ShouldBeEmpty();
        await Driver.CleanUpAsync(session.Directory, Token);
    }

    [Fact]
    public async Task A_start_that_was_cut_off_can_be_cleaned_up()
    {
        for (var i = 0; i < 3; i++)
        {
            var session = NewSession();
            using var creator = StartCreator(session);
            // Written right before the first process is started.
            await WaitForFileAsync(Path.Combine(session.Directory, SessionLayout.Launch));
            creator.Kill();
            await creator.WaitForExitAsync(Token);
            await Driver.CleanUpAsync(session.Directory, Token);
            Marked(session.Directory).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Cleaning_up_where_nothing_was_started_does_nothing()
    {
        var session = NewSession();
        await Driver.CleanUpAsync(session.Directory, Token);
        await File.WriteAllTextAsync(Path.Combine(session.Directory, SessionLayout.Launch), "{torn", Token);
        await Driver.CleanUpAsync(session.Directory, Token);
        await Driver.CleanUpAsync(Path.Combine(Home, "no-such-session"), Token);
    }

    /// <summary>Not a test by itself: the process that other tests kill.</summary>
    [Fact(Explicit = true)]
    public async Task Creator()
    {
        var directory = Environment.GetEnvironmentVariable(CreatorDirectory) ?? throw new InvalidOperationException("Run by other tests only.");
        var handle = await Driver.StartAsync(
            new SandboxSpec
            {
                SessionId = Path.GetFileName(directory),
                SessionDirectory = directory,
                AgbHome = Path.GetDirectoryName(Path.GetDirectoryName(directory))!,
                Image = CodeImage,
                Network = AgbNetwork.Host,
                Mounts = [],
                UseOverlay = false,
            },
            Token);
        await File.WriteAllTextAsync(Path.Combine(directory, "created.part"), handle.InitPid.ToString(), Token);
        File.Move(Path.Combine(directory, "created.part"), Path.Combine(directory, "created"));
        await Task.Delay(Timeout.Infinite, Token);
    }

    private static Process StartCreator(TestSession session)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { typeof(LifecycleTests).Assembly.Location } : [],
                "-method", $"{typeof(LifecycleTests).FullName}.{nameof(Creator)}", "-explicit", "only", "-noColor",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[CreatorDirectory] = session.Directory;
        // Where this test removes what the killed process has left.
        start.Environment["TMPDIR"] = Path.GetDirectoryName(Path.GetDirectoryName(session.Directory));
        return Process.Start(start)!;
    }

    private static async Task WaitForFileAsync(string path)
    {
        var start = Stopwatch.GetTimestamp();
        while (!File.Exists(path))
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(60), $"'{path}' does not appear");
            await Task.Delay(1, Token);
        }
    }

    private static ProcessEntry[] Marked(string directory)
    {
        var tag = LaunchRecord.TryRead(directory)?.Tag;
        return tag is null ? [] : [.. ProcessTable.ReadAll().Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag)];
    }

    private static ProcessEntry[] InPidNamespaceOf(SandboxHandle handle) =>
        [.. ProcessTable.ReadAll().Where(p => p.Pid == handle.InitPid && p.StartTime == handle.InitStartTime && !p.HasEnded)];
}
