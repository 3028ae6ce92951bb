using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Agb.Engine.CrashHost.Fixtures;

/// <summary>A store as one file that can be checked in: a line for each entry, with kind, mode, time, attributes and content,
/// so that whiteouts and overlay marks come back whoever unpacks it. Files get the owner that the engine's files have.</summary>
public static class StoreArchive
{
    // What belongs to the machine or the moment, and not to the format.
    private static readonly string[] s_leftOut = ["locks", "host-probe.json", "catalog.db-shm", "session-user", "skeletons"];

    /// <summary>Packs a store that no service has open.</summary>
    public static void Pack(string home, string file)
    {
        using var stream = new GZipStream(File.Create(file), CompressionLevel.SmallestSize);
        using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" };
        using var root = Fd.OpenDirectory(home);
        var links = new Dictionary<ulong, string>();
        foreach (var name in DirectoryReader.Names(root).Where(n => !s_leftOut.Contains(n)))
        {
            PackEntry(root, name, name, links, writer);
        }
    }

    /// <summary>Unpacks a store into a directory that does not exist yet.</summary>
    public static void Unpack(string file, string home)
    {
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        using var root = Fd.OpenDirectory(home);
        var directories = new Stack<(string Path, uint Mode, long Mtime)>();
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split('\t');
            UnpackEntry(root, parts, directories);
        }
        // Last, and the deepest first: filling a directory changes its time and may need more than its mode allows.
        foreach (var (path, mode, mtime) in directories)
        {
            using var cursor = new DirectoryCursor(root);
            var directory = cursor.At(path);
            directory.Chmod(mode);
            directory.SetMtime(mtime);
        }
    }

    private static void PackEntry(Fd parent, string name, string path, Dictionary<ulong, string> links, TextWriter writer)
    {
        var stat = parent.StatAt(name);
        var head = string.Create(CultureInfo.InvariantCulture, $"{Encode(path)}\t{stat.Kind}\t{Convert.ToString(stat.Permissions, 8)}\t{stat.MtimeNs}");
        switch (stat.Kind)
        {
            case EntryKind.Directory:
                using (var directory = parent.OpenDirectoryAt(name))
                {
                    writer.WriteLine($"{head}\t{(Xattrs.IsOpaque(directory) ? "opaque" : "")}\t{Attributes(directory)}");
                    foreach (var child in DirectoryReader.Names(directory))
                    {
                        PackEntry(directory, child, BytePath.Join(path, child), links, writer);
                    }
                }
                break;
            case EntryKind.File when stat.Nlink > 1 && !links.TryAdd(stat.Ino, path):
                writer.WriteLine($"{head}\t{Encode(links[stat.Ino])}\tlink");
                break;
            case EntryKind.File:
                using (var file = parent.OpenReadAt(name))
                {
                    writer.WriteLine($"{head}\t{Convert.ToBase64String(Content(file, stat.Size))}\t{Attributes(file)}");
                }
                break;
            default:
                writer.WriteLine($"{head}\t{(stat.Kind == EntryKind.Symlink ? Encode(parent.ReadLinkAt(name)) : "")}\t");
                break;
        }
    }

    private static void UnpackEntry(Fd root, string[] parts, Stack<(string, uint, long)> directories)
    {
        var (path, kind, mode, mtime) = (
            Decode(parts[0]), Enum.Parse<EntryKind>(parts[1]), Convert.ToUInt32(parts[2], 8), long.Parse(parts[3], CultureInfo.InvariantCulture));
        using var cursor = new DirectoryCursor(root);
        var (parent, name) = (cursor.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path));
        var isStored = (path.StartsWith("layers/", StringComparison.Ordinal) && path.Contains("/tree", StringComparison.Ordinal))
            || path.StartsWith("large/", StringComparison.Ordinal);
        switch (kind)
        {
            case EntryKind.Directory:
                parent.MkdirAt(name);
                using (var made = parent.OpenDirectoryAt(name))
                {
                    SetAttributes(made, parts[5]);
                    if (parts[4] == "opaque")
                    {
                        // The mark of format 1 alone, which a mount with trusted marks does not know.
                        Set(made, Xattrs.OpaqueName, "y"u8.ToArray());
                    }
                    Give(isStored, parent, name);
                }
                directories.Push((path, mode, mtime));
                return;
            case EntryKind.File when parts[5] == "link":
                using (var other = new DirectoryCursor(root))
                {
                    var first = Decode(parts[4]);
                    other.At(BytePath.DirectoryOf(first)).TryLinkAt(BytePath.NameOf(first), parent, name);
                }
                return;
            case EntryKind.File:
                using (var made = parent.CreateAt(name))
                {
                    Write(made, Convert.FromBase64String(parts[4]));
                    SetAttributes(made, parts[5]);
                }
                break;
            case EntryKind.Symlink:
                parent.SymlinkAt(Decode(parts[4]), name);
                break;
            case EntryKind.Fifo:
                parent.MkfifoAt(name);
                break;
            case EntryKind.Whiteout:
                parent.WhiteoutAt(name);
                return;
            default:
                throw new InvalidDataException($"A store holds no {kind}: {parts[0]}");
        }
        Give(isStored, parent, name);
        if (kind != EntryKind.Symlink)
        {
            parent.ChmodAt(name, mode);
        }
        parent.SetMtimeAt(name, mtime);
    }

    private static void Give(bool isStored, Fd parent, string name)
    {
        if (isStored)
        {
            SessionOwner.ChownToSession(parent, name);
        }
    }

    private static string Attributes(Fd file) =>
        string.Join(' ', Xattrs.Read(file).Select(a => $"{Encode(a.Name)}={Convert.ToBase64String(a.Value)}"));

    private static void SetAttributes(Fd file, string attributes)
    {
        foreach (var attribute in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = attribute.IndexOf('=', StringComparison.Ordinal);
            var value = Convert.FromBase64String(attribute[(equals + 1)..]);
            Set(file, BytePath.Z(Decode(attribute[..equals])), value);
        }
    }

    private static void Set(Fd file, byte[] name, byte[] value)
    {
        if (Posix.Fsetxattr(file.Number, name, value, (nuint)value.Length, 0) != 0)
        {
            throw PosixException.Last("setxattr", file.Path);
        }
    }

    private static unsafe byte[] Content(Fd file, long size)
    {
        var content = new byte[size];
        fixed (byte* p = content)
        {
            if (Posix.Pread(file.Number, p, (nuint)size, 0) != size)
            {
                throw new InvalidDataException($"Could not read all of {BytePath.ToDisplay(file.Path)}.");
            }
        }
        return content;
    }

    private static unsafe void Write(Fd file, byte[] content)
    {
        fixed (byte* p = content)
        {
            if (Posix.Pwrite(file.Number, p, (nuint)content.Length, 0) != content.Length)
            {
                throw PosixException.Last("write", file.Path);
            }
        }
    }

    // Names are bytes: what is not plain is written as %XX.
    private static string Encode(string raw) => string.Concat(
        raw.Select(c => c is > ' ' and < '\x7f' and not '%' and not '=' ? c.ToString() : $"%{(int)c:X2}"));

    private static string Decode(string text)
    {
        var raw = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                raw.Append((char)Convert.ToInt32(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                raw.Append(text[i]);
            }
        }
        return raw.ToString();
    }
}
