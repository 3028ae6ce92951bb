using System.Buffers;
using System.IO.Compression;

namespace Agb.Store;

/// <summary>A piece of a member's content on its way into a zip. Each piece is deflated for itself: pieces before the last end at a
/// byte, so that they can follow each other.</summary>
internal sealed class ZipBlock(ZipRecord member, byte[] content, int length) : IDisposable
{
    /// <summary>Most bytes of content.</summary>
    internal const int Size = 1 << 20;

    private byte[]? _packed;
    private int _packedLength;

    internal ZipRecord Member => member;

    internal ReadOnlySpan<byte> Content => content.AsSpan(0, length);

    internal bool IsFirst { get; init; }

    internal bool IsLast { get; init; }

    /// <summary>The shorter form of a whole member, else the deflated one.</summary>
    internal ReadOnlySpan<byte> Packed => IsDeflated ? _packed.AsSpan(0, _packedLength) : Content;

    internal bool IsDeflated => !(IsFirst && IsLast) || _packedLength < length;

    /// <summary>The running work.</summary>
    internal Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Begins the work in another thread.</summary>
    internal void Start()
    {
        if (length > 0 || !IsFirst)
        {
            Work = Task.Run(Deflate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(content);
        if (_packed is not null)
        {
            ArrayPool<byte>.Shared.Return(_packed);
        }
    }

    private void Deflate()
    {
        // Incompressible content grows by some bytes for every 16 KiB.
        _packed = ArrayPool<byte>.Shared.Rent(length + (length >> 6) + 256);
        if (length == 0)
        {
            // A DeflateStream without content writes nothing, not even this end.
            (_packed[0], _packed[1], _packedLength) = (3, 0, 2);
            return;
        }
        var target = new MemoryStream(_packed);
        using var deflate = new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(Content);
        if (IsLast)
        {
            deflate.Dispose();
        }
        else
        {
            deflate.Flush();
        }
        _packedLength = (int)target.Position;
    }
}
