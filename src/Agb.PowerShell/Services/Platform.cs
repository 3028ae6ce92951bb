using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Agb.PowerShell;

/// <summary>The only check of the operating system. On other systems than Linux the module is a client of remote
/// services.</summary>
internal static class Platform
{
    /// <summary>The AppContext switch that makes the module behave as on another system than Linux.</summary>
    internal const string OtherSwitch = "Agb.OtherPlatform";

    /// <summary>Whether the embedded engine and the server are available.</summary>
    [SupportedOSPlatformGuard("linux")]
    internal static bool IsLinux => OperatingSystem.IsLinux() && !(AppContext.TryGetSwitch(OtherSwitch, out var isOther) && isOther);

    /// <summary>The error for a feature that needs Linux.</summary>
    /// <param name="what">The requested feature, as the beginning of a sentence.</param>
    internal static AgbException NeedsLinux(string what) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"{what} needs Linux with overlayfs and bubblewrap; this is {RuntimeInformation.OSDescription}.",
        "Connect to the AGB cloud or to a server on Linux: Connect-Agb -Endpoint <address> -ApiKey <key>, or set AGB_ENDPOINT and AGB_API_KEY.");

    /// <summary>Restricts a new file to its owner, where the system has permission bits.</summary>
    internal static FileStreamOptions OwnerOnly(FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return options;
    }

    /// <summary>Sets the permission bits of a foreign file, where the system has them. Set-id and sticky bits would give the file
    /// rights on this machine (chmod(2)).</summary>
    internal static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)(mode & 0x1FF));
        }
    }

    /// <summary>The permission bits of a local file; null where the system has none.</summary>
    /// <param name="info">The file.</param>
    /// <param name="bits">The mask.</param>
    internal static int? Mode(FileSystemInfo info, int bits) => OperatingSystem.IsWindows() ? null : (int)info.UnixFileMode & bits;
}
