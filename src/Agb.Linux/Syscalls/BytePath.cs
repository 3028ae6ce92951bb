using System.Text;

namespace Agb.Linux;

/// <summary>File names as bytes, as on Linux. Inside the store a name or path is a "raw" string with one byte (Latin-1) in each
/// char: names outside UTF-8 pass through unharmed, and ordinal order is byte order.</summary>
internal static class BytePath
{
    /// <summary>The raw form of text.</summary>
    internal static string FromText(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes with a terminating NUL, for system calls.</summary>
    internal static byte[] Z(string raw)
    {
        var bytes = new byte[raw.Length + 1];
        Encoding.Latin1.GetBytes(raw, bytes);
        return bytes;
    }

    /// <summary>The raw form of bytes.</summary>
    internal static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>The text of a name; bytes outside UTF-8 become U+FFFD.</summary>
    internal static string ToText(string raw) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(raw));

    /// <summary>The text of a name for messages, with control characters escaped.</summary>
    internal static string ToDisplay(string raw)
    {
        var text = ToText(raw);
        return text.Any(char.IsControl)
            ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()))
            : text;
    }

    /// <summary>A relative path below another; an empty directory is the root.</summary>
    internal static string Join(string directory, string name) => directory.Length == 0 ? name : directory + "/" + name;

    /// <summary>The directory part of a relative path, empty for a top-level name.</summary>
    internal static string DirectoryOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    /// <summary>The last name of a relative path.</summary>
    internal static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The names of a path, absolute or relative.</summary>
    internal static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>An absolute path, given as text, relative to the root.</summary>
    internal static string FromRoot(string path) => string.Join('/', Split(FromText(path)));

    /// <summary>Whether a relative path equals another one or lies below it; the empty path is the root.</summary>
    internal static bool IsAtOrBelow(string path, string ancestor) =>
        ancestor.Length == 0 || path == ancestor
        || (path.Length > ancestor.Length && path[ancestor.Length] == '/' && path.StartsWith(ancestor, StringComparison.Ordinal));
}
