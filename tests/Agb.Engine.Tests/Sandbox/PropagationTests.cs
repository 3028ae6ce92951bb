using Agb.Engine.Tests.Store;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>A session holds no file system of the host that it does not show, and what the host mounts later does not get into it.</summary>
public sealed class PropagationTests : SandboxTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_in_a_session_hears_of_mounts_outside(bool overlay)
    {
        if (overlay)
        {
            await RequireOverlayAsync();
        }
        var session = NewSession(overlay: overlay);
        await session.StartAsync();
        // Lines of proc_pid_mountinfo(5): such a mount has shared:N or master:N among its optional fields.
        var mounts = await File.ReadAllLinesAsync($"/proc/{session.Handle.InitPid}/mountinfo", Token);
        mounts.ShouldContain(m => m.Contains(" /usr ", StringComparison.Ordinal));
        mounts.Where(m => m.Contains(" shared:", StringComparison.Ordinal) || m.Contains(" master:", StringComparison.Ordinal)).ShouldBeEmpty();
        var outside = await File.ReadAllLinesAsync($"/proc/{session.Handle.MonitorPid}/mountinfo", Token);
        outside.Where(m => m.Contains(" shared:", StringComparison.Ordinal)).ShouldBeEmpty("what is mounted for a session must not come out");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_system_that_the_host_unmounts_is_free(bool overlay)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount.");
        if (overlay)
        {
            await RequireOverlayAsync();
        }
        // Shared, as all mounts are on hosts with systemd.
        var shared = Directory.CreateDirectory(Path.Combine(Home, "shared")).FullName;
        var disk = Path.Combine(shared, "disk");
        (await SmallDisk.MountAsync(shared, Token)).ShouldBeNull();
        try
        {
            (await SmallDisk.RunAsync("mount", ["--make-shared", shared], Token)).ShouldBeNull();
            Directory.CreateDirectory(disk);
            (await SmallDisk.MountAsync(disk, Token)).ShouldBeNull();
            var session = NewSession(overlay: overlay);
            await session.StartAsync();
            Sees(session.Handle.MonitorPid, disk).ShouldBeTrue("a session's start copies the host's mounts");

            await SmallDisk.UnmountAsync(disk);

            Sees(session.Handle.MonitorPid, disk).ShouldBeFalse();
            Sees(session.Handle.InitPid, disk).ShouldBeFalse();
            (await session.OutputAsync("echo works")).ShouldBe("works");
            // A mount of later on stays outside.
            (await SmallDisk.MountAsync(disk, Token)).ShouldBeNull();
            Sees(session.Handle.InitPid, disk).ShouldBeFalse();
        }
        finally
        {
            await SmallDisk.RunAsync("umount", ["--recursive", shared], CancellationToken.None);
        }
    }

    private static bool Sees(int pid, string mount) => File.ReadAllText($"/proc/{pid}/mountinfo").Contains($" {mount} ", StringComparison.Ordinal);
}
