using System.Collections.Concurrent;

namespace Agb.Sandbox;

/// <summary>The host's programs for making sandboxes. They are called by absolute path and with a fixed environment,
/// out of reach for the settings of users and sessions.</summary>
internal static class HostTools
{
    /// <summary>The needed programs.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["bwrap", "unshare", "nsenter", "setpriv", "setsid", "prlimit", "mount", "mkdir", "env", "cat", "sh"];

    /// <summary>Their environment. LIBMOUNT_FORCE_MOUNT2 makes mount(8) pass options in one string: the newer system call
    /// cuts a list of lower directories at 256 bytes.</summary>
    public static readonly IReadOnlyList<string> Environment =
        ["LC_ALL=C", "PATH=" + string.Join(':', s_directories), "LIBMOUNT_FORCE_MOUNT2=always"];

    // Found programs only: missing ones may be installed later.
    private static readonly ConcurrentDictionary<string, string> s_found = new(StringComparer.Ordinal);

    private static string[] s_directories => ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>The path of a program, or null.</summary>
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

    /// <summary>The path of a program.</summary>
    /// <exception cref="AgbException">HostNotReady, with the names of all missing programs.</exception>
    public static string Require(string name) => Find(name) ?? throw HostErrors.Missing(Missing());

    /// <summary>Requires every program.</summary>
    /// <exception cref="AgbException">HostNotReady, with the names of all missing programs.</exception>
    public static void RequireAll()
    {
        if (Missing() is { Count: > 0 } missing)
        {
            throw HostErrors.Missing(missing);
        }
    }

    /// <summary>The missing programs.</summary>
    public static IReadOnlyList<string> Missing() => [.. Names.Where(n => Find(n) is null)];
}
