using Agb.PowerShell.Files;
using Agb.Protocol;

namespace Agb.PowerShell.Copying;

/// <summary>One thing of this machine that is copied.</summary>
/// <param name="Local">Its full path.</param>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Entry">What it is.</param>
internal sealed record CopyItem(string Local, string Name, TreeEntry Entry);

/// <summary>A tar archive of files of this machine, which is made as it is read: of the files one at a time is open, and their bytes go
/// straight to the reader.</summary>
/// <param name="items">What is in it, directories before what is in them.</param>
/// <param name="failed">Is told of a file that can't be read; it is left out, or, when it was begun, filled up with zeros.</param>
/// <param name="moved">Is told of files and bytes that are in the archive.</param>
internal sealed class TarSource(IEnumerable<CopyItem> items, Action<string, Exception?> failed, Action<long, long> moved) : ForwardStream
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
        // Not by the asynchronous calls of files: on Linux each of them is another thread's work.
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

    /// <summary>Writes what comes next.</summary>
    /// <returns>How many bytes; -1 at the end.</returns>
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
            // Its header has promised more. Whoever asked for the copy is told that this file is not whole.
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
            // Of the open file, not of the list: it may have changed since.
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
