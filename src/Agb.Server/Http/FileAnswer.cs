using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agb.Server;

/// <summary>A part of a file.</summary>
/// <param name="Offset">Its offset in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct FileRange(long Offset, long Length);

/// <summary>Answers with a file or the requested range (RFC 9110, sections 13 and 14). For several ranges it sends the whole
/// file, as the RFC allows.</summary>
internal sealed class FileAnswer(HttpContext context, long size, DateTimeOffset modifiedAt, string? etag)
{
    internal const int BufferBytes = 128 * 1024;

    private readonly EntityTagHeaderValue? _etag = etag is null ? null : new EntityTagHeaderValue(Quote(etag));

    /// <summary>An entity tag in HTTP form.</summary>
    internal static string Quote(string etag) => etag is ['"', .., '"'] ? etag : $"\"{etag.Replace("\"", "", StringComparison.Ordinal)}\"";

    /// <summary>Writes the head.</summary>
    /// <returns>The range to send; null for an answer without content.</returns>
    internal FileRange? Begin()
    {
        var response = context.Response;
        var headers = response.GetTypedHeaders();
        response.ContentType = "application/octet-stream";
        response.Headers.AcceptRanges = "bytes";
        headers.LastModified = modifiedAt;
        headers.ETag = _etag;
        var conditions = context.Request.GetTypedHeaders();
        if (_etag is not null && conditions.IfNoneMatch.Any(t => t.Compare(_etag, useStrongComparison: false) || t.Tag == "*"))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return null;
        }
        var whole = new FileRange(0, size);
        var part = RangeOf(conditions);
        if (part is null && IsOutside(conditions))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
            response.ContentLength = 0;
            return null;
        }
        if (part is { } range)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = new ContentRangeHeaderValue(range.Offset, range.Offset + range.Length - 1, size);
        }
        response.ContentLength = (part ?? whole).Length;
        return HttpMethods.IsHead(context.Request.Method) ? null : part ?? whole;
    }

    /// <summary>Sends a number of bytes from a stream, read into the memory of the connection's pipe.</summary>
    internal async Task SendAsync(Stream content, long length)
    {
        var (writer, aborted) = (context.Response.BodyWriter, context.RequestAborted);
        while (length > 0)
        {
            aborted.ThrowIfCancellationRequested();
            var memory = writer.GetMemory(BufferBytes)[..(int)Math.Min(BufferBytes, length)];
            // A local file is read by this thread: an asynchronous read would be the same on another one.
            var count = content is FileStream ? content.Read(memory.Span) : await content.ReadAsync(memory, aborted).ConfigureAwait(false);
            if (count == 0)
            {
                throw new EndOfStreamException("The file ended before its size.");
            }
            writer.Advance(count);
            await writer.FlushAsync(aborted).ConfigureAwait(false);
            length -= count;
        }
    }

    /// <summary>Sends slices.</summary>
    internal async Task SendAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> slices)
    {
        await foreach (var slice in slices.WithCancellation(context.RequestAborted).ConfigureAwait(false))
        {
            await context.Response.Body.WriteAsync(slice, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private RangeItemHeaderValue? OnlyRange(Microsoft.AspNetCore.Http.Headers.RequestHeaders conditions)
    {
        if (conditions.Range is not { Ranges.Count: 1 } asked || asked.Unit != new StringSegment("bytes"))
        {
            return null;
        }
        // A client with a part of another version needs the whole file.
        var condition = conditions.IfRange;
        var isSame = condition is null
            || (condition.EntityTag is { } tag && _etag is not null && tag.Compare(_etag, useStrongComparison: true))
            || (condition.LastModified is { } time && time.ToUnixTimeSeconds() == modifiedAt.ToUnixTimeSeconds());
        return isSame ? asked.Ranges.First() : null;
    }

    private FileRange? RangeOf(Microsoft.AspNetCore.Http.Headers.RequestHeaders conditions) => OnlyRange(conditions) switch
    {
        { From: { } from, To: var to } when from < size => new FileRange(from, Math.Min(to ?? size - 1, size - 1) - from + 1),
        { From: null, To: { } last } when last > 0 && size > 0 => new FileRange(Math.Max(0, size - last), Math.Min(last, size)),
        _ => null,
    };

    private bool IsOutside(Microsoft.AspNetCore.Http.Headers.RequestHeaders conditions) => OnlyRange(conditions) is not null;
}
