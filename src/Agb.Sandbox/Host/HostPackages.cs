namespace Agb.Sandbox;

/// <summary>The packages of the needed programs, and the command to install them.</summary>
internal static class HostPackages
{
    /// <summary>A package manager.</summary>
    /// <param name="Program">Its program.</param>
    /// <param name="Install">Its arguments before the package names.</param>
    /// <param name="Refresh">Arguments to update its list of packages first; empty when it does so itself.</param>
    /// <param name="UtilLinux">The packages with the programs of util-linux.</param>
    internal sealed record Manager(
        string Program, IReadOnlyList<string> Install, IReadOnlyList<string> Refresh, IReadOnlyList<string> UtilLinux);

    private static readonly Manager[] s_managers =
    [
        new("apt-get", ["install", "-y", "--no-install-recommends"], ["update"], ["util-linux", "mount"]),
        new("dnf", ["install", "-y"], [], ["util-linux"]),
        new("apk", ["add"], ["update"], ["util-linux", "util-linux-misc", "setpriv", "mount"]),
        new("zypper", ["--non-interactive", "install"], [], ["util-linux"]),
    ];

    /// <summary>The host's package manager, or null when it is none of the known ones.</summary>
    public static Manager? Find() => s_managers.FirstOrDefault(m => HostTools.Find(m.Program) is not null);

    // The packages of programs outside util-linux; more than one name for apt-get, dnf, apk and zypper in this order.
    private static readonly Dictionary<string, string[]> s_packages = new(StringComparer.Ordinal)
    {
        ["bwrap"] = ["bubblewrap"], ["env"] = ["coreutils"], ["cat"] = ["coreutils"], ["mkdir"] = ["coreutils"],
        ["sh"] = ["bash"], ["bash"] = ["bash"], ["perl"] = ["perl-base", "perl", "perl", "perl-base"], ["pasta"] = ["passt"], ["ip"] = ["iproute2", "iproute", "iproute2", "iproute2"],
        ["chromium"] = ["chromium"], ["Xvfb"] = ["xvfb", "xorg-x11-server-Xvfb", "xvfb", "xorg-x11-server-Xvfb"], ["openbox"] = ["openbox"],
        ["xdotool"] = ["xdotool"], ["wmctrl"] = ["wmctrl"], ["xprop"] = ["x11-utils", "xprop", "xprop", "xprop"],
        ["xwininfo"] = ["x11-utils", "xwininfo", "xwininfo", "xwininfo"], ["import"] = ["imagemagick", "ImageMagick", "imagemagick", "ImageMagick"],
        ["x11vnc"] = ["x11vnc"], ["xterm"] = ["xterm"], ["mousepad"] = ["mousepad"], ["pcmanfm"] = ["pcmanfm"], ["novnc"] = ["novnc"],
    };

    /// <summary>The packages of the given programs.</summary>
    public static IReadOnlyList<string> For(Manager manager, IEnumerable<string> programs)
    {
        var column = Array.IndexOf(s_managers, manager);
        return
        [
            .. programs.SelectMany(p => s_packages.TryGetValue(p, out var packages) ? [packages[column % packages.Length]] : manager.UtilLinux)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The command line to install the given programs.</summary>
    public static string Remedy(IEnumerable<string> programs)
    {
        if (Find() is not { } manager)
        {
            return $"Install bubblewrap, util-linux, coreutils and bash with this distribution's package manager.";
        }
        var sudo = SandboxIdentity.IsRoot ? "" : "sudo ";
        var refresh = manager.Refresh.Count > 0 ? $"{sudo}{manager.Program} {string.Join(' ', manager.Refresh)} && " : "";
        return $"{refresh}{sudo}{manager.Program} {string.Join(' ', manager.Install)} {string.Join(' ', For(manager, programs))}";
    }
}
