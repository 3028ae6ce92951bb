using System.Buffers;
using System.IO.Hashing;

namespace Agb.Store;

/// <summary>Writes a zip. Content is deflated by all processors, and written in order; the memory is bounded by the content on its
/// way.</summary>
/// <param name="target">The empty file.</param>
/// <param name="written">Gets the bytes of written content.</param>
/// <param name="cancellationToken">Cancels.</param>
internal sealed class ZipWriter(FileStream target, Action<long> written, CancellationToken cancellationToken) : IDisposable
{
    private const int MostBytes = 8 * ZipBlock.Size;
    private const int MostBlocks = 256;

    private readonly Queue<ZipBlock> _blocks = new();
    private readonly List<byte[]> _central = [];
    private readonly Crc32 _sum = new();
    private long _bytes;

    /// <summary>Adds a member with small content.</summary>
    internal void Add(ZipRecord member, ReadOnlySpan<byte> content)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(content.Length);
        content.CopyTo(buffer);
        Begin(new ZipBlock(member, buffer, content.Length) { IsFirst = true, IsLast = true });
    }

    /// <summary>Adds a member with the content of a file.</summary>
    internal void Add(ZipRecord member, Fd content)
    {
        using var file = FdStream.OpenRead(content, bufferSize: 0);
        for (var (isFirst, isLast) = (true, false); !isLast; isFirst = false)
        {
            // One byte more than expected, to see the end in the same read.
            var most = (int)Math.Clamp(member.Expected + 1, 1, ZipBlock.Size);
            var buffer = ArrayPool<byte>.Shared.Rent(most);
            var length = file.ReadAtLeast(buffer.AsSpan(0, most), most, throwOnEndOfStream: false);
            isLast = length < most;
            Begin(new ZipBlock(member, buffer, length) { IsFirst = isFirst, IsLast = isLast });
        }
    }

    /// <summary>Writes the rest, and the central directory.</summary>
    internal void Finish()
    {
        while (_blocks.Count > 0)
        {
            WriteNext();
        }
        var start = target.Position;
        foreach (var header in _central)
        {
            target.Write(header);
        }
        target.Write(ZipRecord.End(_central.Count, start, target.Position - start));
        target.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            // After a failure the work goes on until its end, in memory of its own; its error adds nothing.
            block.Work.ContinueWith(static (w, b) => { _ = w.Exception; ((ZipBlock)b!).Dispose(); }, block, TaskScheduler.Default);
        }
        _blocks.Clear();
    }

    private void Begin(ZipBlock block)
    {
        _blocks.Enqueue(block);
        _bytes += block.Content.Length;
        block.Start();
        while (_bytes > MostBytes || _blocks.Count > MostBlocks)
        {
            WriteNext();
        }
    }

    private void WriteNext()
    {
        cancellationToken.ThrowIfCancellationRequested();
        var block = _blocks.Peek();
        block.Work.GetAwaiter().GetResult();
        _sum.Append(block.Content);
        var member = block.Member;
        member.Size += block.Content.Length;
        member.Packed += block.Packed.Length;
        if (block.IsFirst)
        {
            member.Offset = target.Position;
            member.IsDeflated = block.IsDeflated;
        }
        if (block.IsLast)
        {
            member.Crc = _sum.GetCurrentHashAsUInt32();
            _sum.Reset();
        }
        if (block.IsFirst)
        {
            target.Write(member.Local());
        }
        target.Write(block.Packed);
        if (block.IsLast)
        {
            if (!block.IsFirst)
            {
                WriteHeaderAgain(member);
            }
            _central.Add(member.Central());
        }
        written(block.Content.Length);
        _bytes -= block.Content.Length;
        _blocks.Dequeue().Dispose();
    }

    /// <summary>Completes the header of a member with several pieces.</summary>
    private void WriteHeaderAgain(ZipRecord member)
    {
        var end = target.Position;
        target.Position = member.Offset;
        target.Write(member.Local());
        target.Position = end;
    }
}
