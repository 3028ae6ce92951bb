using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>Extended attributes in the <c>user.</c> name space (xattr(7)). Those of overlayfs itself, below
/// <c>user.overlay.</c>, are not content and are never copied.</summary>
internal static class Xattrs
{
    private static readonly byte[] s_opaque = Raw.Z("user.overlay.opaque");
    private const string OverlayPrefix = "user.overlay.";

    /// <summary>Whether overlayfs hides what lower directories hold at this place.</summary>
    internal static bool IsOpaque(Fd directory)
    {
        var value = new byte[1];
        return Posix.Fgetxattr(directory.Number, s_opaque, value, 1) == 1 && value[0] == (byte)'y';
    }

    internal static void SetOpaque(Fd directory)
    {
        FaultSeam.Before("setxattr", directory.Path);
        if (Posix.Fsetxattr(directory.Number, s_opaque, "y"u8.ToArray(), 1, 0) != 0)
        {
            throw PosixException.Last("setxattr", directory.Path);
        }
    }

    internal static void ClearOpaque(Fd directory)
    {
        FaultSeam.Before("removexattr", directory.Path);
        if (Posix.Fremovexattr(directory.Number, s_opaque) != 0
            && Marshal.GetLastPInvokeError() is not (PosixException.ENODATA or PosixException.EOPNOTSUPP))
        {
            throw PosixException.Last("removexattr", directory.Path);
        }
    }

    /// <summary>The user's own attributes, by name.</summary>
    internal static IReadOnlyList<(string Name, byte[] Value)> Read(Fd file)
    {
        var size = Posix.Flistxattr(file.Number, null, 0);
        if (size <= 0)
        {
            return size == 0 || Marshal.GetLastPInvokeError() is PosixException.EOPNOTSUPP
                ? []
                : throw PosixException.Last("listxattr", file.Path);
        }
        var list = new byte[size];
        size = Posix.Flistxattr(file.Number, list, (nuint)list.Length);
        if (size < 0)
        {
            throw PosixException.Last("listxattr", file.Path);
        }
        var found = new List<(string, byte[])>();
        foreach (var name in Raw.FromBytes(list.AsSpan(0, (int)size)).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name.StartsWith("user.", StringComparison.Ordinal) && !name.StartsWith(OverlayPrefix, StringComparison.Ordinal)
                && ReadOne(file, name) is { } value)
            {
                found.Add((name, value));
            }
        }
        return found;
    }

    /// <summary>A hash of the user's own attributes; 0 when there are none.</summary>
    internal static ulong Hash(Fd file)
    {
        var attributes = Read(file);
        if (attributes.Count == 0)
        {
            return 0;
        }
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var (name, value) in attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Raw.Z(name));
            hash.AppendData(BitConverter.GetBytes(value.Length));
            hash.AppendData(value);
        }
        return BitConverter.ToUInt64(hash.GetHashAndReset());
    }

    /// <summary>Copies the user's own attributes.</summary>
    internal static void Copy(Fd from, Fd to) => Set(to, Read(from));

    /// <summary>Sets attributes; others stay.</summary>
    internal static void Set(Fd to, IReadOnlyList<(string Name, byte[] Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            FaultSeam.Before("setxattr", to.Path);
            if (Posix.Fsetxattr(to.Number, Raw.Z(name), value, (nuint)value.Length, 0) != 0)
            {
                throw PosixException.Last("setxattr", to.Path);
            }
        }
    }

    /// <summary>Makes the user's own attributes those of another file; what that has not goes.</summary>
    internal static void Replace(Fd from, Fd to)
    {
        var wanted = Read(from).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in Read(to).Where(a => !wanted.Contains(a.Name)))
        {
            FaultSeam.Before("removexattr", to.Path);
            if (Posix.Fremovexattr(to.Number, Raw.Z(name)) != 0 && Marshal.GetLastPInvokeError() != PosixException.ENODATA)
            {
                throw PosixException.Last("removexattr", to.Path);
            }
        }
        Copy(from, to);
    }

    private static byte[]? ReadOne(Fd file, string name)
    {
        var z = Raw.Z(name);
        var size = Posix.Fgetxattr(file.Number, z, null, 0);
        if (size < 0)
        {
            // Removed between the listing and now.
            return Marshal.GetLastPInvokeError() == PosixException.ENODATA ? null : throw PosixException.Last("getxattr", file.Path);
        }
        var value = new byte[size];
        size = Posix.Fgetxattr(file.Number, z, value, (nuint)value.Length);
        return size >= 0 ? value[..(int)size] : throw PosixException.Last("getxattr", file.Path);
    }
}
