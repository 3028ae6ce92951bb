namespace Agb.Sandbox;

/// <summary>The parts of an image's root directory for a sandbox.</summary>
internal sealed class ImageRoot
{
    // The program directories of Linux systems besides the trees below. On most systems they are symlinks into /usr.
    private static readonly string[] s_programDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    // Without it the first program with fonts reads them all: half a second (fonts-conf(5), cachedir).
    private const string FontCache = "/var/cache/fontconfig";

    private ImageRoot(string path) => Path = path;

    /// <summary>The root directory, without symlinks.</summary>
    public string Path { get; }

    /// <summary>The trees with a changeable view for each session: usr, etc, opt, as far as they exist.</summary>
    public required IReadOnlyList<string> Trees { get; init; }

    /// <summary>bin, lib and such, each with its symlink's target, or null for a directory.</summary>
    public required IReadOnlyList<(string Name, string? LinkTarget)> Programs { get; init; }

    /// <summary>Other trees, read-only: absolute paths in the sandbox.</summary>
    public required IReadOnlyList<string> ReadOnly { get; init; }

    /// <summary>File systems mounted below the trees, hidden in an overlay's lower directory: paths in the sandbox.</summary>
    public required IReadOnlyList<string> Submounts { get; init; }

    /// <summary>Converts a path in the image to a path on the host.</summary>
    public string OnHost(string path) => Path == "/" ? path : Path + path;

    /// <summary>Inspects an image's root.</summary>
    public static ImageRoot Inspect(string root)
    {
        var path = HostPaths.ResolveLinks(root);
        string OnHost(string p) => path == "/" ? p : path + p;
        string[] trees = [.. new[] { "usr", "etc", "opt" }.Where(n => IsRealDirectory(OnHost("/" + n)))];
        return new ImageRoot(path)
        {
            Trees = trees,
            Programs =
            [
                .. s_programDirectories
                    .Select(n => (n, Entry: new DirectoryInfo(OnHost("/" + n))))
                    .Where(e => e.Entry.LinkTarget is not null || e.Entry.Exists)
                    .Select(e => (e.n, e.Entry.LinkTarget)),
            ],
            ReadOnly = [.. new[] { "/nix", "/var/lib/dpkg", FontCache }.Where(p => IsRealDirectory(OnHost(p)))],
            Submounts = [.. ReadMountPoints()
                .Where(m => m != path && LinuxPath.IsAtOrBelow(m, path))
                .Select(m => path == "/" ? m : m[path.Length..])
                .Where(m => trees.Any(t => m != "/" + t && LinuxPath.IsAtOrBelow(m, "/" + t)))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Whether a path is a directory and not a symlink to one.</summary>
    public static bool IsRealDirectory(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    /// <summary>Every mount point of this process (proc_pid_mountinfo(5), field 5).</summary>
    private static IEnumerable<string> ReadMountPoints() =>
        File.ReadLines("/proc/self/mountinfo").Select(line => MountInfo.Unescape(line.Split(' ')[4]));
}
