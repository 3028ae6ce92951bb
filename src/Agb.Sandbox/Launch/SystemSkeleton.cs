using System.Security.Cryptography;

namespace Agb.Sandbox;

/// <summary>System directories in which sessions may add and replace files. They belong to the session's user, while the files
/// of the system, shown below them, keep their foreign owner and can't be changed in place. They are made once, as a lower
/// directory of every session's overlay: making and removing some forty of them for each session costs more than all other
/// writes, and more still on ext4, which skips recently freed inodes in its search for a new one.</summary>
internal static class SystemSkeleton
{
    /// <summary>The directory of skeletons, below the engine's directory.</summary>
    internal const string DirectoryName = "skeletons";

    /// <summary>The suffix of an unfinished skeleton.</summary>
    internal const string Unfinished = ".new";

    private const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Parents before children.
    private static readonly Dictionary<string, string[]> s_directories = new()
    {
        ["usr"] =
        [
            "bin", "sbin", "lib", "lib64", "libexec", "share", "include", "src", "lib/node_modules", "lib/python3",
            "lib/python3/dist-packages", "local", "local/bin", "local/sbin", "local/lib", "local/lib64", "local/libexec",
            "local/share", "local/share/man", "local/include", "local/etc", "local/src", "local/lib/node_modules",
        ],
        ["etc"] = ["profile.d", "ld.so.conf.d", "alternatives", "ssl", "ssl/certs", "ca-certificates", "apt", "apt/sources.list.d"],
        ["opt"] = [],
    };

    /// <summary>The lower directory for a tree, made when missing.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="tree">The tree's name: usr, etc or opt.</param>
    /// <param name="lower">The tree in the image.</param>
    /// <exception cref="IOException">It can't be made.</exception>
    public static string Ensure(string agbHome, string tree, string lower)
    {
        var parts = Parts(tree, lower);
        var path = Path.Combine(agbHome, DirectoryName, $"{tree}-{Key(parts)}");
        if (Directory.Exists(path))
        {
            return path;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Sessions are started on dedicated threads, so waiting is fine.
        using var alone = FileLock.AcquireAsync(
            Path.Combine(agbHome, DirectoryName, "lock"), TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        if (!Directory.Exists(path))
        {
            // Made under another name first, so that a kill midway leaves no partial skeleton; leftovers are removed here.
            var made = path + Unfinished;
            TreeRemover.Remove(made);
            Make(made, "");
            foreach (var part in parts)
            {
                Make(made, part);
            }
#pragma warning disable RS0030 // A skeleton lost in a power cut is made again.
            Directory.Move(made, path);
#pragma warning restore RS0030
        }
        return path;
    }

    /// <summary>The directories present in the image now.</summary>
    private static List<string> Parts(string tree, string lower)
    {
        var parts = new List<string>();
        foreach (var part in s_directories[tree].Concat(tree == "usr" ? PackageDirectories(lower) : []))
        {
            // A link in the lower directory stays a link: a directory in its place would hide its target.
            if (ImageRoot.IsRealDirectory(Path.Combine(lower, part)) && (!part.Contains('/') || parts.Contains(Path.GetDirectoryName(part)!)))
            {
                parts.Add(part);
            }
        }
        return parts;
    }

    /// <summary>Package directories of Python's installers: <c>local/lib/python3.x/dist-packages</c>.</summary>
    private static IEnumerable<string> PackageDirectories(string usr)
    {
        var local = Path.Combine(usr, "local/lib");
        if (!ImageRoot.IsRealDirectory(local))
        {
            yield break;
        }
        foreach (var python in Directory.EnumerateDirectories(local, "python3*").Select(Path.GetFileName).Order(StringComparer.Ordinal))
        {
            yield return $"local/lib/{python}";
            yield return $"local/lib/{python}/dist-packages";
            yield return $"local/lib/{python}/site-packages";
        }
    }

    // A system with other directories gets another skeleton: skeletons in use never change.
    private static string Key(List<string> parts)
    {
        var text = string.Join('\n', [$"{SandboxIdentity.HostUid}:{SandboxIdentity.HostGid}", .. parts]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static void Make(string root, string part)
    {
        var path = Path.Combine(root, part);
        Directory.CreateDirectory(path);
        ProcessFiles.SetMode(path, Shared);
        if (SandboxIdentity.IsRoot)
        {
            ProcessFiles.SetOwner(path, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }
}
