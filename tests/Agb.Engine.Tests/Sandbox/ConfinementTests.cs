using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Attempts to get out of a session or above its rights.</summary>
public sealed class ConfinementTests : SandboxTest
{
    [Fact]
    public async Task Commands_have_no_more_rights_than_the_first_process()
    {
        var session = await StartAsync();
        const string Rights = "grep -E '^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|Groups|Uid|Gid|Seccomp)'";
        var first = await session.OutputAsync($"{Rights} /proc/1/status");
        (await session.OutputAsync($"{Rights} /proc/self/status")).ShouldBe(first);
        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" })
        {
            first.ShouldContain($"{set}:\t0000000000000000");
        }
        first.ShouldContain("NoNewPrivs:\t1");
        first.ShouldContain("Uid:\t1000\t1000\t1000\t1000");
    }

    [Fact]
    public async Task The_groups_of_the_hosts_root_do_not_come_in()
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "Only root can have groups that a session must not have.");
        var number = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 116, Architecture.Arm64 => 159, _ => -1 };
        Assert.SkipWhen(number < 0, "The number of setgroups(2) is not known here.");
        var session = await StartAsync();
        // A thread's groups are its own, and those of the threads and programs that it starts.
        var groups = await ProcessRun.OnThread("test-groups", () =>
        {
            SetGroups(number, 2, [27, 33]).ShouldBe(0);
            var own = File.ReadLines("/proc/thread-self/status").First(l => l.StartsWith("Groups:", StringComparison.Ordinal));
            own.ShouldBe("Groups:\t27 33 ");
            return session.OutputAsync("grep ^Groups: /proc/self/status").GetAwaiter().GetResult();
        });
        groups.Trim().ShouldBe("Groups:");
    }

    [Fact]
    public async Task Nobody_is_root_inside_and_nobody_is_the_hosts_root()
    {
        var session = await StartAsync();
        (await session.OutputAsync("awk '{print $1, $3}' /proc/self/uid_map")).ShouldBe("1000 1");
        await session.OutputAsync("sleep 1000 >/dev/null 2>&1 &");
        var owners = ProcessTable.ReadAll().Where(p => IsInside(session.Handle, p.Pid)).Select(p => HostUid(p.Pid)).ToArray();
        owners.Length.ShouldBeGreaterThanOrEqualTo(2);
        owners.ShouldAllBe(uid => uid == SandboxIdentity.HostUid && uid != 0);
    }

    [Theory]
    [InlineData("echo 1 > /proc/sys/kernel/sysrq")]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("echo x > /proc/sys/kernel/hostname")]
    [InlineData("echo h > /proc/sysrq-trigger")]
    [InlineData("echo 0 > /proc/1/oom_score_adj && echo -1000 > /proc/1/oom_score_adj")]
    [InlineData("mount -t tmpfs none /mnt")]
    [InlineData("mount -o remount,rw /usr")]
    [InlineData("umount /tmp")]
    [InlineData("umount -l /proc")]
    [InlineData("mknod /tmp/disk b 8 0")]
    [InlineData("mknod /tmp/kmsg c 1 11")]
    [InlineData("chroot / true")]
    [InlineData("hostname other")]
    [InlineData("date -s 2000-01-01")]
    [InlineData("nsenter -t 1 -m true")]
    [InlineData("ls /sys/kernel")]
    [InlineData("cat /etc/shadow")]
    [InlineData("su -c true root </dev/null")]
    [InlineData("setpriv --reuid=0 true")]
    [InlineData("kill -9 1 && sleep 0.2 && [ ! -e /proc/1 ]")]
    public async Task Refuses(string attempt)
    {
        var session = await StartAsync();
        await session.FailureAsync(attempt);
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task A_setuid_program_gives_nothing()
    {
        var session = await StartAsync();
        await session.OutputAsync("cp /bin/sh /tmp/sh 2>/dev/null; cp /bin/bash /tmp/sh; chmod 6755 /tmp/sh");
        (await session.OutputAsync("/tmp/sh -p -c 'id -u; grep CapEff /proc/self/status'")).ShouldBe("1000\nCapEff:\t0000000000000000");
        // su, mount and such are setuid on the host.
        await session.FailureAsync("for p in $(find /usr/bin -perm -4000); do $p --help >/dev/null 2>&1; done; su root -c id </dev/null");
    }

    [Fact]
    public async Task A_nested_user_namespace_opens_nothing_of_the_host()
    {
        var session = await StartAsync();
        var marker = Path.Combine(Path.GetTempPath(), $"agb-escape-{Guid.NewGuid():n}");
        var probe = await session.RunAsync("unshare -r true");
        Assert.SkipUnless(probe.ExitCode == 0, $"Nested user namespaces are forbidden here: {probe.ErrorText()}");
        foreach (var attempt in new[]
        {
            "echo 1 > /proc/sys/kernel/sysrq",
            "echo x > /proc/sys/kernel/core_pattern",
            "mknod /tmp/disk b 8 0",
            "umount /tmp",
            "umount -l /proc && mount -t proc proc /proc && [ -e /proc/sys/kernel ] && ls /proc | grep -c 9999999",
            "[ ! -e /var/lib/dpkg ] || { mount -o remount,bind,rw /var/lib/dpkg && touch /var/lib/dpkg/x; }; [ -e /var/lib/dpkg/x ]",
            $"touch {marker} && [ -e /proc/1/root{marker}x ]",
            "cat /etc/shadow",
            "chroot /proc/1/root/../../.. cat /etc/shadow",
        })
        {
            await session.FailureAsync($"unshare -r -m sh -c '{attempt}'");
        }
        Path.Exists(marker).ShouldBeFalse();
        // What nested mounts show is what the session has anyway.
        await session.OutputAsync($"unshare -r -m sh -c 'mount --rbind / /mnt && [ ! -e /mnt{Home} ] && [ ! -e /proc/1/root{Home} ]'");
    }

    [Fact]
    public async Task No_way_leads_around_the_root_directory()
    {
        var session = await StartAsync();
        foreach (var path in new[] { "/proc/1/root", "/proc/1/cwd/../../..", "/proc/self/cwd/../../../..", "/../../..", "/proc/1/fd/3/.." })
        {
            await session.OutputAsync($"[ ! -e {path}{Home} ]");
        }
        // A command's own descriptors lead nowhere outside either.
        await session.OutputAsync($"for f in /proc/[0-9]*/fd/*; do [ ! -e $f/..{Home} ] || exit 1; done");
    }

    [Fact]
    public async Task Killing_everything_leaves_the_session_usable()
    {
        var session = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await session.RunAsync("kill -9 -1; pkill -9 sleep; pkill -9 -x sh; killall5 -9");
        }
        Driver.IsAlive(session.Handle).ShouldBeTrue();
        (await session.OutputAsync("echo ok")).ShouldBe("ok");
        // And its first process still reaps.
        await session.OutputAsync("(sh -c 'exit 0' & )");
        await session.WaitUntilAsync("! grep -l '^State:.Z' /proc/[0-9]*/status >/dev/null 2>&1");
        // It rests, it does not spin.
        var before = CpuTicks(session.Handle.InitPid);
        await session.OutputAsync("sleep 0.3");
        (CpuTicks(session.Handle.InitPid) - before).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Controlling_the_first_process_gains_nothing()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gdb"), "Needs gdb.");
        var session = await StartAsync();
        await session.FailureAsync("gdb -p 1 -batch -ex detach </dev/null 2>&1 | grep -q '^0x'");
        await session.RunAsync("gdb -p 1 -batch -ex 'call (int)chdir(\"/tmp\")' -ex 'call (int)unshare(0x10000000)' </dev/null");
        Driver.IsAlive(session.Handle).ShouldBeTrue();
        var outcome = await session.RunAsync("grep -E '^(CapEff|CapPrm|NoNewPrivs)' /proc/self/status; id -u; ls " + Home);
        outcome.Text().ShouldNotContain("host-probe");
        if (outcome.Text().Contains("CapEff", StringComparison.Ordinal))
        {
            outcome.Text().ShouldContain("CapEff:\t0000000000000000");
        }
    }

    [Fact]
    public async Task A_replaced_shell_of_the_session_has_no_more_rights()
    {
        await RequireOverlayAsync();
        var session = await StartAsync();
        await session.OutputAsync("printf '#!/bin/sh\\ngrep -E \"^(Cap(Eff|Prm|Bnd)|NoNew)\" /proc/self/status; pwd -P; id -u\\n' > /tmp/bash; chmod +x /tmp/bash; cp /tmp/bash /usr/bin/bash2; mv /usr/bin/bash2 /usr/bin/bash");
        var outcome = await session.RunAsync("true");
        outcome.Text().ShouldContain("CapEff:\t0000000000000000");
        outcome.Text().ShouldContain("CapPrm:\t0000000000000000");
        outcome.Text().ShouldContain("CapBnd:\t0000000000000000");
        outcome.Text().ShouldContain("NoNewPrivs:\t1");
        outcome.Text().ShouldContain("/home/code");
    }

    [Fact]
    public async Task Session_files_are_closed_to_other_users()
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "Only root can look at them as another user.");
        var session = await StartAsync();
        await session.OutputAsync("echo secret > /tmp/secret; echo secret > ~/secret");
        ProcessFiles.SetMode(Home, (UnixFileMode)0b111_101_101);
        ProcessFiles.SetMode(Path.Combine(Home, "sessions"), (UnixFileMode)0b111_101_101);
        foreach (var path in new[] { "", "scratch", "scratch/tmp/secret", "scratch/home/code/secret", "sys/usr/upper", "start.log", "launch.json" })
        {
            using var process = Process.Start(new ProcessStartInfo(
                "/usr/bin/setpriv",
                ["--reuid=65533", "--regid=65533", "--clear-groups", "/bin/sh", "-c", "ls \"$1\" && cat \"$1\"", "sh", Path.Combine(session.Directory, path)])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            (await process.StandardOutput.ReadToEndAsync(Token)).ShouldNotContain("secret\n");
            await process.WaitForExitAsync(Token);
            process.ExitCode.ShouldNotBe(0, path);
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long SetGroups(long number, long count, uint[] groups);

    private static bool IsInside(SandboxHandle handle, int pid) =>
        ProcessTable.ReadNamespace(pid, "pid") == ProcessTable.ReadNamespace(handle.InitPid, "pid");

    private static uint HostUid(int pid) => uint.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);

    private static long CpuTicks(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11]) + long.Parse(fields[12]);
    }
}
