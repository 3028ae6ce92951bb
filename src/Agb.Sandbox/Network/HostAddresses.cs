using System.Net;
using System.Net.NetworkInformation;

namespace Agb.Sandbox;

/// <summary>Addresses out of reach for a session with the network <see cref="AgbNetwork.Own"/>.</summary>
internal static class HostAddresses
{
    // Link-local addresses lead to metadata services of clouds; the last one is Amazon's by IPv6.
    private static readonly string[] s_closed = ["169.254.0.0/16"];
    private static readonly string[] s_closed6 = ["fe80::/64 metric 1", "fd00:ec2::254/128"];

    /// <summary>The host's own addresses, without loopback and link-local ones.</summary>
    public static IReadOnlyCollection<IPAddress> All() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal).Distinct(),
    ];

    /// <summary>A batch for ip(8) that closes the way to the host's own and to link-local addresses.</summary>
    public static string Routes()
    {
        var own = All();
        var hasIPv6 = File.Exists("/proc/net/if_inet6");
        var targets = s_closed
            .Concat(own.Where(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork).Select(a => $"{a}/32"))
            .Concat(hasIPv6 ? s_closed6.Concat(own.Where(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6).Select(a => $"{a}/128")) : []);
        return string.Concat(targets.Select(t => $"route add prohibit {t}\n"));
    }
}
