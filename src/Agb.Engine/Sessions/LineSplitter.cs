using System.Buffers;
using System.Text;

namespace Agb.Engine;

/// <summary>Cuts a stream of UTF-8 bytes, which comes in pieces of any size, into lines.</summary>
internal sealed class LineSplitter(Action<string, bool> emit)
{
    private const int DecodedAtOnce = 4096;

    // Keeps the beginning of a character that is cut between two reads.
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();

    /// <summary>Takes bytes; emits each line that they end, and whether it goes on because it was too long for one.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<char>.Shared.Rent(DecodedAtOnce);
        try
        {
            while (bytes.Length > 0)
            {
                _decoder.Convert(bytes, buffer, flush: false, out var used, out var count, out _);
                bytes = bytes[used..];
                Split(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>The stream has ended: emits a last line that has no end.</summary>
    public void Complete()
    {
        // At most one replacement character, for a character that was never finished.
        Span<char> rest = stackalloc char[8];
        _decoder.Convert([], rest, flush: true, out _, out var count, out _);
        Split(rest[..count]);
        if (_line.Length > 0)
        {
            Emit(_line.Length, isPartial: false);
        }
    }

    private void Split(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            var end = text.IndexOf('\n');
            var part = end < 0 ? text : text[..end];
            while (_line.Length + part.Length > AgbCommandOutput.MaxTextLength)
            {
                var room = AgbCommandOutput.MaxTextLength - _line.Length;
                _line.Append(part[..room]);
                part = part[room..];
                // A character of two halves stays whole, and a CR with its LF.
                var last = _line[^1];
                Emit(char.IsHighSurrogate(last) || last == '\r' ? _line.Length - 1 : _line.Length, isPartial: true);
            }
            _line.Append(part);
            if (end < 0)
            {
                return;
            }
            if (_line.Length > 0 && _line[^1] == '\r')
            {
                _line.Length--;
            }
            Emit(_line.Length, isPartial: false);
            text = text[(end + 1)..];
        }
    }

    private void Emit(int length, bool isPartial)
    {
        var text = _line.ToString(0, length);
        _line.Remove(0, length);
        emit(text, isPartial);
    }
}
