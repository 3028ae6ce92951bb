using System.Text;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Peers;

/// <summary>The programs that ours is measured beside, started exactly as the engine starts its own: neither side pays for
/// another way to make a process.</summary>
/// <param name="searchPath">Directories, as in PATH.</param>
/// <param name="home">The programs' HOME, so that nothing of the user's is read or written.</param>
internal sealed class PeerPrograms(string searchPath, string home)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<string> _environment =
    [
        "LC_ALL=C", "PATH=" + searchPath, "HOME=" + home, "XDG_CACHE_HOME=" + Path.Combine(home, "cache"),
        "RESTIC_PASSWORD=benchmark", "RCLONE_CONFIG=" + Path.Combine(home, "rclone.conf"),
    ];

    /// <summary>Where a program is.</summary>
    /// <returns>Null when it is not on the path.</returns>
    internal string? Find(string name) => searchPath.Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    /// <summary>Why some of these programs can't be had.</summary>
    /// <returns>Null when all are there.</returns>
    internal string? WhyMissing(params IEnumerable<string> names) =>
        names.FirstOrDefault(n => Find(n) is null) is { } missing ? $"{missing} is not installed" : null;

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its stdout.</returns>
    /// <exception cref="PeerException">It is not there, or failed.</exception>
    internal async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        string[] line = [Find(program) ?? throw new PeerException($"{program} is not installed"), .. arguments];
        var result = await ProcessRun.RunAsync(
            new ProcessRunRequest { Arguments = line, Environment = _environment, Timeout = s_limit },
            CancellationToken.None).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            var errors = Encoding.UTF8.GetString(result.Stderr.Bytes).Trim().ReplaceLineEndings("; ");
            throw new PeerException($"{program} ended with {result.ExitCode}: {errors}");
        }
        return Encoding.UTF8.GetString(result.Stdout.Bytes).Trim();
    }

    /// <summary>Runs a shell script.</summary>
    internal Task<string> ShellAsync(string script) => RunAsync("bash", "-c", script);
}
