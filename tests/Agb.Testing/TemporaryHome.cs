namespace Agb.Testing;

/// <summary>An engine's home directory for tests.</summary>
public sealed class TemporaryHome
{
    private readonly string _mark = $"agb-test-home-{Guid.NewGuid():n}";

    /// <summary>Names the home; the engine or the check of the host makes it.</summary>
    /// <param name="directory">The directory that it is made in; null for that of temporary files.</param>
    /// <param name="below">The path of the home below a directory of its own, as in a server's data directory.</param>
    public TemporaryHome(string? directory = null, string below = "")
    {
        Root = System.IO.Path.Combine(directory ?? System.IO.Path.GetTempPath(), _mark);
        Path = System.IO.Path.Combine(Root, below);
    }

    /// <summary>The directory of its own.</summary>
    public string Root { get; }

    /// <summary>The home.</summary>
    public string Path { get; }

    /// <summary>Checks whether sessions can run here, and makes the home.</summary>
    /// <returns>The reason why not, or null.</returns>
    public Task<string?> WhyNotAsync(bool needsOverlay) => TestHost.WhyNotAsync(Path, needsOverlay);

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
    public void Delete() => TreeRemover.Remove(Root);

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
