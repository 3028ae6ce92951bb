using System.Text.RegularExpressions;

namespace Agb.Sandbox;

/// <summary>The rows of the host check.</summary>
internal static partial class HostChecks
{
    // The first kernel with overlays in user namespaces, marked by user.* attributes.
    private static readonly Version s_overlayKernel = new(5, 11);
    private static readonly Version s_leastBubblewrap = new(0, 4);
    private static readonly Version s_leastCoreutils = new(8, 28);

    private const long LeastFreeBytes = 1L << 30;
    private static readonly TimeSpan s_versionLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs every check.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="isReadOnly">Whether that directory is read-only.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<AgbHostCheck>> RunAsync(string agbHome, Func<bool> isReadOnly, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [Missing("Linux", $"This is {Environment.OSVersion}.", "Sessions run on Linux: use a Linux host or virtual machine.")];
        }
        var rows = new List<AgbHostCheck> { CheckKernel() };
        foreach (var program in HostTools.Names)
        {
            rows.Add(await CheckProgramAsync(program, cancellationToken).ConfigureAwait(false));
        }
        if (isReadOnly())
        {
            rows.Add(Missing(
                "AGB home directory", $"'{agbHome}' is read-only: contexts can be listed and read, but sessions are not possible.",
                "Mount its file system writable, or set AGB_HOME to another directory."));
        }
        else if (rows.All(r => r.Status != AgbHostCheckStatus.Missing))
        {
            // Made here, closed to other users from the start; the engine uses it as it is.
            Directory.CreateDirectory(agbHome, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var verdict = await HostProbe.GetAsync(agbHome, fresh: true, cancellationToken).ConfigureAwait(false);
            rows.Add(CheckSandbox(verdict));
            rows.Add(CheckAttributes(agbHome));
            rows.Add(CheckOverlay(verdict, agbHome));
            rows.Add(CheckMounts());
            rows.Add(CheckRenames(verdict, MountSetting.Resolve(MountKind.Auto)));
        }
        rows.AddRange(LimitChecks.Run(HostTools.Missing().Count == 0));
        rows.AddRange(ImageChecks.Run());
        rows.Add(CheckSpace(agbHome));
        return rows;
    }

    private static AgbHostCheck CheckKernel()
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return ParseVersion(release) is { } version && version < s_overlayKernel
            ? Degraded("Linux kernel", $"{release}; overlays need {s_overlayKernel}, so contexts are copied.", $"Update the kernel to {s_overlayKernel} or later.")
            : Ok("Linux kernel", release);
    }

    private static async Task<AgbHostCheck> CheckProgramAsync(string program, CancellationToken cancellationToken)
    {
        if (HostTools.Find(program) is not { } path)
        {
            return Missing(program, "Not found in /usr/bin, /bin, /usr/sbin or /sbin.", HostPackages.Remedy([program]));
        }
        var least = program switch { "bwrap" => s_leastBubblewrap, "env" => s_leastCoreutils, _ => null };
        if (least is null)
        {
            return Ok(program, path);
        }
        var result = await ProcessRun.RunAsync(
            new ProcessRunRequest { Arguments = [path, "--version"], Environment = HostTools.Environment, Timeout = s_versionLimit },
            cancellationToken).ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(result.Stdout.Bytes).Split('\n')[0];
        return ParseVersion(text) is { } version && version >= least
            ? Ok(program, $"{path}, {text}")
            : Missing(program, $"{path} is '{text}'; version {least} or later is needed.", HostPackages.Remedy([program]));
    }

    private static AgbHostCheck CheckSandbox(HostVerdict verdict) => verdict.SandboxError is { } error
        ? Missing("user namespaces", error, UserNamespaceRules.Remedy())
        : Ok("user namespaces", SandboxIdentity.IsRoot
            ? $"A sandbox was made; sessions run as host user {SandboxIdentity.HostUid}."
            : "A sandbox was made.");

    private static AgbHostCheck CheckOverlay(HostVerdict verdict, string agbHome) => verdict.OverlayError is { } error
        ? Degraded(
            "overlay file system", $"{error}{OnOverlay(agbHome)} Contexts are copied into sessions, and /usr, /etc and /opt are read-only there.",
            $"Set AGB_HOME to a directory on ext4, xfs or btrfs (now '{agbHome}'), on a kernel of {s_overlayKernel} or later.")
        : Ok("overlay file system", $"Works below '{agbHome}', with user.* attributes and whiteouts.");

    // The usual reason in a container.
    private static string OnOverlay(string agbHome) => new DriveInfo(agbHome).DriveFormat.StartsWith("overlay", StringComparison.Ordinal)
        ? ". The directory lies on an overlay, such as a container's root directory, and overlays can't be stacked there; use a volume."
        : ".";

    // The first kernel with fsopen(2), fsmount(2) and move_mount(2); mount_setattr(2) came later.
    private static readonly Version s_mountKernel = new(5, 12);

    /// <summary>Whether contexts can come and go in running sessions.</summary>
    private static AgbHostCheck CheckMounts()
    {
        const string Name = "mounts into running sessions";
        if (ParseVersion(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()) is { } version && version < s_mountKernel)
        {
            return Degraded(Name, $"The kernel is older than {s_mountKernel}.", $"Update the kernel to {s_mountKernel} or later.");
        }
        return SandboxIdentity.IsRoot || HostTools.Find(MountRunner.Helper) is not null
            ? Ok(Name, "Contexts can be mounted into running sessions and taken out.")
            : Degraded(
                Name, $"{MountRunner.Helper} is not found in /usr/bin, /bin, /usr/sbin or /sbin: an ordinary user's engine mounts by it.",
                HostPackages.Remedy([MountRunner.Helper]));
    }

    /// <summary>Whether sessions can rename directories of earlier versions.</summary>
    /// <param name="verdict">The result of the probe.</param>
    /// <param name="asked">The kind of mount set in the environment.</param>
    internal static AgbHostCheck CheckRenames(HostVerdict verdict, MountKind asked) => verdict.MountKindFor(asked) switch
    {
        MountKind.Copy => Ok(
            "directory renames",
            $"Contexts are copied{(asked == MountKind.Copy ? ", because AGB_MOUNT is 'copy'" : "")}, so every directory can be renamed in a session."),
        MountKind.TrustedOverlay => Ok(
            "directory renames",
            "Directories of earlier versions can be renamed in a session, and hard links of earlier versions "
            + (verdict.LinksError is null ? "stay together." : $"are separated by a write to one of them: {verdict.LinksError}")),
        _ => Degraded(
            "directory renames",
            $"{verdict.TrustedError} rename(2) of a directory of an earlier version gives EXDEV in a session: mv copies it, git mv and os.rename fail.",
            "Run the engine as root of this machine, or set AGB_MOUNT=copy, so that sessions get copies of their contexts."),
    };

    private static AgbHostCheck CheckAttributes(string agbHome)
    {
        var path = Path.Combine(agbHome, $"probe-{Guid.NewGuid():n}");
        try
        {
            File.WriteAllBytes(path, []);
            ProcessFiles.SetAttribute(path, "user.agb.probe");
            return Ok("extended attributes", $"user.* attributes can be set below '{agbHome}'.");
        }
        catch (IOException e)
        {
            return Degraded(
                "extended attributes", $"{e.Message}. Overlays need them, so contexts are copied.",
                $"Set AGB_HOME to a directory on ext4, xfs or btrfs (now '{agbHome}').");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static AgbHostCheck CheckSpace(string agbHome)
    {
        var existing = agbHome;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing) ?? "/";
        }
        var free = new DriveInfo(existing).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GiB free below '{existing}'.");
        return free >= LeastFreeBytes
            ? Ok("free space", text)
            : Degraded("free space", text, "Free some space there, or set AGB_HOME to a directory on a larger device.");
    }

    private static Version? ParseVersion(string text) =>
        VersionPattern().Match(text) is { Success: true } match && Version.TryParse(match.Value, out var version) ? version : null;

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();

    private static AgbHostCheck Ok(string name, string detail) =>
        new() { Name = name, Status = AgbHostCheckStatus.Ok, Detail = detail };

    private static AgbHostCheck Degraded(string name, string detail, string remedy) =>
        new() { Name = name, Status = AgbHostCheckStatus.Degraded, Detail = detail, Remedy = remedy };

    private static AgbHostCheck Missing(string name, string detail, string remedy) =>
        new() { Name = name, Status = AgbHostCheckStatus.Missing, Detail = detail, Remedy = remedy };
}
