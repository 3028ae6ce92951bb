using System.Net;

namespace Agb.Sandbox;

/// <summary>The name servers of a session with the network <see cref="AgbNetwork.Own"/>.</summary>
/// <param name="Servers">Their addresses, as seen from the session.</param>
/// <param name="Rest">Other lines of the host's configuration: search domains and options.</param>
/// <param name="Options">Pasta's options for them.</param>
internal sealed record Resolvers(IReadOnlyList<string> Servers, IReadOnlyList<string> Rest, IReadOnlyList<string> Options)
{
    // An address for benchmarks (RFC 2544), whose queries pasta sends to the host's name server, by UDP alone.
    private const string Forwarded = "198.18.53.53";

    private static readonly string[] s_closed = ["-T", "none", "-U", "none"];

    private const string Configuration = "/etc/resolv.conf";

    // systemd-resolved listens on the loopback of the host, and lists the servers behind it here (systemd-resolved(8)).
    private const string BehindResolved = "/run/systemd/resolve/resolv.conf";

    private const string Key = "nameserver";

    /// <summary>The host's configuration, read through its symlink: the target may lie in /run, hidden from sessions.</summary>
    public static string OfHost() => File.Exists(Configuration) ? File.ReadAllText(Configuration) : "";

    /// <summary>The configuration for a session on this host.</summary>
    public static Resolvers Read() => From(OfHost(), File.Exists(BehindResolved) ? File.ReadAllText(BehindResolved) : "", HostAddresses.All());

    /// <summary>The configuration for a session.</summary>
    /// <param name="host">The host's resolv.conf(5).</param>
    /// <param name="behind">The list of servers behind a resolver on the host's loopback; empty for none.</param>
    /// <param name="own">The host's own addresses, out of a session's reach.</param>
    internal static Resolvers From(string host, string behind, IReadOnlyCollection<IPAddress> own)
    {
        string[] rest = [.. Lines(host).Where(l => l[0] is not (Key or "domain")).Select(l => string.Join(' ', l))];
        foreach (var text in new[] { host, behind })
        {
            string[] servers = [.. ServersIn(text).Where(s => IsReachable(s, own))];
            if (servers.Length > 0)
            {
                return new Resolvers(servers, rest, s_closed);
            }
        }
        return ServersIn(host).FirstOrDefault() switch
        {
            null => new Resolvers([], rest, s_closed),
            // The session's port 53 leads to the host's.
            var server when IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address) => new Resolvers(["127.0.0.1"], rest, ["-T", "53", "-U", "53"]),
            _ => new Resolvers([Forwarded], rest, [.. s_closed, "--dns-forward", Forwarded]),
        };
    }

    /// <summary>The session's resolv.conf(5).</summary>
    public string ToText() => string.Concat(Servers.Select(s => $"{Key} {s}\n").Concat(Rest.Select(r => r + "\n")));

    private static bool IsReachable(string server, IReadOnlyCollection<IPAddress> own) =>
        IPAddress.TryParse(server, out var address) && !IPAddress.IsLoopback(address) && !own.Contains(address)
        && !address.IsIPv6LinkLocal && !(address.GetAddressBytes() is [169, 254, ..]);

    private static IEnumerable<string> ServersIn(string text) => Lines(text).Where(l => l is [Key, _, ..]).Select(l => l[1]);

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n')
        .Select(l => l.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
        .Where(l => l.Length > 0 && l[0][0] is not ('#' or ';'));
}
