using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;

namespace Agb.PowerShell;

/// <summary>Unpacks a session's tar archive into a local folder. Nothing is written outside of the folder or through a link; a
/// file appears whole or not at all.</summary>
/// <param name="folder">The full path of the folder.</param>
/// <param name="rename">The new name of the archive's only first-level member; null for its own name.</param>
/// <param name="clobber">Whether existing files are replaced; otherwise they stay.</param>
/// <param name="force">Whether entries of another type are replaced too: a directory by a file, a file or link by a
/// directory.</param>
/// <param name="failed">Receives each omitted member, with the reason.</param>
/// <param name="moved">Receives the files and bytes written.</param>
internal sealed class TarTarget(string folder, string? rename, bool clobber, bool force, Action<string, string> failed, Action<long, long> moved)
{
    private const int BlockSize = 128 * 1024;

    private readonly LocalFolder _folder = new(folder);
    private readonly List<(string Full, int Mode, DateTime Modified)> _directories = [];
    private readonly byte[] _block = new byte[BlockSize];

    /// <summary>Writes all members. Runs on the caller's thread.</summary>
    internal void Write(Stream archive, CancellationToken cancellationToken)
    {
        using var reader = new TarReader(archive, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = NameOf(entry.Name);
            if (name.Contains('\uFFFD') || entry.LinkName.Contains('\uFFFD'))
            {
                failed(name, "its name or its link target is not UTF-8, so programs of this machine can't name it");
                continue;
            }
            try
            {
                WriteMember(entry, name, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or AgbException)
            {
                failed(name, e.Message.TrimEnd('.'));
            }
        }
        // Last: writing into a directory changes its time, and may need wider permissions than its mode.
        foreach (var (full, mode, modified) in _directories.AsEnumerable().Reverse())
        {
            Platform.SetMode(full, mode);
            Directory.SetLastWriteTimeUtc(full, modified);
        }
    }

    private string NameOf(string name)
    {
        var path = name.TrimEnd('/');
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        if (rename is null)
        {
            return path;
        }
        var end = path.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? rename : rename + path[end..];
    }

    private void WriteMember(TarEntry entry, string name, CancellationToken cancellationToken)
    {
        var modified = entry.ModificationTime.UtcDateTime;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (force)
                {
                    RemoveNoDirectory(_folder.Prepare(name));
                }
                _directories.Add((_folder.MakeDirectory(name, (int)entry.Mode), (int)entry.Mode, modified));
                moved(1, 0);
                break;
            case TarEntryType.SymbolicLink:
                PlaceLink(name, entry.LinkName);
                break;
            case TarEntryType.HardLink:
                var first = _folder.Prepare(NameOf(entry.LinkName));
                if (new FileInfo(first).LinkTarget is { } target)
                {
                    PlaceLink(name, target);
                }
                else
                {
                    Place(name, part => File.Copy(first, part));
                }
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Place(name, part => WriteFile(part, entry, modified, cancellationToken));
                break;
            default:
                failed(name, $"it is a {entry.EntryType}, not a file, directory or link");
                break;
        }
    }

    /// <summary>Creates a file under a temporary name and moves it into place when it is whole.</summary>
    private void Place(string name, Action<string> make)
    {
        if (PlaceOf(name) is not ({ } full, var hasDirectory))
        {
            return;
        }
        var part = Path.Combine(Path.GetDirectoryName(full)!, $".agb-{Guid.NewGuid():n}.part");
        try
        {
            make(part);
            if (hasDirectory)
            {
                Directory.Delete(full, recursive: true);
            }
            File.Move(part, full, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
        moved(1, 0);
    }

    /// <summary>Creates a link in its place. Not through a temporary name: File.Move looks at the link's target, which may be a
    /// directory.</summary>
    private void PlaceLink(string name, string target)
    {
        if (PlaceOf(name) is ({ } full, var hasDirectory))
        {
            if (hasDirectory)
            {
                Directory.Delete(full, recursive: true);
            }
            File.Delete(full);
            File.CreateSymbolicLink(full, target);
            moved(1, 0);
        }
    }

    /// <summary>The place of a file or link, null if the existing entry stays; and whether it holds a directory to remove
    /// because of -Force.</summary>
    private (string? Full, bool HasDirectory) PlaceOf(string name)
    {
        var full = _folder.Prepare(name);
        // One look-up: for a missing file all bits are set.
        var there = new FileInfo(full).Attributes;
        if (there == (FileAttributes)(-1))
        {
            return (full, false);
        }
        if ((there & (FileAttributes.Directory | FileAttributes.ReparsePoint)) != FileAttributes.Directory)
        {
            return (clobber ? full : null, false);
        }
        if (!force)
        {
            failed(name, "a directory is in its place on this machine; -Force replaces it");
        }
        return (force ? full : null, force);
    }

    private static void RemoveNoDirectory(string full)
    {
        if (File.Exists(full) || new FileInfo(full).LinkTarget is not null)
        {
            File.Delete(full);
        }
    }

    private void WriteFile(string part, TarEntry entry, DateTime modified, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(part, FileMode.CreateNew, FileAccess.Write);
        var length = entry.DataStream is { } content ? Copy(content, file, cancellationToken) : 0;
        if (length != entry.Length)
        {
            throw new IOException($"It ended after {length} of {entry.Length} bytes.");
        }
        Platform.SetMode(part, (int)entry.Mode);
        File.SetLastWriteTimeUtc(file, modified);
    }

    private long Copy(Stream content, SafeFileHandle file, CancellationToken cancellationToken)
    {
        var offset = 0L;
        var isHoleLast = false;
        int read;
        while ((read = content.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = _block.AsSpan(0, read);
            // A block of zeros becomes a hole: a sparse file does not fill the disk here.
            isHoleLast = read == _block.Length && !block.ContainsAnyExcept((byte)0);
            if (!isHoleLast)
            {
                RandomAccess.Write(file, block, offset);
            }
            offset += read;
            moved(0, read);
        }
        if (isHoleLast)
        {
            RandomAccess.SetLength(file, offset);
        }
        return offset;
    }
}
