namespace Agb.Engine.Tests.Sandbox;

/// <summary>Context mounts of a running sandbox.</summary>
public sealed class RunningMountTests : SandboxTest
{
    private static readonly SandboxMount s_first = new("/data/here", "m0", 0);
    private static readonly SandboxMount s_second = new("/data/here", "m1", 0);

    [Fact]
    public async Task A_mount_comes_and_goes()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        Driver.Mounts.Attach(session.Handle, session.Directory, [s_first, new("/srv/copy", "m1", null)]);
        Driver.Mounts.Read(session.Handle, session.Directory).Select(m => (m.Name, m.Path)).ShouldBe([("m0", "/data/here"), ("m1", "/srv/copy")]);
        (await session.OutputAsync("echo x > /data/here/file; echo y > /srv/copy/file; stat -c '%U %a' /data /data/here")).ShouldBe("agb 755\nagb 755");
        File.Exists(Path.Combine(session.Directory, "m0/upper/file")).ShouldBeTrue();
        File.Exists(Path.Combine(session.Directory, "m1/data/file")).ShouldBeTrue();
        Driver.Mounts.Detach(session.Handle, session.Directory, "m0").ShouldBeTrue();
        Driver.Mounts.Detach(session.Handle, session.Directory, "m1").ShouldBeTrue();
        Driver.Mounts.Detach(session.Handle, session.Directory, "m1").ShouldBeTrue();
        (await session.OutputAsync("ls -A /data/here /srv/copy")).ShouldBe("/data/here:\n\n/srv/copy:");
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mount_of_the_start_can_be_replaced_and_taken_away()
    {
        await RequireOverlayAsync();
        var session = await StartAsync(mounts: s_first);
        await session.OutputAsync("echo old > /data/here/file; (cd /data/here; exec 3<file; while [ ! -e /tmp/go ]; do sleep 0.01; done; cat <&3 > /tmp/seen; ls > /tmp/listed) >/dev/null 2>&1 &");
        Driver.Mounts.Replace(session.Handle, session.Directory, s_second, "m0").ShouldBeFalse("a program has it open");
        (await session.OutputAsync("ls -A /data/here | wc -l; touch /tmp/go")).ShouldBe("0");
        await session.WaitUntilAsync("[ -s /tmp/listed ]");
        (await session.OutputAsync("cat /tmp/seen /tmp/listed")).ShouldBe("old\nfile");
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldHaveSingleItem().Name.ShouldBe("m1");
        Driver.Mounts.Detach(session.Handle, session.Directory, "m1").ShouldBeTrue();
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_look_up_sees_the_old_tree_or_the_new_one()
    {
        await RequireOverlayAsync();
        var session = await StartAsync(mounts: s_first);
        await session.OutputAsync("touch /data/here/file; (until [ -e /tmp/stop ]; do stat /data/here/file >/dev/null || echo gone >> /tmp/gone; done) >/dev/null 2>&1 &");
        for (var i = 1; i <= 20; i++)
        {
            Directory.CreateDirectory(Path.Combine(session.Directory, $"m{i}/upper"));
            await File.WriteAllTextAsync(Path.Combine(session.Directory, $"m{i}/upper/file"), "", Token);
            Driver.Mounts.Replace(session.Handle, session.Directory, s_first with { Name = $"m{i}" }, $"m{i - 1}");
        }
        (await session.OutputAsync("touch /tmp/stop; ls /tmp")).ShouldNotContain("gone");
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        await session.OutputAsync("ln -s /tmp /home/link; ln -s /proc/1/root/tmp /home/magic; touch /home/file");
        foreach (var path in new[] { "/home/link", "/home/link/below", "/home/magic/x", "/home/file", "/home/file/below" })
        {
            Should.Throw<AgbException>(() => Driver.Mounts.Attach(session.Handle, session.Directory, [s_first with { Target = path }])).ErrorId.ShouldBe(AgbErrorIds.MountFailed);
        }
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_only_mount_refuses_writes()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        Driver.Mounts.Attach(session.Handle, session.Directory, [s_first with { IsReadOnly = true }, new("/srv/copy", "m1", null) { IsReadOnly = true }]);
        (await session.FailureAsync("touch /data/here/file")).ShouldContain("Read-only file system");
        (await session.FailureAsync("touch /srv/copy/file")).ShouldContain("Read-only file system");
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldAllBe(m => m.IsReadOnly);
    }

    [Fact]
    public async Task A_mount_becomes_read_only_unless_a_file_is_open_for_writing()
    {
        await RequireOverlayAsync();
        var session = await StartAsync(mounts: s_first);
        await session.OutputAsync("(exec 3>/data/here/file; touch /tmp/open; while [ ! -e /tmp/go ]; do sleep 0.01; done) >/dev/null 2>&1 &");
        await session.WaitUntilAsync("[ -e /tmp/open ]");
        Driver.Mounts.TrySetReadOnly(session.Handle, session.Directory, "m0", true).ShouldBeFalse();
        Driver.Mounts.Writers(session.Handle, session.Directory, "m0").ShouldContain(w => w.StartsWith("bash (process ", StringComparison.Ordinal));
        await session.OutputAsync("touch /tmp/go");
        await session.WaitUntilAsync("! pgrep -f tmp/ope[n]");
        Driver.Mounts.TrySetReadOnly(session.Handle, session.Directory, "m0", true).ShouldBeTrue();
        (await session.FailureAsync("touch /data/here/other")).ShouldContain("Read-only file system");
        Driver.Mounts.TrySetReadOnly(session.Handle, session.Directory, "m0", false).ShouldBeTrue();
        await session.OutputAsync("touch /data/here/other");
    }

    [Fact]
    public async Task A_moved_mount_is_found()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        Driver.Mounts.Attach(session.Handle, session.Directory, [s_first with { Target = "/tmp/a/b" }]);
        await session.OutputAsync("mv /tmp/a '/tmp/new place'; touch '/tmp/new place/b/file'");
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldHaveSingleItem().Path.ShouldBe("/tmp/new place/b");
        Driver.Mounts.Detach(session.Handle, session.Directory, "m0");
        (await session.OutputAsync("ls -A '/tmp/new place/b'")).ShouldBe("");
    }

    [Fact]
    public async Task Seventy_mounts_are_attached_at_once()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        Driver.Mounts.Attach(session.Handle, session.Directory, [.. Enumerable.Range(0, 70).Select(i => new SandboxMount($"/data/n{i}", $"m{i}", 0))]);
        (await session.OutputAsync("for d in /data/*; do touch $d/file; done; ls /data | wc -l")).ShouldBe("70");
        Driver.Mounts.Read(session.Handle, session.Directory).Count.ShouldBe(70);
    }

    [Fact]
    public async Task Nothing_is_attached_if_one_fails()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        Directory.CreateDirectory(Path.Combine(session.Directory, "m1"));
        var broken = new SandboxMount("/srv/broken", "m1", 1);
        Should.Throw<AgbException>(() => Driver.Mounts.Attach(session.Handle, session.Directory, [s_first, broken]));
        Driver.Mounts.Read(session.Handle, session.Directory).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_older_kernel_keeps_the_replaced_mount_beneath_the_new_one()
    {
        await RequireOverlayAsync();
        var session = await StartAsync(mounts: s_first);
        await session.OutputAsync("touch /data/here/old");
        var mounts = new SandboxMounts(canGoBeneath: false);
        mounts.Replace(session.Handle, session.Directory, s_second, "m0");
        (await session.OutputAsync("ls -A /data/here")).ShouldBe("");
        mounts.Read(session.Handle, session.Directory).Select(m => (m.Name, m.IsTop)).ShouldBe([("m0", false), ("m1", true)]);
        mounts.Detach(session.Handle, session.Directory, "m1");
        mounts.Read(session.Handle, session.Directory).ShouldBeEmpty();
        (await session.OutputAsync("ls -A /data/here")).ShouldBe("");
    }

    [Fact]
    public async Task A_hundred_layers_are_attached()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        var directory = Path.Combine(session.Directory, "m0");
        Directory.CreateDirectory(directory);
        for (var i = 0; i < 100; i++)
        {
            var layer = Directory.CreateDirectory(Path.Combine(Home, "layers", $"layer{i}")).FullName;
            await File.WriteAllTextAsync(Path.Combine(layer, $"f{i}"), "", Token);
            File.CreateSymbolicLink(Path.Combine(directory, $"l{i}"), layer);
        }
        Driver.Mounts.Attach(session.Handle, session.Directory, [s_first with { Lowers = 100 }]);
        (await session.OutputAsync("ls /data/here | wc -l")).ShouldBe("100");
    }

    [Fact]
    public async Task An_ended_sandbox_is_refused()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        await Driver.StopAsync(session.Handle, Token);
        Should.Throw<AgbException>(() => Driver.Mounts.Attach(session.Handle, session.Directory, [s_first])).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
        Should.Throw<AgbException>(() => Driver.Mounts.Detach(session.Handle, session.Directory, "m0")).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }
}
