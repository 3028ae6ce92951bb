namespace Agb.Linux;

/// <summary>Permissions by name (chmod(2)).</summary>
internal static class FileModes
{
    /// <summary>Read permission of the owner, 0400.</summary>
    internal const uint OwnerRead = (uint)UnixFileMode.UserRead;

    /// <summary>Write permission of the owner, 0200.</summary>
    internal const uint OwnerWrite = (uint)UnixFileMode.UserWrite;

    /// <summary>Search permission of the owner, 0100.</summary>
    internal const uint OwnerSearch = (uint)UnixFileMode.UserExecute;

    /// <summary>A file of the owner alone, 0600.</summary>
    internal const uint OwnerFile = OwnerRead | OwnerWrite;

    /// <summary>All permissions of the owner, 0700.</summary>
    internal const uint OwnerAll = OwnerFile | OwnerSearch;

    /// <summary>A directory listed by its owner alone, and open to all on the way to a known name, 0711.</summary>
    internal const uint PassThrough = OwnerAll | (uint)(UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>A file readable by all, 0644.</summary>
    internal const uint PublicFile = OwnerFile | (uint)(UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    /// <summary>A directory readable by all, 0755: the engine's directories for sessions.</summary>
    internal const uint PublicDirectory = PassThrough | PublicFile;

    /// <summary>Read, write and execute permissions of all, 0777.</summary>
    internal const uint Access = 0b111_111_111;

    /// <summary>All permission bits, with set-id and sticky bits, 07777.</summary>
    internal const uint All = 0b111_111_111_111;
}
