using System.Globalization;

namespace Agb.Benchmarks;

/// <summary>Says what figures were measured on.</summary>
internal static class Machine
{
    /// <summary>The system, the kernel, how many processors, and the file system of a directory.</summary>
    internal static string Describe(string directory)
    {
        var system = File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?.Split('"')[1]
            : null;
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{system ?? "Linux"}, Linux {kernel.Split('-')[0]}, {Environment.ProcessorCount} processors, {FileSystem(directory)}");
    }

    private static string FileSystem(string directory) => new DriveInfo(directory).DriveFormat;
}
