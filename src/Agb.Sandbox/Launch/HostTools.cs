using System.Collections.Concurrent;

namespace Agb.Sandbox;

/// <summary>The host's programs that sandboxes are made with. They are called by absolute path and with a fixed
/// environment, so nothing that a user or a session sets reaches them.</summary>
internal static class HostTools
{
    /// <summary>All that are needed.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["bwrap", "unshare", "nsenter", "setpriv", "setsid", "prlimit", "mount", "mkdir", "env", "cat", "timeout", "sh"];

    /// <summary>Their environment. LIBMOUNT_FORCE_MOUNT2 makes mount(8) pass options in one string: the newer way cuts a
    /// list of lower directories at 256 bytes.</summary>
    public static readonly IReadOnlyList<string> Environment =
        ["LC_ALL=C", "PATH=" + string.Join(':', s_directories), "LIBMOUNT_FORCE_MOUNT2=always"];

    // Found ones only, so that a program that is installed later is found then.
    private static readonly ConcurrentDictionary<string, string> s_found = new(StringComparer.Ordinal);

    private static string[] s_directories => ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string name)
    {
        if (s_found.TryGetValue(name, out var known))
        {
            return known;
        }
        const int Executable = 1;
        var path = s_directories.Select(d => $"{d}/{name}").FirstOrDefault(p => File.Exists(p) && ProcessLibc.Access(p, Executable) == 0);
        if (path is not null)
        {
            s_found[name] = path;
        }
        return path;
    }

    /// <summary>Where a program is.</summary>
    /// <exception cref="AgbException">HostNotReady, naming everything that is missing.</exception>
    public static string Require(string name) => Find(name) ?? throw HostErrors.Missing(Missing());

    /// <summary>Checks that every program is there.</summary>
    /// <exception cref="AgbException">HostNotReady, naming everything that is missing.</exception>
    public static void RequireAll()
    {
        if (Missing() is { Count: > 0 } missing)
        {
            throw HostErrors.Missing(missing);
        }
    }

    /// <summary>The programs that are not there.</summary>
    public static IReadOnlyList<string> Missing() => [.. Names.Where(n => Find(n) is null)];
}
