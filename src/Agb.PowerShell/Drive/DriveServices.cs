namespace Agb.PowerShell;

/// <summary>Finds the service of a path.</summary>
internal static class DriveServices
{
    /// <summary>The service of the drive or the mark in a path; PowerShell does not know the drive of a path from the pipeline.
    /// Without both, the current drive's service or the environment's.</summary>
    /// <param name="path">The path.</param>
    /// <param name="provider">The provider with its drives.</param>
    /// <param name="current">The drive used by PowerShell for the path, if any.</param>
    /// <exception cref="AgbException">ServiceNotAvailable: no such drive or service exists; no other one takes its
    /// place.</exception>
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
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.NotFound, $"The drive '{path.Drive}' of the path '{path}' does not exist.",
                $"Make the drive: New-PSDrive {path.Drive} -PSProvider {DrivePath.ProviderName} -Root / -Connection <connection>.", path.ToString());
    }
}
