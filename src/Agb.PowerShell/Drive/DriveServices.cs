using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Drive;

/// <summary>The service that a path means.</summary>
internal static class DriveServices
{
    /// <summary>The service of the drive or the mark that a path names; a path from the pipeline comes without PowerShell's knowing
    /// the drive. A path of neither is the current drive's, or the environment's.</summary>
    /// <param name="path">The path.</param>
    /// <param name="provider">The provider, which knows its drives.</param>
    /// <param name="current">The drive that PowerShell took the path for, if any.</param>
    /// <exception cref="AgbException">ServiceNotAvailable, when there is no such drive or service: never another one in its place.</exception>
    internal static IAgbService Of(DrivePath path, ProviderInfo provider, PSDriveInfo? current)
    {
        if (path.Drive.Length == 0)
        {
            return (current as ContextDriveInfo)?.Service ?? ServiceResolver.Default();
        }
        var named = provider.Drives.FirstOrDefault(d => string.Equals(d.Name, path.Drive, StringComparison.OrdinalIgnoreCase)) ?? current;
        return named is ContextDriveInfo drive && string.Equals(drive.Name, path.Drive, StringComparison.OrdinalIgnoreCase)
            ? drive.Service
            : ServiceMark.IsMark(path.Drive) ? ServiceMark.Find(path.Drive)
            : throw new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.NotFound, $"The path '{path}' is on a drive '{path.Drive}' of contexts, which is not there.",
                $"Make the drive: New-PSDrive {path.Drive} -PSProvider {ContextDriveProvider.ProviderName} -Root / -Connection <connection>.", path.ToString());
    }
}
