using System.Buffers;

namespace Agb.Engine;

/// <summary>Splits a stream of UTF-8 bytes, in chunks of any size, into lines.</summary>
internal sealed class LineSplitter(Action<string, bool> emit)
{
    private const int DecodedAtOnce = 4096;

    // Keeps the first bytes of a character split between two reads.
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();

    /// <summary>Takes bytes, and emits each completed line and each part of an overlong line.</summary>
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

    /// <summary>Emits an unterminated last line at the end of the stream.</summary>
    public void Complete()
    {
        // At most one replacement character, for an incomplete character.
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
                // Neither a surrogate pair nor CR LF is split.
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
