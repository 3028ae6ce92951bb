using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Agb.Protocol;

/// <summary>Changes of files as a stream of bytes, of any length and never whole in memory.</summary>
/// <remarks>Each part is four bytes of length (big-endian) and as many bytes of content. A change is one part with the JSON of a
/// <see cref="FileChange"/>; the content of a Put follows as any number of parts and one of length 0. The last change is an End;
/// a stream without it was cut off.</remarks>
public static class ChangeStream
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/x-agb-changes";

    private const int ContentPart = 64 * 1024;
    private const int LargestPart = 1024 * 1024;

    /// <summary>Writes changes, opening each content when its turn comes.</summary>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default)
    {
        await foreach (var change in changes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await WriteChangeAsync(output, ToMessage(change), cancellationToken).ConfigureAwait(false);
            if (change is AgbContextFileChange.Put put)
            {
                await WriteContentAsync(output, put, cancellationToken).ConfigureAwait(false);
            }
        }
        await WriteChangeAsync(output, new FileChange { Kind = FileChangeKind.End }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads changes as they come. The content of a Put can be read until the request for the next change; the rest is
    /// then skipped.</summary>
    /// <param name="input">The stream; not disposed.</param>
    /// <param name="mostBytes">The maximum size of one file in bytes; null for no limit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AgbException">InvalidRequest: not a change stream, an early end, or a file above the limit.</exception>
    public static async IAsyncEnumerable<AgbContextFileChange> ReadAsync(
        Stream input, long? mostBytes = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await ReadChangeAsync(input, cancellationToken).ConfigureAwait(false) is { Kind: not FileChangeKind.End } message)
        {
            if (message.Kind == FileChangeKind.Put)
            {
                var path = PathOf(message);
                var content = new ChangeContent(input, path, mostBytes);
                yield return new AgbContextFileChange.Put(path, _ => Task.FromResult<Stream>(content))
                {
                    Mode = message.Mode,
                    ModifiedAt = message.ModifiedAt,
                };
                await content.PassOverAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                yield return FromMessage(message);
            }
        }
    }

    /// <summary>Reads the length of the next part.</summary>
    internal static async ValueTask<int> ReadLengthAsync(Stream input, CancellationToken cancellationToken)
    {
        var header = new byte[sizeof(int)];
        await FillAsync(input, header, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(header);
        return length is >= 0 and <= LargestPart
            ? length
            : throw Invalid($"a part of {(uint)length} bytes; at most {LargestPart} are allowed");
    }

    internal static AgbException Invalid(string what, Exception? inner = null) => new(
        AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, $"The stream of changes can't be read: it has {what}.",
        "Follow the protocol, with an End as the last change.", inner: inner);

    private static async Task WriteChangeAsync(Stream output, FileChange change, CancellationToken cancellationToken) =>
        await WritePartAsync(output, JsonSerializer.SerializeToUtf8Bytes(change, ChangeJson.Default.FileChange), cancellationToken).ConfigureAwait(false);

    private static async Task WriteContentAsync(Stream output, AgbContextFileChange.Put put, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ContentPart);
        try
        {
            var content = await put.Open(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                int count;
                do
                {
                    count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                    await WritePartAsync(output, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }
                while (count > 0);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task WritePartAsync(Stream output, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var header = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(header, bytes.Length);
        await output.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        await output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<FileChange> ReadChangeAsync(Stream input, CancellationToken cancellationToken)
    {
        var json = new byte[await ReadLengthAsync(input, cancellationToken).ConfigureAwait(false)];
        await FillAsync(input, json, cancellationToken).ConfigureAwait(false);
        return WireReader.Read(json, ChangeJson.Default.FileChange, "change");
    }

    private static async ValueTask FillAsync(Stream input, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await input.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw Invalid("no end: it was cut off", e);
        }
    }

    private static FileChange ToMessage(AgbContextFileChange change) => change switch
    {
        AgbContextFileChange.Put put => new FileChange { Kind = FileChangeKind.Put, Path = put.Path, Mode = put.Mode, ModifiedAt = put.ModifiedAt },
        AgbContextFileChange.MakeDirectory directory => new FileChange { Kind = FileChangeKind.MakeDirectory, Path = directory.Path, Mode = directory.Mode },
        AgbContextFileChange.Link link => new FileChange { Kind = FileChangeKind.Link, Path = link.Path, Target = link.Target },
        AgbContextFileChange.Remove remove => new FileChange { Kind = FileChangeKind.Remove, Path = remove.Path, Recurse = remove.Recurse },
        _ => throw new ArgumentException($"Not a known change: {change.GetType().Name}.", nameof(change)),
    };

    private static AgbContextFileChange FromMessage(FileChange message) => message.Kind switch
    {
        FileChangeKind.MakeDirectory => new AgbContextFileChange.MakeDirectory(PathOf(message)) { Mode = message.Mode },
        FileChangeKind.Link => new AgbContextFileChange.Link(PathOf(message), message.Target ?? throw Invalid("a link without a target")),
        _ => new AgbContextFileChange.Remove(PathOf(message), message.Recurse),
    };

    private static string PathOf(FileChange message) => message.Path ?? throw Invalid("a change without a path");
}
