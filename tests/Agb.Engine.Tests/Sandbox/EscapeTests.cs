using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Attempts on the kernel, on keys, sockets and file systems of the host from within a session.</summary>
public sealed class EscapeTests : SandboxTest
{
    private const string HasPython = "command -v python3 >/dev/null";

    [Theory]
    [InlineData("cat /proc/kcore")]
    [InlineData("cat /proc/kmsg")]
    [InlineData("dmesg --clear")]
    [InlineData("echo 1 > /proc/sys/vm/drop_caches")]
    [InlineData("echo c > /proc/sysrq-trigger")]
    [InlineData("echo 1 > /proc/sys/net/ipv4/ip_forward")]
    [InlineData("echo 100 > /proc/sys/user/max_user_namespaces")]
    [InlineData("cat /dev/mem /dev/kmem /dev/port /dev/kmsg")]
    [InlineData("touch /dev/x")]
    [InlineData("mknod /dev/shm/disk b 8 0")]
    [InlineData("mount --bind /tmp /usr")]
    [InlineData("mount -t cgroup2 none /mnt")]
    [InlineData("mount -t debugfs none /mnt")]
    [InlineData("pivot_root / /mnt")]
    [InlineData("unshare --mount true")]
    [InlineData("unshare --pid true")]
    [InlineData("swapon /tmp/x")]
    [InlineData("losetup -f /tmp/x")]
    [InlineData("chown 0:0 /tmp")]
    [InlineData("setcap cap_sys_admin+ep /tmp")]
    [InlineData("renice -n -20 -p $$")]
    public async Task Refuses(string attempt)
    {
        var session = await StartAsync();
        await session.FailureAsync(attempt);
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }

    [Fact]
    public async Task System_calls_for_the_hosts_root_are_refused()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The numbers are those of x86-64.");
        var session = await StartAsync();
        await RequirePythonAsync(session);
        // swapon, reboot, sethostname, settimeofday, init_module, kexec_load, iopl, ioperm, open_by_handle_at, mount, setns.
        var script = """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            path = ctypes.c_char_p(b'/tmp')
            calls = {'swapon': (167, path, 0), 'reboot': (169, 0, 0, 0, 0), 'sethostname': (170, path, 3), 'settimeofday': (164, 0, 0),
                     'init_module': (175, 0, 0, path), 'kexec_load': (246, 0, 0, 0, 0), 'iopl': (172, 3), 'ioperm': (173, 0, 8, 1),
                     'open_by_handle_at': (304, 3, path, 0), 'mount': (165, path, path, path, 4096, 0), 'chroot': (161, path),
                     'setns': (308, os.open('/proc/self/ns/mnt', os.O_RDONLY), 0), 'setuid': (105, 0), 'setgroups': (116, 0, 0)}
            for name, call in calls.items():
                ctypes.set_errno(0)
                if libc.syscall(*call) == 0:
                    print(name, 'was let through')
            """;
        (await session.RunAsync(new AgbCommandRequest { Command = "python3 -", Input = new MemoryStream(Encoding.UTF8.GetBytes(script)) }))
            .ShouldSatisfyAllConditions(o => o.ExitCode.ShouldBe(0, o.ErrorText()), o => o.Text().ShouldBe(""));
    }

    [Fact]
    public async Task Has_no_devices_but_the_harmless_ones()
    {
        var session = await StartAsync();
        // Not find, which takes the type of what a device is mounted on.
        var entries = (await session.OutputAsync("stat -c '%F:%n' /dev/* | sort")).Split('\n').Select(e => e.Split(':')).ToArray();
        entries.ShouldNotContain(e => e[0] == "block special file");
        entries.Where(e => e[0] == "character special file").Select(e => Path.GetFileName(e[1])).ShouldBeSubsetOf(
            ["console", "full", "null", "random", "tty", "urandom", "zero"]);
        entries.ShouldContain(e => e[1] == "/dev/null");
    }

    [Fact]
    public async Task Sees_no_socket_of_the_host_in_a_directory()
    {
        var session = await StartAsync();
        (await session.OutputAsync("find / -xdev -type s 2>/dev/null; find /run /tmp /var /dev -type s 2>/dev/null; echo end")).ShouldBe("end");
    }

    [Fact]
    public async Task Reaches_no_socket_of_the_host_by_its_path()
    {
        var session = await StartAsync();
        await RequirePerlAsync(session);
        foreach (var directory in new[] { "/run", "/tmp", "/var/tmp", "/dev/shm", Home })
        {
            // Short, because a socket's path has room for 107 bytes.
            var path = Path.Combine(directory, directory == Home ? "s" : $"agb-{Guid.NewGuid():n}"[..16]);
            Socket? listener = null;
            try
            {
                listener = Listen(path);
                ProcessFiles.SetMode(path, (UnixFileMode)0b111_111_111);
                Connect(path).ShouldBeTrue("anyone on the host may connect");
                foreach (var way in new[] { path, $"/proc/1/root{path}", $"/proc/self/cwd/../..{path}", $"/tmp/../..{path}" })
                {
                    (await session.RunAsync(ConnectTo(way))).ExitCode.ShouldNotBe(0, way);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
            {
                // A directory that this user may not write to.
            }
            finally
            {
                listener?.Dispose();
                File.Delete(path);
            }
        }
    }

    [Fact]
    public async Task Reaches_abstract_sockets_of_the_host_with_its_network_only()
    {
        var name = $"agb-test-{Guid.NewGuid():n}";
        using var listener = Listen('\0' + name);
        var (with, without) = (await StartAsync(), await StartAsync(network: AgbNetwork.None));
        await RequirePerlAsync(with);
        // The way in that docs/security.md names, and the way to close it.
        (await with.RunAsync(ConnectTo("\\0" + name))).ExitCode.ShouldBe(0);
        (await without.RunAsync(ConnectTo("\\0" + name))).ExitCode.ShouldNotBe(0);
        // Nor can two sessions without it reach each other.
        var other = await StartAsync(network: AgbNetwork.None);
        await other.OutputAsync($"perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack(\"S a*\", 1, \"\\0{name}-own\")) or die; listen(S, 1); open(F, \">/tmp/on\"); sleep 1000' >/dev/null 2>&1 & until [ -e /tmp/on ]; do sleep 0.01; done");
        (await other.RunAsync(ConnectTo($"\\0{name}-own"))).ExitCode.ShouldBe(0);
        (await without.RunAsync(ConnectTo($"\\0{name}-own"))).ExitCode.ShouldNotBe(0);
        Connect($"\0{name}-own").ShouldBeFalse();
    }

    [Fact]
    public async Task Does_not_hold_the_keys_of_whoever_started_it()
    {
        const string Description = "agb-test-secret";
        var session = await StartAsync();
        await RequirePythonAsync(session);
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (Add: 248, Keyctl: 250) : (Add: 217, Keyctl: 219);
        // The key's number, or the error of a search from the session keyring.
        var search = $"python3 -c \"import ctypes; c = ctypes.CDLL(None, use_errno=True); "
            + $"print(c.syscall({number.Keyctl}, 10, -3, b'user', b'{Description}', 0))\"";
        string inside = "", outside = "";
        // Keys belong to threads: this one has the key in its session keyring, and so has what it starts.
        var thread = new Thread(() =>
        {
            var key = OnKeyring(number, Description);
            outside = key > 0 ? "has it" : $"no keys here (errno {-key})";
            var started = key > 0 ? session.RunAsync(search) : Task.FromResult<CommandOutcome>(null!);
            inside = key > 0 ? started.GetAwaiter().GetResult().Text().Trim() : "";
        });
        thread.Start();
        thread.Join();
        Assert.SkipUnless(outside == "has it", outside);
        inside.ShouldBe("-1");
    }

    [Fact]
    public async Task Filling_the_inodes_in_memory_ends_at_the_sessions_own_limit()
    {
        var (a, b) = (await StartAsync(), await StartAsync());
        (await a.FailureAsync("cd /dev/shm && seq 70000 | xargs -n 5000 touch")).ShouldContain("No space left");
        await b.OutputAsync("touch /dev/shm/x /run/x");
        (await a.OutputAsync("rm -rf /dev/shm/*; touch /dev/shm/y; echo ok")).ShouldBe("ok");
    }

    [Fact]
    public async Task Sessions_can_not_trace_each_other()
    {
        var (a, b) = (await StartAsync(), await StartAsync());
        await a.OutputAsync("sleep 1000 >/dev/null 2>&1 &");
        // By the host's pids, which mean nothing or another process in there.
        foreach (var pid in SandboxProcesses.Of(a.Handle.InitPid).Select(p => p.Pid).Append(a.Handle.InitPid).Append(a.Handle.MonitorPid))
        {
            await b.FailureAsync($"kill -9 {pid}");
            await b.FailureAsync($"cat /proc/{pid}/environ");
        }
        (await a.OutputAsync("pgrep -x sleep -a | grep -c 1000")).ShouldBe("1");
    }

    private static async Task RequirePerlAsync(TestSession session) => Assert.SkipUnless(
        (await session.RunAsync("perl -MSocket -e 1")).ExitCode == 0, "The image has no perl.");

    /// <summary>A command that connects to a Unix socket; the name may begin with Perl's words for a NUL.</summary>
    private static string ConnectTo(string name) =>
        $"perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) or die; connect(S, pack(\"S a*\", 1, \"{name}\")) or die $!'";

    private static Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(name));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Connect(string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(name));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task RequirePythonAsync(TestSession session) =>
        Assert.SkipUnless((await session.RunAsync(HasPython)).ExitCode == 0, "The image has no python3.");

    /// <summary>Gives this thread a session keyring with a key.</summary>
    /// <returns>The key's number, or the errno below zero.</returns>
    private static unsafe long OnKeyring((int Add, int Keyctl) number, string description)
    {
        ProcessKeyring.Leave();
        fixed (byte* type = "user\0"u8, name = Encoding.ASCII.GetBytes(description + '\0'), value = "secret"u8)
        {
            const long OfSession = -3;
            var key = Syscall(number.Add, (nint)type, (nint)name, (nint)value, 6, (nint)OfSession);
            return key > 0 ? key : -Marshal.GetLastSystemError();
        }
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e);
}
