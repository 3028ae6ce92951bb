using ICSharpCode.SharpZipLib;

namespace Agb.Store;

/// <summary>Kind of an archive's member.</summary>
internal enum MemberKind
{
    File,
    Directory,
    Symlink,
    HardLink,
    Fifo,

    /// <summary>A device node or another kind never unpacked.</summary>
    Other,
}

/// <summary>One member of an archive, unverified.</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="Kind">Kind of the member.</param>
/// <param name="Permissions">Lower twelve bits of the mode; null if the archive has none.</param>
/// <param name="MtimeNs">Nanoseconds since 1970.</param>
/// <param name="Target">Target of a link, raw.</param>
/// <param name="Content">Content of a file, to be read before the next member.</param>
internal sealed record ArchiveMember(string Name, MemberKind Kind, uint? Permissions, long MtimeNs, string Target, Stream Content)
{
    /// <summary>The user's own extended attributes, kept only in archives made by uploads.</summary>
    internal IReadOnlyList<(string Name, byte[] Value)> Attributes { get; init; } = [];
}

/// <summary>Limits of unpacking. Sizes in headers are not trusted: bytes are counted during unpacking.</summary>
/// <param name="MaxBytes">Most bytes of content in all.</param>
/// <param name="MaxRatio">Most bytes of content per byte of archive, above <paramref name="RatioFrom"/> bytes.</param>
/// <param name="RatioFrom">Bytes of content below which the ratio is ignored.</param>
/// <param name="MaxMembers">Most members, and most resulting files, directories and links: parent
/// directories need not be members.</param>
/// <param name="MaxPathBytes">Most bytes of all resulting paths together, held in memory.</param>
internal sealed record UnpackLimits(long MaxBytes, long MaxRatio, long RatioFrom, int MaxMembers, long MaxPathBytes)
{
    /// <summary>Limits for archives stored by a user.</summary>
    internal static UnpackLimits OfUsers { get; } = new(16L << 30, 200, 64L << 20, 1_000_000, 256L << 20);

    /// <summary>Limits for archives made by an upload: content of a mount, at any compression ratio.</summary>
    internal static UnpackLimits OfMounts { get; } = new(64L << 30, long.MaxValue, long.MaxValue, 4_000_000, long.MaxValue);
}

/// <summary>Errors of archives.</summary>
internal static class ArchiveErrors
{
    internal static AgbException Invalid(string archive, string what, Exception? inner = null) => new(
        AgbErrorIds.InvalidArchive, AgbErrorKind.InvalidInput, $"The archive '{BytePath.ToDisplay(archive)}' {what}.", target: archive, inner: inner)
    {
        Advice = AgbAdvice.KeepArchivesPacked,
    };

    internal static AgbException Member(string archive, string member, string what) =>
        Invalid(archive, $"was not unpacked: its member '{BytePath.ToDisplay(member)}' {what}");

    internal static AgbException Damaged(string archive, Exception inner) => Invalid(archive, $"is damaged: {inner.Message}", inner);

    /// <summary>Whether an error means a damaged archive, or one of another format than its name.</summary>
    internal static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or SharpZipBaseException
        or FormatException or ArgumentException or NotSupportedException or OverflowException or InvalidOperationException;
}
