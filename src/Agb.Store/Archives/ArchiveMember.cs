using ICSharpCode.SharpZipLib;

namespace Agb.Store;

/// <summary>What a member of an archive is.</summary>
internal enum MemberKind
{
    File,
    Directory,
    Symlink,
    HardLink,
    Fifo,

    /// <summary>A device node or something else that is never unpacked.</summary>
    Other,
}

/// <summary>One member of an archive, as the archive says it: nothing of it has been checked.</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Permissions">The mode's lower twelve bits, or null where the archive has none.</param>
/// <param name="MtimeNs">Nanoseconds since 1970.</param>
/// <param name="Target">Of a link: what it names, raw.</param>
/// <param name="Content">Of a file: its bytes. The stream is read before the next member is asked for.</param>
internal sealed record ArchiveMember(string Name, MemberKind Kind, uint? Permissions, long MtimeNs, string Target, Stream Content)
{
    /// <summary>The user's own extended attributes, which only the archives that uploads make keep.</summary>
    internal IReadOnlyList<(string Name, byte[] Value)> Attributes { get; init; } = [];
}

/// <summary>How much unpacking may make of an archive. What a header says is not trusted; bytes are counted as they come.</summary>
/// <param name="MaxBytes">The most bytes of content in all.</param>
/// <param name="MaxRatio">The most bytes of content to one of the archive, above <paramref name="RatioFrom"/> bytes.</param>
/// <param name="RatioFrom">Up to so many bytes of content the ratio does not matter.</param>
/// <param name="MaxMembers">The most members, and the most files, directories and links that they make: the directories above a
/// member need not be members.</param>
/// <param name="MaxPathBytes">The most bytes of the paths of all these together, which are held in memory.</param>
internal sealed record UnpackLimits(long MaxBytes, long MaxRatio, long RatioFrom, int MaxMembers, long MaxPathBytes)
{
    /// <summary>For archives that a user stored.</summary>
    internal static UnpackLimits OfUsers { get; } = new(16L << 30, 200, 64L << 20, 1_000_000, 256L << 20);

    /// <summary>For those that an upload made: what a mount held, however well it was packed.</summary>
    internal static UnpackLimits OfMounts { get; } = new(64L << 30, long.MaxValue, long.MaxValue, 4_000_000, long.MaxValue);
}

/// <summary>Errors of archives.</summary>
internal static class ArchiveErrors
{
    internal static AgbException Invalid(string archive, string what, Exception? inner = null) => new(
        AgbErrorIds.InvalidArchive, AgbErrorKind.InvalidInput, $"The archive '{Raw.ToDisplay(archive)}' {what}.",
        "Replace or remove the archive, or use a sync policy with -Extract $false, which leaves archives packed.", archive, inner);

    internal static AgbException Member(string archive, string member, string what) =>
        Invalid(archive, $"was not unpacked: its member '{Raw.ToDisplay(member)}' {what}");

    internal static AgbException Damaged(string archive, Exception inner) => Invalid(archive, $"is damaged: {inner.Message}", inner);

    /// <summary>Whether an error says that an archive is not what its name says.</summary>
    internal static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or SharpZipBaseException
        or FormatException or ArgumentException or NotSupportedException or OverflowException or InvalidOperationException;
}
