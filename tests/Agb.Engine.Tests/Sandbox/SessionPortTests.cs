using System.Net;
using System.Net.Sockets;
using HostListener = System.Net.Sockets.TcpListener;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Connections to ports of sessions that share the host's network lead to the session's own servers only.</summary>
public sealed class SessionPortTests : SandboxTest
{
    // Listens on an address and a port, 0 for any, and says a word to whoever comes.
    private const string Server =
        """
        perl -MIO::Socket::INET -e '
          $| = 1; my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => $ARGV[0], LocalPort => $ARGV[1], ReuseAddr => 1) or die $@;
          print $s->sockport, "\n"; while (my $c = $s->accept) { print $c "mine"; close $c }' ADDRESS PORT > /tmp/port.part 2>&1 &
        until [ -s /tmp/port.part ]; do sleep 0.02; done; cat /tmp/port.part
        """;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task A_server_in_the_session_is_reached(string address)
    {
        var session = await StartAsync();
        var port = await ServeAsync(session, address);

        await using var stream = await SessionPorts.ConnectAsync(session.Spec.SessionId, session.Handle, port, Token);

        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync(Token)).ShouldBe("mine");
    }

    [Fact]
    public async Task A_server_of_the_host_is_not_even_connected_to()
    {
        var session = await StartAsync();
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.Any, IPAddress.IPv6Any })
        {
            using var host = new HostListener(address, 0);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // It takes IPv4 too then.
                host.Server.DualMode = true;
            }
            host.Start();
            var port = ((IPEndPoint)host.LocalEndpoint).Port;

            await RefusedAsync(session, port);

            host.Pending().ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_server_of_another_session_is_not_reached()
    {
        var (session, other) = (await StartAsync(), await StartAsync());
        var port = await ServeAsync(other, "127.0.0.1");

        await RefusedAsync(session, port);
        await other.OutputAsync("true");
    }

    [Fact]
    public async Task A_server_of_the_host_is_not_reached_by_a_neighbouring_address_of_the_session()
    {
        var session = await StartAsync();
        using var host = new HostListener(IPAddress.Loopback, 0);
        host.Start();
        var port = ((IPEndPoint)host.LocalEndpoint).Port;
        await ServeAsync(session, "127.0.0.2", port);

        await RefusedAsync(session, port);
        host.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_refused()
    {
        var session = await StartAsync();
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        await RefusedAsync(session, ((IPEndPoint)reserved.LocalEndPoint!).Port);
    }

    [Theory]
    [InlineData("   0: 0100007F:7594 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 123456 1 0000000000000000 100 0 0 10 0", "127.0.0.1")]
    [InlineData("   1: 00000000000000000000000000000000:7594 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 123456 1 0", "::")]
    [InlineData("   2: 0000000000000000FFFF00000100007F:7594 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 123456 1 0", "::ffff:127.0.0.1")]
    [InlineData("   3: 0100007F:7594 0100007F:1234 01 00000000:00000000 00:00000000 00000000  1000        0 123456 1 0000000000000000 100 0 0 10 0", null)]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", null)]
    public void Lines_of_the_table_are_read(string line, string? address)
    {
        Assert.SkipUnless(BitConverter.IsLittleEndian, "The lines are those of a little-endian machine.");
        ListeningSocket.Parse(line).ShouldBe(address is null ? null : new ListeningSocket(IPAddress.Parse(address), 30100, 123456));
    }

    [Theory]
    [InlineData(new[] { "127.0.0.1" }, new[] { 0 })]
    [InlineData(new[] { "127.0.0.2", "192.0.2.1", "::1" }, new int[0])]
    [InlineData(new[] { "::", "0.0.0.0" }, new[] { 1 })]
    [InlineData(new[] { "::" }, new[] { 0 })]
    [InlineData(new[] { "::ffff:127.0.0.1", "::" }, new[] { 0 })]
    [InlineData(new[] { "0.0.0.0", "0.0.0.0" }, new[] { 0, 1 })]
    public void The_sockets_that_the_kernel_may_choose_are_known(string[] addresses, int[] chosen) =>
        TcpListeners.Choose(addresses.Select((a, i) => new ListeningSocket(IPAddress.Parse(a), 1, (ulong)i))).ShouldBe(chosen.Select(c => (ulong)c));

    private static async Task RefusedAsync(TestSession session, int port)
    {
        var refused = await Should.ThrowAsync<AgbException>(() => SessionPorts.ConnectAsync(session.Spec.SessionId, session.Handle, port, Token));
        refused.ErrorId.ShouldBe(AgbErrorIds.ConnectionFailed);
        refused.Message.ShouldBe($"Nothing in the session listens on port {port}.");
    }

    private static async Task<int> ServeAsync(TestSession session, string address, int port = 0)
    {
        Assert.SkipUnless((await session.RunAsync("command -v perl")).ExitCode == 0, "Sessions have no perl here.");
        return int.Parse(await session.OutputAsync(Server.Replace("ADDRESS", address).Replace("PORT", port.ToString())));
    }
}
