using System.Collections.Concurrent;

namespace Agb.Testing;

/// <summary>The readiness of this host for sessions. A check makes several sandboxes, so one serves all homes on a file system.</summary>
public static class TestHost
{
    // The file of a home that keeps the verdict of the check; the engine ignores one of another host, user or file system.
    private const string Verdict = "host-probe.json";

    private static readonly ConcurrentDictionary<string, Lazy<Task<Checked>>> s_checked = new(StringComparer.Ordinal);

    /// <summary>Checks whether sessions can run, and makes the home with the verdict in it.</summary>
    /// <param name="home">The engine's directory.</param>
    /// <param name="needsOverlay">Whether overlays must work too.</param>
    /// <returns>The reason why sessions can't run, or null.</returns>
    public static async Task<string?> WhyNotAsync(string home, bool needsOverlay = false)
    {
        var parent = Path.GetDirectoryName(home)!;
        while (!Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent)!;
        }
        var result = await s_checked.GetOrAdd(FileSystemOf(parent), _ => new Lazy<Task<Checked>>(() => CheckAsync(parent))).Value;
        var bad = result.Rows.FirstOrDefault(c => c.Status == AgbHostCheckStatus.Missing
            || (needsOverlay && c is { Name: "overlay file system", Status: AgbHostCheckStatus.Degraded }));
        if (bad is not null)
        {
            return $"This host can't run these tests: {bad.Name}: {bad.Detail} {bad.Remedy}";
        }
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllBytesAsync(Path.Combine(home, Verdict), result.Verdict);
        return null;
    }

    /// <summary>Skips the test where sessions can't run; makes the home otherwise.</summary>
    public static async Task RequireAsync(string home, bool needsOverlay = false)
    {
        var reason = await WhyNotAsync(home, needsOverlay);
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    // The number of a device is given anew after an unmount.
    private static string FileSystemOf(string directory)
    {
        using var opened = Fd.OpenDirectory(directory);
        return $"{opened.Stat().Device} {new DriveInfo(directory).DriveFormat}";
    }

    private static async Task<Checked> CheckAsync(string parent)
    {
        var home = Path.Combine(parent, $"agb-host-check-{Guid.NewGuid():n}");
        try
        {
            var rows = await AgbHost.CheckAsync(home, CancellationToken.None);
            var verdict = Path.Combine(home, Verdict);
            return new Checked(rows, File.Exists(verdict) ? await File.ReadAllBytesAsync(verdict) : []);
        }
        finally
        {
            TreeRemover.Remove(home);
        }
    }

    private sealed record Checked(IReadOnlyList<AgbHostCheck> Rows, byte[] Verdict);
}
