using System.Globalization;

namespace Agb.Linux;

/// <summary>The rights of this process (capabilities(7)).</summary>
internal static class ProcessRights
{
    private const int SysAdmin = 21;

    /// <summary>Whether it may mount: CAP_SYS_ADMIN in its user namespace.</summary>
    public static bool MayMount()
    {
        const string Name = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        return (ulong.Parse(line[Name.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SysAdmin & 1) != 0;
    }
}
