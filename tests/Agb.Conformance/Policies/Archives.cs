using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Agb.Conformance.Policies;

/// <summary>Makes valid and invalid archives.</summary>
public static class Archives
{
    private const int SymlinkMode = 0xA1FF << 16;

    /// <summary>A zip of files.</summary>
    public static byte[] Zip(params (string Name, string Content)[] files) => Zip(zip =>
    {
        foreach (var (name, content) in files)
        {
            Add(zip, name, content);
        }
    });

    /// <summary>A zip.</summary>
    public static byte[] Zip(Action<ZipArchive> fill)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            fill(zip);
        }
        return stream.ToArray();
    }

    /// <summary>A zip with one symbolic link and one file.</summary>
    public static byte[] ZipWithLink(string name, string target) => Zip(zip =>
    {
        Add(zip, "before", "1");
        Add(zip, name, target, SymlinkMode);
    });

    /// <summary>A tar of entries.</summary>
    public static byte[] Tar(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }
        return stream.ToArray();
    }

    /// <summary>A file for a tar.</summary>
    public static TarEntry TarFile(string name, string content) => new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
    };

    /// <summary>A link for a tar.</summary>
    public static TarEntry TarLink(TarEntryType type, string name, string target) => new PaxTarEntry(type, name) { LinkName = target };

    /// <summary>Bytes packed by gzip.</summary>
    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return stream.ToArray();
    }

    /// <summary>Adds a member to a zip.</summary>
    public static void Add(ZipArchive zip, string name, string content, int attributes = 0)
    {
        var entry = zip.CreateEntry(name);
        entry.LastWriteTime = new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);
        if (attributes != 0)
        {
            entry.ExternalAttributes = attributes;
        }
        using var writer = entry.Open();
        writer.Write(Encoding.UTF8.GetBytes(content));
    }

    /// <summary>A shell command for writing bytes to a file.</summary>
    public static string Write(string path, byte[] bytes) => $"base64 -d >{Shell.Quote(path)} <<'END'\n{Convert.ToBase64String(bytes)}\nEND\n";
}
