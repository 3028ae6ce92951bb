using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Peers;

/// <summary>Programs that bring a tree to another place.</summary>
/// <param name="programs">Where they are.</param>
/// <param name="directory">A directory for their targets and repositories.</param>
internal sealed class Copiers(PeerPrograms programs, string directory)
{
    private string Repository => Path.Combine(directory, "restic");

    /// <summary>Makes a side of a program, or says why there is none.</summary>
    internal Side Make(string name, string description, double? target, Func<Task> work, Func<Task>? before = null, Func<Task>? after = null) =>
        programs.WhyMissing(name) is { } missing
            ? Side.NotHere(name, description, missing) with { Target = target }
            : new Side(name, description, work) { Before = before, After = after, Target = target };

    /// <summary>A directory of a copier's own.</summary>
    internal string Target(string name) => Path.Combine(directory, "target-" + name);

    internal Task RsyncAsync(string source, string target) => programs.RunAsync("rsync", "-a", source + "/", target + "/");

    internal Task CpAsync(string source, string target) => programs.RunAsync("cp", "-r", source, target);

    internal Task RcloneAsync(string verb, string source, string target) => programs.RunAsync("rclone", verb, source, target);

    internal Task ResticBackupAsync(string source) => programs.RunAsync("restic", "-r", Repository, "--quiet", "backup", source);

    internal Task ResticRestoreAsync(string target) =>
        programs.RunAsync("restic", "-r", Repository, "--quiet", "restore", "latest", "--target", target);

    /// <summary>Makes the repository and the first backup, if restic is there.</summary>
    internal async Task ResticInitAsync(string source)
    {
        if (programs.Find("restic") is not null)
        {
            await programs.RunAsync("restic", "-r", Repository, "--quiet", "init").ConfigureAwait(false);
            await ResticBackupAsync(source).ConfigureAwait(false);
        }
    }

    /// <summary>The repository's place, to flush.</summary>
    internal string ResticRepository => Repository;

    /// <summary>Waits until what was written to a file system is on the device.</summary>
    internal Task FlushAsync(string target) => programs.RunAsync("sync", "-f", target);

    /// <summary>Removes a tree.</summary>
    internal async Task RemoveAsync(string target) => await programs.RunAsync("rm", "-rf", target).ConfigureAwait(false);

    /// <summary>Runs work and flushes what it wrote.</summary>
    internal Func<Task> Durable(Func<Task> work, string target) => async () =>
    {
        await work().ConfigureAwait(false);
        await FlushAsync(target).ConfigureAwait(false);
    };
}
