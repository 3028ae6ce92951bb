namespace Agb.Conformance.Sessions;

/// <summary>Tests of the network in sessions.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class NetworkTests : ServiceTest
{
    [Fact]
    public async Task A_session_without_network_has_a_loopback_device_of_its_own_only()
    {
        var session = await StartAsync(new AgbSessionRequest { Network = AgbNetwork.None });
        (await Service.GetSessionAsync(session, Token)).Network.ShouldBe(AgbNetwork.None);
        (await ShellAsync(session, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")).ShouldBe("lo");
        (await RunAsync(session, "exec 3<>/dev/tcp/192.0.2.1/80")).Success.ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_has_the_hosts_network_by_default()
    {
        var isolated = await StartAsync(new AgbSessionRequest { Network = AgbNetwork.None });
        var first = await StartAsync();
        var second = await StartAsync();
        first.Network.ShouldBe(AgbNetwork.Host);
        const string Ask = "readlink /proc/self/ns/net";
        var shared = await ShellAsync(first, Ask);
        (await ShellAsync(second, Ask)).ShouldBe(shared);
        (await ShellAsync(isolated, Ask)).ShouldNotBe(shared);
    }
}
