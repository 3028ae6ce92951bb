using System.Net;
using System.Net.Sockets;
using HostListener = System.Net.Sockets.TcpListener;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Sessions with a network namespace of their own: the way out, and no other way.</summary>
public sealed class OwnNetworkTests : SandboxTest
{
    // Says a word to each TCP client, and answers each UDP packet.
    private const string Server =
        """
        perl -MIO::Socket::INET -MIO::Select -e '
          my ($a, $p) = @ARGV;
          my $t = IO::Socket::INET->new(Listen => 5, LocalAddr => $a, LocalPort => $p, ReuseAddr => 1) or die $@;
          my $u = IO::Socket::INET->new(Proto => "udp", LocalAddr => $a, LocalPort => $t->sockport) or die $@;
          $| = 1; print $t->sockport, "\n";
          my $s = IO::Select->new($t, $u);
          while (my @r = $s->can_read) { for (@r) { if ($_ == $t) { my $c = $t->accept; print $c "mine"; close $c } else { $u->recv(my $b, 99); $u->send("got $b") } } }'
        """;

    // Asks a server, with a time limit: a closed way may answer nothing.
    private const string Ask = "timeout 5 bash -c 'exec 3<>/dev/tcp/ADDRESS/PORT && cat <&3'";

    [Theory]
    [InlineData(AgbNetwork.Own)]
    [InlineData(AgbNetwork.None)]
    public async Task A_server_on_the_loopback_is_reached_by_the_engine_alone(AgbNetwork network)
    {
        Require(network);
        var session = await StartAsync(network: network);
        var port = int.Parse(await session.OutputAsync($"({Server} 127.0.0.1 0) >/tmp/port 2>&1 & until [ -s /tmp/port ]; do sleep 0.02; done; cat /tmp/port"));

        await using var stream = await Driver.ConnectAsync(session.Handle, port, Token);
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync(Token)).ShouldBe("mine");

        using var host = new TcpClient();
        await Should.ThrowAsync<SocketException>(() => host.ConnectAsync(IPAddress.Loopback, port, Token).AsTask());
        var other = await StartAsync(network: network);
        await other.FailureAsync(Ask.Replace("ADDRESS", "127.0.0.1").Replace("PORT", $"{port}"));
        await Should.ThrowAsync<SocketException>(() => Driver.ConnectAsync(other.Handle, port, Token));
    }

    [Fact]
    public async Task The_way_out_leads_past_the_host()
    {
        Require(AgbNetwork.Own);
        Assert.SkipUnless(SandboxIdentity.IsRoot, "An ordinary user can't make a network beside the host's.");
        await using var world = await World.StartAsync();
        var session = await StartAsync(network: AgbNetwork.Own);

        (await session.OutputAsync(Ask.Replace("ADDRESS", World.Address).Replace("PORT", $"{world.Port}"))).ShouldBe("mine");
        (await session.OutputAsync(
            $"perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => \"udp\", PeerAddr => \"{World.Address}:{world.Port}\"); $s->send(\"this\"); alarm 5; $s->recv($b, 99); print $b'"))
            .ShouldBe("got this");
        // The host's address on that network is the host's own.
        using var listener = new HostListener(IPAddress.Any, 0);
        listener.Start();
        await session.FailureAsync(Ask.Replace("ADDRESS", World.HostAddress).Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}"));
        listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task Neither_the_host_nor_link_local_addresses_are_reached()
    {
        Require(AgbNetwork.Own);
        using var listener = new HostListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var session = await StartAsync(network: AgbNetwork.Own);
        var gateway = await session.OutputAsync("awk '$2 == \"00000000\" { print $3 }' /proc/net/route | head -n 1");
        string[] addresses =
        [
            "127.0.0.1", "::1", .. HostAddresses.All().Select(a => a.ToString()),
            .. gateway.Length == 8 ? [new IPAddress(Convert.ToUInt32(gateway, 16)).ToString()] : Array.Empty<string>(),
        ];

        foreach (var address in addresses)
        {
            await session.FailureAsync(Ask.Replace("ADDRESS", address).Replace("PORT", $"{port}"));
        }

        listener.Pending().ShouldBeFalse();
        (await session.FailureAsync(Ask.Replace("ADDRESS", "169.254.169.254").Replace("PORT", "80"))).ShouldContain("Permission denied");
        (await session.OutputAsync("grep CapEff /proc/self/status")).ShouldEndWith("0000000000000000");
    }

    [Fact]
    public async Task Nothing_is_left_on_the_host()
    {
        Require(AgbNetwork.Own);
        var session = await StartAsync(network: AgbNetwork.Own);
        var tag = session.Handle.Tag!.Value;
        // The program of pasta(1), by its own name.
        Tagged(tag).ShouldContain("passt");

        await Driver.StopAsync(session.Handle, Token);
        await Driver.CleanUpAsync(session.Directory, Token);

        Tagged(tag).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_way_out_ends_with_the_sandbox(bool isRemoved)
    {
        Require(AgbNetwork.Own);
        var session = await StartAsync(network: AgbNetwork.Own, lifetime: TimeSpan.FromSeconds(2));
        var tag = session.Handle.Tag!.Value;
        Tagged(tag).ShouldContain("passt");
        if (isRemoved)
        {
            // As by a release that is faster than the watcher.
            File.Delete(Path.Combine(session.Directory, "network.pid"));
        }

        await Eventually.HoldsAsync("no process of the session is left, and nobody has cleaned up", () => Tagged(tag).Length == 0);
    }

    [Fact]
    public async Task A_failed_start_leaves_no_way_out()
    {
        Require(AgbNetwork.Own);
        var session = NewSession(CodeImage with { HomeDirectory = "/proc/no-home" }, AgbNetwork.Own);

        await Should.ThrowAsync<AgbException>(session.StartAsync);

        Tagged(LaunchRecord.TryRead(session.Directory)!.Tag).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nameserver 192.0.2.53\nsearch example.org\n", "", "nameserver 192.0.2.53\nsearch example.org\n", "-T none -U none")]
    [InlineData("nameserver 127.0.0.53\noptions edns0\n", "nameserver 192.0.2.53\n", "nameserver 192.0.2.53\noptions edns0\n", "-T none -U none")]
    [InlineData("nameserver 127.0.0.1\n", "", "nameserver 127.0.0.1\n", "-T 53 -U 53")]
    [InlineData("nameserver 198.51.100.7\n", "", "nameserver 198.18.53.53\n", "-T none -U none --dns-forward 198.18.53.53")]
    [InlineData("nameserver 169.254.169.254\n", "", "nameserver 198.18.53.53\n", "-T none -U none --dns-forward 198.18.53.53")]
    [InlineData("nameserver 169.254.169.253\nnameserver 2001:db8::53\n", "", "nameserver 2001:db8::53\n", "-T none -U none")]
    [InlineData("# none\n", "", "", "-T none -U none")]
    public void Name_servers_are_those_that_a_session_reaches(string host, string behind, string expected, string options)
    {
        var resolvers = Resolvers.From(host, behind, [IPAddress.Parse("198.51.100.7")]);

        resolvers.ToText().ShouldBe(expected);
        string.Join(' ', resolvers.Options).ShouldBe(options);
    }

    private static string[] Tagged(ulong tag) =>
        [.. ProcessTable.ReadAll().Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag).Select(p => File.ReadAllText($"/proc/{p.Pid}/comm").Trim().Split('.')[0])];

    private static void Require(AgbNetwork network) =>
        Assert.SkipUnless(network != AgbNetwork.Own || OwnNetwork.Missing() is null, OwnNetwork.Missing() ?? "");

    /// <summary>A network beside the host's, with a server in it. Its end removes it.</summary>
    private sealed class World(System.Diagnostics.Process server) : IAsyncDisposable
    {
        internal const string Address = "198.51.100.2", HostAddress = "198.51.100.1";

        internal int Port { get; private init; }

        internal static async Task<World> StartAsync()
        {
            var name = $"agb{Random.Shared.Next(1 << 20):x}";
            var start = new System.Diagnostics.ProcessStartInfo("unshare", ["--net", "sh", "-c",
                $"ip link add {name} type veth peer name out netns $PPID && ip addr add {Address}/24 dev {name} && ip link set {name} up && read -r _ && {Server.TrimEnd()} {Address} 0"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            var server = System.Diagnostics.Process.Start(start)!;
            try
            {
                return await ReadyAsync(server, name);
            }
            catch
            {
                server.Kill(entireProcessTree: true);
                throw;
            }
        }

        private static async Task<World> ReadyAsync(System.Diagnostics.Process server, string name)
        {
            await Eventually.HoldsAsync("the device of the other network", () => Directory.Exists("/sys/class/net/out") || server.HasExited);
            server.HasExited.ShouldBeFalse(await ErrorOfAsync(server));
            foreach (var arguments in new string[][] { ["link", "set", "out", "name", name], ["addr", "add", $"{HostAddress}/24", "dev", name], ["link", "set", name, "up"] })
            {
                using var ip = System.Diagnostics.Process.Start(HostTools.Require("ip"), arguments);
                await ip.WaitForExitAsync(Token);
                ip.ExitCode.ShouldBe(0);
            }
            await server.StandardInput.WriteLineAsync("go");
            return new World(server) { Port = int.Parse((await server.StandardOutput.ReadLineAsync(Token))!) };
        }

        private static async Task<string> ErrorOfAsync(System.Diagnostics.Process server) =>
            server.HasExited ? await server.StandardError.ReadToEndAsync(Token) : "";

        public async ValueTask DisposeAsync()
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }
    }
}
