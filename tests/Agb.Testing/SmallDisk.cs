using System.Diagnostics;

namespace Agb.Testing;

/// <summary>A file system in memory of 32 MB and 2,000 inodes.</summary>
public static class SmallDisk
{
    /// <summary>Mounts it.</summary>
    /// <returns>Why it can't be mounted, or null.</returns>
    public static Task<string?> MountAsync(string directory, CancellationToken cancellationToken) =>
        RunAsync("mount", ["-t", "tmpfs", "-o", "size=32m,nr_inodes=2000,mode=755", "agb-small-disk", directory], cancellationToken);

    /// <summary>Unmounts it. A program started at this instant by another test may hold a file of it for a moment.</summary>
    public static Task UnmountAsync(string directory) =>
        Eventually.HoldsAsync($"'{directory}' is unmounted", async () => await RunAsync("umount", [directory], CancellationToken.None) is null);

    /// <summary>Runs a program of the host.</summary>
    /// <returns>What it said when it failed, or null.</returns>
    public static async Task<string?> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        if (process is null)
        {
            return $"{program} did not start";
        }
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? null : error.Trim();
    }
}
