namespace Agb.Linux;

/// <summary>The attributes of a directory of changes.</summary>
/// <param name="Opaque">Whether overlayfs hides the lower directories at this place.</param>
/// <param name="Redirect">The place of its content in the lower directories, raw: a path from the overlay's root, or the name
/// of a sibling; null for the same name.</param>
/// <param name="Hash">The hash of the user's own attributes; 0 for none.</param>
/// <param name="IsForeign">Whether it has marks of the other kind, without meaning there: the kernel copies the marks of an
/// older layer up with the directory, and a program in the session may set some.</param>
internal readonly record struct DirectoryAttributes(bool Opaque, string? Redirect, ulong Hash, bool IsForeign);

/// <summary>Extended attributes in the <c>user.</c> namespace (xattr(7)). The attributes of overlayfs itself are not content
/// and never copied. Other names below <c>user.overlay.</c> belong to programs; overlayfs with user marks stores them below
/// <c>user.overlay.overlay.</c>.</summary>
internal static class Xattrs
{
    private const string UserPrefix = "user.overlay.";
    private const string TrustedPrefix = "trusted.overlay.";
    private const int FirstSize = 1024;

    internal static readonly byte[] OpaqueName = BytePath.Z(UserPrefix + "opaque");
    private static readonly byte[] s_yes = "y"u8.ToArray();
    private static readonly byte[] s_trustedOpaque = BytePath.Z(TrustedPrefix + "opaque");
    private static readonly bool s_isRoot = Posix.Geteuid() == 0;

    // fs/overlayfs/overlayfs.h
    private static readonly HashSet<string> s_own = new(StringComparer.Ordinal)
    {
        "opaque", "redirect", "origin", "impure", "nlink", "upper", "uuid", "metacopy", "protattr", "whiteout",
    };

    /// <summary>Whether a directory of a finished or unfinished layer hides the lower layers at this place.</summary>
    internal static bool IsOpaque(Fd directory) => IsYes(directory, OpaqueName) || (s_isRoot && IsYes(directory, s_trustedOpaque));

    /// <summary>Marks a directory as opaque, for both kinds of mount of this engine.</summary>
    internal static void SetOpaque(Fd directory)
    {
        Set(directory, OpaqueName, s_yes);
        TrustOpaque(directory);
    }

    /// <summary>Marks a directory as opaque for one kind of mount. A kernel copies marks of the other kind with the directory.</summary>
    internal static void SetOpaque(Fd directory, OverlayMarks marks) =>
        Set(directory, marks == OverlayMarks.Trusted ? s_trustedOpaque : OpaqueName, s_yes);

    /// <summary>Gives an opaque directory the trusted mark too, if this process may.</summary>
    internal static void TrustOpaque(Fd directory)
    {
        if (s_isRoot && Posix.Fsetxattr(directory.Number, s_trustedOpaque, s_yes, 1, 0) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.EPERM or Errno.EOPNOTSUPP))
        {
            throw PosixException.Last("setxattr", directory.Path);
        }
    }

    internal static void ClearOpaque(Fd directory)
    {
        FaultSeam.Before("removexattr", directory.Path);
        Remove(directory, OpaqueName);
        if (s_isRoot)
        {
            Remove(directory, s_trustedOpaque);
        }
    }

    /// <summary>Removes only the user marks; they have no meaning in a mount with trusted ones.</summary>
    internal static void ClearUserMarks(Fd directory)
    {
        foreach (var name in List(directory).Where(IsUserMark))
        {
            Remove(directory, BytePath.Z(name));
        }
    }

    /// <summary>Reads the attributes of a directory of changes with one listing.</summary>
    internal static DirectoryAttributes Look(Fd directory, OverlayMarks marks)
    {
        var names = List(directory);
        var prefix = marks switch { OverlayMarks.User => UserPrefix, OverlayMarks.Trusted => TrustedPrefix, _ => null };
        var isOpaque = prefix is not null && names.Contains(prefix + "opaque") && ReadOne(directory, prefix + "opaque") is [(byte)'y'];
        var redirect = marks == OverlayMarks.Trusted && names.Contains(prefix + "redirect") ? ReadOne(directory, prefix + "redirect") : null;
        return new(isOpaque, redirect is null ? null : BytePath.FromBytes(redirect), Hash(Content(directory, names)),
            marks == OverlayMarks.Trusted && Array.Exists(names, IsUserMark));
    }

    /// <summary>The user's own attributes, by name.</summary>
    internal static IReadOnlyList<(string Name, byte[] Value)> Read(Fd file) => Content(file, List(file));

    /// <summary>A hash of the user's own attributes; 0 when there are none.</summary>
    internal static ulong Hash(Fd file) => Hash(Read(file));

    /// <summary>Removes the user's own attributes.</summary>
    internal static void Clear(Fd file)
    {
        foreach (var name in List(file).Where(IsContent))
        {
            Remove(file, BytePath.Z(name));
        }
    }

    /// <summary>Copies the user's own attributes.</summary>
    internal static void Copy(Fd from, Fd to) => Set(to, Read(from));

    /// <summary>Sets attributes; others stay.</summary>
    internal static void Set(Fd to, IReadOnlyList<(string Name, byte[] Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            Set(to, BytePath.Z(name), value);
        }
    }

    /// <summary>Sets one attribute; its name ends with NUL.</summary>
    internal static void Set(Fd file, byte[] name, byte[] value)
    {
        FaultSeam.Before("setxattr", file.Path);
        if (Posix.Fsetxattr(file.Number, name, value, (nuint)value.Length, 0) != 0)
        {
            throw PosixException.Last("setxattr", file.Path);
        }
    }

    private static bool IsContent(string name) => name.StartsWith("user.", StringComparison.Ordinal) && !IsUserMark(name);

    private static bool IsUserMark(string name) => name.StartsWith(UserPrefix, StringComparison.Ordinal) && s_own.Contains(name[UserPrefix.Length..]);

    private static bool IsYes(Fd directory, byte[] name)
    {
        var value = new byte[1];
        return Posix.Fgetxattr(directory.Number, name, value, 1) == 1 && value[0] == (byte)'y';
    }

    private static void Remove(Fd directory, byte[] name)
    {
        if (Posix.Fremovexattr(directory.Number, name) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.ENODATA or Errno.EOPNOTSUPP or Errno.EPERM))
        {
            throw PosixException.Last("removexattr", directory.Path);
        }
    }

    private static string[] List(Fd file)
    {
        for (var list = new byte[FirstSize]; ;)
        {
            var size = Posix.Flistxattr(file.Number, list, (nuint)list.Length);
            if (size >= 0)
            {
                return BytePath.FromBytes(list.AsSpan(0, (int)size)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.ERANGE:
                    list = new byte[list.Length * 2];
                    break;
                case Errno.EOPNOTSUPP:
                    return [];
                default:
                    throw PosixException.Last("listxattr", file.Path);
            }
        }
    }

    private static List<(string Name, byte[] Value)> Content(Fd file, string[] names)
    {
        var found = new List<(string, byte[])>();
        foreach (var name in names)
        {
            if (IsContent(name) && ReadOne(file, name) is { } value)
            {
                found.Add((name, value));
            }
        }
        return found;
    }

    private static ulong Hash(IReadOnlyList<(string Name, byte[] Value)> attributes)
    {
        if (attributes.Count == 0)
        {
            return 0;
        }
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var (name, value) in attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            hash.AppendData(BytePath.Z(name));
            hash.AppendData(BitConverter.GetBytes(value.Length));
            hash.AppendData(value);
        }
        return BitConverter.ToUInt64(hash.GetHashAndReset());
    }

    /// <summary>Makes the user's own attributes equal to another file's, removing all others.</summary>
    internal static void Replace(Fd from, Fd to)
    {
        var wanted = Read(from).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in Read(to).Where(a => !wanted.Contains(a.Name)))
        {
            FaultSeam.Before("removexattr", to.Path);
            if (Posix.Fremovexattr(to.Number, BytePath.Z(name)) != 0 && Marshal.GetLastPInvokeError() != Errno.ENODATA)
            {
                throw PosixException.Last("removexattr", to.Path);
            }
        }
        Copy(from, to);
    }

    private static byte[]? ReadOne(Fd file, string name)
    {
        var z = BytePath.Z(name);
        var size = Posix.Fgetxattr(file.Number, z, null, 0);
        if (size < 0)
        {
            // Removed since the listing.
            return Marshal.GetLastPInvokeError() == Errno.ENODATA ? null : throw PosixException.Last("getxattr", file.Path);
        }
        var value = new byte[size];
        size = Posix.Fgetxattr(file.Number, z, value, (nuint)value.Length);
        return size >= 0 ? value[..(int)size] : throw PosixException.Last("getxattr", file.Path);
    }
}
