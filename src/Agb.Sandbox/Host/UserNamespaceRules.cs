namespace Agb.Sandbox;

/// <summary>The host's rules against user namespaces, and their remedies.</summary>
internal static class UserNamespaceRules
{
    private const string Limit = "/proc/sys/user/max_user_namespaces";
    private const string DebianSwitch = "/proc/sys/kernel/unprivileged_userns_clone";
    private const string AppArmorSwitch = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

    /// <summary>The remedy for this host.</summary>
    public static string Remedy() => Remedy(Read(Limit), Read(DebianSwitch), Read(AppArmorSwitch), InContainer());

    /// <summary>The remedy for the given settings.</summary>
    /// <param name="limit">user.max_user_namespaces, or null when it does not exist.</param>
    /// <param name="debianSwitch">kernel.unprivileged_userns_clone of Debian's older kernels.</param>
    /// <param name="appArmorSwitch">kernel.apparmor_restrict_unprivileged_userns of Ubuntu 23.10 and later.</param>
    /// <param name="inContainer">Whether this process runs in a container.</param>
    internal static string Remedy(string? limit, string? debianSwitch, string? appArmorSwitch, bool inContainer)
    {
        if (limit == "0")
        {
            return "sudo sysctl -w user.max_user_namespaces=15000 (and write it to a file in /etc/sysctl.d to keep it).";
        }
        if (debianSwitch == "0")
        {
            return "sudo sysctl -w kernel.unprivileged_userns_clone=1 (and write it to a file in /etc/sysctl.d to keep it).";
        }
        if (appArmorSwitch == "1")
        {
            return "AppArmor lets only programs with a profile make user namespaces (Ubuntu 23.10 and later): "
                + "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or install AppArmor profiles with a 'userns' rule "
                + "for /usr/bin/bwrap and /usr/bin/unshare.";
        }
        return inContainer
            ? "The runtime of this container forbids it. Start the container with "
                + "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined --cap-add SYS_ADMIN."
            : "Allow unprivileged user namespaces: build the kernel with CONFIG_USER_NS and remove the security module's rule against them.";
    }

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    // The signs left by Docker, Podman and systemd-nspawn.
    private static bool InContainer() =>
        File.Exists("/.dockerenv") || File.Exists("/run/.containerenv") || Environment.GetEnvironmentVariable("container") is { Length: > 0 };
}
