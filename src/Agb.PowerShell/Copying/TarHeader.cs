namespace Agb.PowerShell;

/// <summary>Writes the header of a tar member in the POSIX format (pax(1)); values too large for a plain header go into an
/// extended header before it. System.Formats.Tar can only push an archive into a stream, and would copy every byte once
/// more.</summary>
internal static class TarHeader
{
    /// <summary>The block size of a tar archive, in bytes.</summary>
    internal const int Block = 512;

    private const int NameLength = 100;
    private const long MostSize = 0x1_FFFF_FFFF;
    private const long NanosecondsPerTick = 100;

    /// <summary>The header of a member.</summary>
    /// <param name="name">The path, with slashes.</param>
    /// <param name="type">'0' for a file, '2' for a link, '5' for a directory.</param>
    /// <param name="mode">The permission bits.</param>
    /// <param name="size">The size of the content, in bytes.</param>
    /// <param name="modified">The last modification.</param>
    /// <param name="target">The target of a link, else empty.</param>
    internal static byte[] Of(string name, char type, int mode, long size, DateTimeOffset modified, string target)
    {
        var records = new MemoryStream();
        var ticks = modified.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        Record(records, "mtime", Seconds(ticks));
        if (!Fits(name))
        {
            Record(records, "path", name);
        }
        if (!Fits(target))
        {
            Record(records, "linkpath", target);
        }
        if (size > MostSize)
        {
            Record(records, "size", size.ToString(CultureInfo.InvariantCulture));
        }
        var before = records.ToArray();
        var header = new byte[Block + Padded(before.Length) + Block];
        Plain(header, new Fields("./PaxHeaders/member", 'x', 420, before.Length, 0, ""));
        before.CopyTo(header, Block);
        Plain(header.AsSpan(Block + (int)Padded(before.Length)), new Fields(
            Fits(name) ? name : "./member", type, mode, Math.Min(size, MostSize), Math.Max(0, ticks / TimeSpan.TicksPerSecond),
            Fits(target) ? target : ""));
        return header;
    }

    /// <summary>A length rounded up to whole blocks.</summary>
    internal static long Padded(long length) => (length + Block - 1) / Block * Block;

    private static bool Fits(string text) => text.Length <= NameLength && text.All(char.IsAscii);

    private static string Seconds(long ticks)
    {
        var (whole, part) = Math.DivRem(Math.Abs(ticks), TimeSpan.TicksPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{(ticks < 0 ? "-" : "")}{whole}.{part * NanosecondsPerTick:000000000}");
    }

    private static void Record(MemoryStream records, string key, string value)
    {
        // The length includes its own digits.
        var bytes = Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + 3;
        var length = bytes + bytes.ToString(CultureInfo.InvariantCulture).Length;
        length = bytes + length.ToString(CultureInfo.InvariantCulture).Length;
        records.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n")));
    }

    private static void Plain(Span<byte> header, in Fields fields)
    {
        Encoding.ASCII.GetBytes(fields.Name, header);
        Octal(header.Slice(100, 8), fields.Mode);
        Octal(header.Slice(108, 8), 0);
        Octal(header.Slice(116, 8), 0);
        Octal(header.Slice(124, 12), fields.Size);
        Octal(header.Slice(136, 12), Math.Min(fields.Seconds, MostSize));
        header.Slice(148, 8).Fill((byte)' ');
        header[156] = (byte)fields.Type;
        Encoding.ASCII.GetBytes(fields.Target, header[157..]);
        "ustar\0"u8.CopyTo(header[257..]);
        "00"u8.CopyTo(header[263..]);
        var sum = 0;
        foreach (var value in header[..Block])
        {
            sum += value;
        }
        Octal(header.Slice(148, 7), sum);
        header[155] = (byte)' ';
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
        field[^1] = 0;
    }

    /// <summary>The values of a plain header.</summary>
    private readonly record struct Fields(string Name, char Type, int Mode, long Size, long Seconds, string Target);
}
