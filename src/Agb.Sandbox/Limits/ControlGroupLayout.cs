namespace Agb.Sandbox;

/// <summary>The place of a control group controller.</summary>
/// <param name="IsV2">Whether it is in the hierarchy of version 2.</param>
/// <param name="MountPoint">The mount point of its hierarchy.</param>
/// <param name="OwnDirectory">The directory of this process's group.</param>
internal sealed record ControllerPlace(bool IsV2, string MountPoint, string OwnDirectory);

/// <summary>Finds controllers. Version 1 mounts each hierarchy by itself, version 2 has one for all, and a hybrid host has both
/// (cgroups(7), proc_pid_mountinfo(5)).</summary>
internal static class ControlGroupLayout
{
    /// <summary>Finds a controller on this host.</summary>
    /// <returns>Null if this process sees no hierarchy with it.</returns>
    public static ControllerPlace? Find(string controller) => Find(
        controller, File.ReadAllLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup"),
        directory => File.Exists($"{directory}/cgroup.controllers") ? File.ReadAllText($"{directory}/cgroup.controllers").Split() : [],
        Directory.Exists);

    /// <summary>Finds a controller in the given tables.</summary>
    /// <param name="controller">Its name, such as <c>memory</c>.</param>
    /// <param name="mounts">Lines of mountinfo.</param>
    /// <param name="groups">Lines of /proc/self/cgroup.</param>
    /// <param name="controllersOf">The version 2 controllers in a directory.</param>
    /// <param name="exists">Whether a directory exists.</param>
    internal static ControllerPlace? Find(
        string controller, IEnumerable<string> mounts, IReadOnlyList<string> groups, Func<string, string[]> controllersOf,
        Func<string, bool> exists)
    {
        foreach (var line in mounts)
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4)
            {
                continue;
            }
            var (root, mountPoint) = (fields[3], fields[4]);
            if (fields[dash + 1] == "cgroup2" && controllersOf(mountPoint).Contains(controller))
            {
                return new ControllerPlace(true, mountPoint, Own(groups, "0::", root, mountPoint, exists));
            }
            if (fields[dash + 1] == "cgroup" && fields[dash + 3].Split(',').Contains(controller))
            {
                var group = groups.FirstOrDefault(g => g.Split(':') is [_, var names, ..] && names.Split(',').Contains(controller));
                return new ControllerPlace(
                    false, mountPoint, group is null ? mountPoint : Own([group], group[..(group.IndexOf(':', group.IndexOf(':') + 1) + 1)], root, mountPoint, exists));
            }
        }
        return null;
    }

    private static string Own(IReadOnlyList<string> groups, string prefix, string root, string mountPoint, Func<string, bool> exists)
    {
        var path = groups.FirstOrDefault(g => g.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..] ?? "/";
        // In a container the mount may show only a part of the hierarchy, and the path may be the host's.
        if (root != "/" && LinuxPath.IsAtOrBelow(path, root))
        {
            path = path[root.Length..];
        }
        // The path climbs ("..") if the group lies outside the reader's cgroup namespace (cgroup_namespaces(7)).
        if (path.Split('/').Contains(".."))
        {
            return mountPoint;
        }
        var directory = (mountPoint + path).TrimEnd('/');
        return exists(directory) ? directory : mountPoint;
    }
}
