using Agb.Conformance;

namespace Agb.Engine.Tests.Conformance;

/// <summary>An engine's home directory for tests.</summary>
public sealed class TemporaryHome
{
    private readonly string _mark = $"agb-conformance-{Guid.NewGuid():n}";

    public TemporaryHome() => Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), _mark);

    /// <summary>A home inside a given directory.</summary>
    public TemporaryHome(string directory) => Path = System.IO.Path.Combine(directory, _mark);

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Why sessions can't run here, or null.</summary>
    public async Task<string?> WhyNotAsync(bool needsOverlay)
    {
        var bad = (await AgbHost.CheckAsync(Path, CancellationToken.None))
            .FirstOrDefault(c => c.Status == AgbHostCheckStatus.Missing
                || (needsOverlay && c is { Name: "overlay file system", Status: AgbHostCheckStatus.Degraded }));
        return bad is null ? null : $"This host can't run these tests: {bad.Name}: {bad.Detail} {bad.Remedy}";
    }

    /// <summary>The session directories and layers that there are.</summary>
    public IReadOnlyList<string> Inventory() =>
    [
        .. new[] { "sessions", "layers", "staging" }
            .Select(d => System.IO.Path.Combine(Path, d))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFileSystemEntries)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Asserts that no session, layer, process or mount is left.</summary>
    public async Task RequireNothingLeftAsync()
    {
        await Eventually.HoldsAsync("no process has the home mounted or in its command line", () => Processes().Count == 0);
        Inventory().ShouldBeEmpty();
    }

    /// <summary>The processes that name the home in their command line, or see a mount from it.</summary>
    public IReadOnlyList<string> Processes() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(p => char.IsAsciiDigit(System.IO.Path.GetFileName(p)[0]))
            .Where(p => Has(p + "/cmdline") || Has(p + "/mountinfo")),
    ];

    /// <summary>Removes the directory.</summary>
    public void Delete() => TreeRemover.Remove(Path);

    private bool Has(string file)
    {
        try
        {
            return File.ReadAllText(file).Contains(_mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is another user's.
            return false;
        }
    }
}
