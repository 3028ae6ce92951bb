using System.Net;

namespace Agb.Linux;

/// <summary>A listening TCP socket, from proc_net_tcp.</summary>
/// <param name="Address">The bound address.</param>
/// <param name="Port">The port.</param>
/// <param name="Inode">The inode, the socket's name in descriptors.</param>
internal readonly record struct ListeningSocket(IPAddress Address, int Port, ulong Inode)
{
    private const string Listening = "0A";
    private const int InodeField = 9;

    /// <summary>Parses a line of /proc/net/tcp or /proc/net/tcp6.</summary>
    /// <returns>Null for the heading, and for a socket in another state.</returns>
    internal static ListeningSocket? Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= InodeField || fields[3] != Listening || fields[1].Split(':') is not [var address, var port])
        {
            return null;
        }
        // Four bytes at a time, as a number of this machine's byte order.
        var words = new uint[address.Length / 8];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = uint.Parse(address.AsSpan(i * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        return new ListeningSocket(
            new IPAddress(MemoryMarshal.AsBytes(words.AsSpan())),
            int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(fields[InodeField], CultureInfo.InvariantCulture));
    }
}

/// <summary>Finds the sockets for connections to this machine's loopback address.</summary>
internal static class TcpListeners
{
    /// <summary>The inodes of all candidates for a connection to 127.0.0.1 and a port, in this process's network.</summary>
    public static IReadOnlyList<ulong> TakingLoopback(int port) =>
        Choose(Read("/proc/net/tcp").Concat(Read("/proc/net/tcp6")).Where(l => l.Port == port));

    /// <summary>Whether something listens for connections to 127.0.0.1 and a port in the network of a process.</summary>
    public static bool IsTaken(int pid, int port)
    {
        try
        {
            var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/");
            return Choose(Read(directory + "tcp").Concat(Read(directory + "tcp6")).Where(l => l.Port == port)).Count > 0;
        }
        catch (IOException)
        {
            // The process ended meanwhile.
            return false;
        }
    }

    /// <summary>Whether a process has a descriptor of a socket.</summary>
    public static bool IsHeldBy(int pid, ulong inode)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        try
        {
            return Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd"))
                .Any(d => new FileInfo(d).LinkTarget == name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // The process ended meanwhile, or refuses access.
            return false;
        }
    }

    /// <summary>The candidates of the kernel among the listeners on a port. An IPv4 socket, or an IPv6 socket with an IPv4
    /// address, comes before an IPv6 socket open to IPv4 too.</summary>
    internal static IReadOnlyList<ulong> Choose(IEnumerable<ListeningSocket> listeners)
    {
        var all = listeners.Select(l => l with { Address = l.Address.IsIPv4MappedToIPv6 ? l.Address.MapToIPv4() : l.Address }).ToArray();
        var own = all.Where(l => l.Address.Equals(IPAddress.Loopback) || l.Address.Equals(IPAddress.Any)).Select(l => l.Inode).ToArray();
        return own.Length > 0 ? own : [.. all.Where(l => l.Address.Equals(IPAddress.IPv6Any)).Select(l => l.Inode)];
    }

    private static IEnumerable<ListeningSocket> Read(string table)
    {
        // A kernel without IPv6 has no such table.
        if (!File.Exists(table))
        {
            yield break;
        }
        foreach (var line in File.ReadLines(table))
        {
            if (ListeningSocket.Parse(line) is { } listener)
            {
                yield return listener;
            }
        }
    }
}
