namespace Agb.Linux;

/// <summary>The rights of this process (capabilities(7)).</summary>
internal static class ProcessRights
{
    private const int SysAdmin = 21;

    /// <summary>Whether it may mount: CAP_SYS_ADMIN in its user namespace.</summary>
    public static bool MayMount() => (ProcessTable.ReadOwnMask("CapEff") >> SysAdmin & 1) != 0;
}
