using Agb.Protocol;

namespace Agb.PowerShell;

/// <summary>A local entry to copy.</summary>
/// <param name="Local">The full path.</param>
/// <param name="Name">The path in the archive.</param>
/// <param name="Entry">The entry.</param>
internal sealed record CopyItem(string Local, string Name, TreeEntry Entry);

/// <summary>A tar archive of local files, produced while it is read: one file at a time is open, and its bytes go straight to
/// the reader.</summary>
/// <param name="items">The content, directories before their content.</param>
/// <param name="failed">Receives unreadable files. Such a file is left out, or, if already begun, filled up with zeros.</param>
/// <param name="moved">Receives the files and bytes put into the archive.</param>
internal sealed class TarSource(IEnumerable<CopyItem> items, Action<string, Exception?> failed, Action<long, long> moved) : AsyncForwardStream
{
    private readonly IEnumerator<CopyItem> _items = items.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;
    private FileStream? _file;
    private string _local = "";
    private long _left;
    private long _padding;
    private bool _isAtEnd;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Not through asynchronous file calls: on Linux each of them is work of another thread.
        var filled = 0;
        while (filled < buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Fill(buffer.Span[filled..]);
            if (count < 0)
            {
                break;
            }
            filled += count;
        }
        return ValueTask.FromResult(filled);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _items.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Writes the next bytes.</summary>
    /// <returns>The number of bytes; -1 at the end.</returns>
    private int Fill(Span<byte> buffer)
    {
        if (!_rest.IsEmpty)
        {
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest.Span[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
        if (_left > 0)
        {
            return Content(buffer[..(int)Math.Min(buffer.Length, _left)]);
        }
        if (_padding > 0)
        {
            var count = (int)Math.Min(buffer.Length, _padding);
            buffer[..count].Clear();
            _padding -= count;
            return count;
        }
        return Next() ? 0 : -1;
    }

    private int Content(Span<byte> buffer)
    {
        var count = 0;
        try
        {
            count = _file?.Read(buffer) ?? 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failed(_local, e);
            CloseFile();
        }
        if (count == 0)
        {
            // The header promised more bytes. The caller learns that this file is not whole.
            if (_file is not null)
            {
                failed(_local, new IOException("It became shorter while it was copied."));
                CloseFile();
            }
            count = buffer.Length;
            buffer.Clear();
        }
        _left -= count;
        moved(0, count);
        if (_left == 0)
        {
            CloseFile();
        }
        return count;
    }

    private bool Next()
    {
        if (_isAtEnd)
        {
            return false;
        }
        if (!_items.MoveNext())
        {
            // Two empty blocks (pax(1)).
            _isAtEnd = true;
            _padding = 2 * TarHeader.Block;
            return true;
        }
        var (local, name, entry) = _items.Current;
        if (entry.Type == AgbFileType.File)
        {
            try
            {
                _file = new FileStream(local, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed(local, e);
                return true;
            }
            // Length of the open file, not of the list: it may have changed since.
            (_local, _left) = (local, _file.Length);
            _padding = TarHeader.Padded(_left) - _left;
            if (_left == 0)
            {
                CloseFile();
            }
        }
        var (type, mode) = entry.Type switch
        {
            AgbFileType.Directory => ('5', entry.Mode ?? 0x1ED),
            AgbFileType.SymbolicLink => ('2', 0x1FF),
            _ => ('0', entry.Mode ?? 0x1A4),
        };
        _rest = TarHeader.Of(type == '5' ? name + "/" : name, type, mode, entry.Type == AgbFileType.File ? _left : 0, entry.ModifiedAt, entry.LinkTarget ?? "");
        moved(1, 0);
        return true;
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
    }
}
