using Microsoft.Win32.SafeHandles;

namespace Agb.Linux;

/// <summary>Receives bytes as they are read.</summary>
internal delegate void ProcessTap(ReadOnlySpan<byte> bytes);

/// <summary>The read end of a pipe and the captured bytes: the first ones up to a limit; the rest is dropped.</summary>
internal sealed class ProcessCapture : IDisposable
{
    private readonly int _limit;
    private readonly ProcessTap? _tap;
    private byte[] _kept = [];
    private int _count;

    /// <summary>Makes the pipe.</summary>
    /// <param name="limit">The most bytes to keep.</param>
    /// <param name="tap">Receives all bytes as they are read, or null.</param>
    /// <param name="owner">The owner of the pipe; null for this process's user.</param>
    public ProcessCapture(int limit, ProcessTap? tap = null, (uint User, uint Group)? owner = null)
    {
        _limit = limit;
        _tap = tap;
        (ReadEnd, WriteEnd) = ProcessDescriptor.Pipe();
        if (owner is { } given)
        {
            WriteEnd.GiveTo(given);
        }
    }

    /// <summary>The parent's end; null after the end of the data.</summary>
    public ProcessDescriptor? ReadEnd { get; private set; }

    /// <summary>The child's end; disposed of once the child has it.</summary>
    public ProcessDescriptor WriteEnd { get; }

    /// <summary>Whether the data exceeded the limit.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The kept bytes.</summary>
    public byte[] ToArray() => _kept.AsSpan(0, _count).ToArray();

    /// <summary>Reads once; call it after poll(2) reports data.</summary>
    /// <param name="buffer">The read buffer.</param>
    /// <returns>The number of bytes read; 0 at the end.</returns>
    public int ReadSome(Span<byte> buffer)
    {
        if (ReadEnd is null)
        {
            return 0;
        }
        var count = ReadEnd.Read(buffer);
        if (count == 0)
        {
            ReadEnd.Dispose();
            ReadEnd = null;
            return 0;
        }
        Keep(buffer[..count]);
        _tap?.Invoke(buffer[..count]);
        return count;
    }

    /// <summary>Reads the present content of the pipe. Later writes are left, so this ends even with a constant writer.</summary>
    public void ReadRest(Span<byte> buffer)
    {
        if (ReadEnd is null)
        {
            return;
        }
        var left = ReadEnd.Available();
        while (left > 0)
        {
            var count = ReadSome(buffer[..Math.Min(left, buffer.Length)]);
            if (count == 0)
            {
                return;
            }
            left -= count;
        }
        // Empty and readable: every writer is gone.
        if (ReadEnd is { } end && end.Available() == 0 && ProcessWait.One(end, TimeSpan.Zero) && end.Available() == 0)
        {
            ReadEnd = null;
            end.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        WriteEnd.Dispose();
        ReadEnd?.Dispose();
        ReadEnd = null;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var room = Math.Min(bytes.Length, _limit - _count);
        Truncated |= room < bytes.Length;
        if (room == 0)
        {
            return;
        }
        if (_kept.Length < _count + room)
        {
            var wanted = Math.Max(_count + room, Math.Max(256, (int)Math.Min(_limit, 2L * _kept.Length)));
            Array.Resize(ref _kept, wanted);
        }
        bytes[..room].CopyTo(_kept.AsSpan(_count));
        _count += room;
    }
}
