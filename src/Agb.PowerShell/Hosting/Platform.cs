using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Agb.PowerShell.Hosting;

/// <summary>The one place that asks which system this is. Elsewhere than on Linux the module is a client of services over the
/// network.</summary>
internal static class Platform
{
    /// <summary>The switch of the process (AppContext) that has the module behave as on another system than Linux.</summary>
    internal const string OtherSwitch = "Agb.OtherPlatform";

    /// <summary>Whether the embedded engine and the server can be used.</summary>
    [SupportedOSPlatformGuard("linux")]
    internal static bool IsLinux => OperatingSystem.IsLinux() && !(AppContext.TryGetSwitch(OtherSwitch, out var isOther) && isOther);

    /// <summary>The refusal of what needs Linux.</summary>
    /// <param name="what">The thing that was asked for, as the beginning of a sentence.</param>
    internal static AgbException NeedsLinux(string what) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"{what} needs Linux with overlayfs and bubblewrap; this is {RuntimeInformation.OSDescription}.",
        "Connect to the AGB cloud or to a server on Linux: Connect-Agb -Endpoint <address> -ApiKey <key>, or set AGB_ENDPOINT and AGB_API_KEY.");

    /// <summary>Lets a file that is going to be made be its owner's alone, where the system has permission bits.</summary>
    internal static FileStreamOptions OwnerOnly(FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return options;
    }

    /// <summary>The permission bits of a file of this machine; null where the system has none.</summary>
    /// <param name="info">The file.</param>
    /// <param name="bits">The bits that count.</param>
    internal static int? Mode(FileSystemInfo info, int bits) => OperatingSystem.IsWindows() ? null : (int)info.UnixFileMode & bits;
}
