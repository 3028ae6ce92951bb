using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>Endpoints for presigned URLs: one file of a context, or of a session through its internal context.</summary>
internal static class ObjectEndpoints
{
    private const string Pattern = SignedLinks.ObjectPath + "/{owner}/{context}";

    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(Pattern, HttpMethods.Put, AccessKind.PresignedUrl, PutAsync).AsWork();
        routes.Map(Pattern, HttpMethods.Get, AccessKind.PresignedUrl, GetAsync).AsWork();
        routes.Map(Pattern, HttpMethods.Head, AccessKind.PresignedUrl, GetAsync).AsWork();
    }

    private static async Task PutAsync(Call call)
    {
        var request = call.Http.Request;
        if (request.ContentLength is null && !call.Http.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            call.Http.Response.StatusCode = StatusCodes.Status411LengthRequired;
            return;
        }
        if (request.ContentLength > call.Options.MaxUploadBytes)
        {
            call.Http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }
        call.Http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = call.Options.MaxUploadBytes;
        var (contextId, path) = FileOf(call);
        var content = new CountedStream(request.Body);
        string? etag = null;
        if (InternalContextId.SessionOf(contextId) is { } sessionId)
        {
            await call.Owner.RequireSessionAsync(call.About(sessionId), call.Aborted).ConfigureAwait(false);
            await call.Owner.Transfers.PutAsync(sessionId, path, content, call.Aborted).ConfigureAwait(false);
        }
        else
        {
            AgbContextFileChange[] changes = [new AgbContextFileChange.Put(path, _ => Task.FromResult<Stream>(content))];
            await call.Service.ChangeContextFilesAsync(new ContextId(contextId), changes.ToAsyncEnumerable(), call.Aborted).ConfigureAwait(false);
            etag = (await call.Service.GetContextFileAsync(new ContextId(contextId), path, cancellationToken: call.Aborted).ConfigureAwait(false)).ETag;
        }
        call.Telemetry.Moved("in", content.Count);
        call.Http.Response.Headers.ETag = FileAnswer.Quote(etag ?? Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture));
        await call.OkAsync().ConfigureAwait(false);
    }

    private static async Task GetAsync(Call call)
    {
        var (contextId, path) = FileOf(call);
        if (InternalContextId.SessionOf(contextId) is { } sessionId)
        {
            await GetFromSessionAsync(call, call.About(sessionId), contextId, path).ConfigureAwait(false);
            return;
        }
        var file = await call.Service.GetContextFileAsync(new ContextId(contextId), path, cancellationToken: call.Aborted).ConfigureAwait(false);
        if (file.Type != AgbFileType.File)
        {
            throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidState, $"'{path}' of the context '{contextId}' is a {file.Type}, not a file.", null, path);
        }
        var answer = new FileAnswer(call.Http, file.Size, file.ModifiedAt, file.ETag);
        if (answer.Begin() is not { } range)
        {
            return;
        }
        var content = await call.Service.OpenContextFileAsync(new ContextId(contextId), path, offset: range.Offset, cancellationToken: call.Aborted).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            // Changed since the lookup: the head of the answer would not match the content.
            if (content.File.ETag != file.ETag || content.File.Size != file.Size)
            {
                throw new AgbException(AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidState, $"'{path}' was replaced during the read.", "Read it again.", path);
            }
            await answer.SendAsync(content.Content, range.Length).ConfigureAwait(false);
        }
        call.Telemetry.Moved("out", range.Length);
    }

    private static async Task GetFromSessionAsync(Call call, string sessionId, string contextId, string path)
    {
        await call.Owner.RequireSessionAsync(sessionId, call.Aborted).ConfigureAwait(false);
        var staged = call.Owner.Transfers.OpenStaged(sessionId, path);
        if (staged is not null)
        {
            await using (staged.ConfigureAwait(false))
            {
                var answer = new FileAnswer(call.Http, staged.Length, File.GetLastWriteTimeUtc(staged.SafeFileHandle), null);
                if (answer.Begin() is { } range)
                {
                    staged.Position = range.Offset;
                    await answer.SendAsync(staged, range.Length).ConfigureAwait(false);
                    call.Telemetry.Moved("out", range.Length);
                }
            }
            return;
        }
        var file = await call.Owner.Transfers.Files.FindAsync(sessionId, path, call.Aborted).ConfigureAwait(false)
            ?? throw AgbErrors.FileNotFound(contextId, path);
        var live = new FileAnswer(call.Http, file.Size, file.ModifiedAt, file.ETag);
        if (live.Begin() is { } part)
        {
            await live.SendAsync(call.Owner.Transfers.Files.ReadAsync(sessionId, path, part.Offset, part.Length, call.Aborted)).ConfigureAwait(false);
            call.Telemetry.Moved("out", part.Length);
        }
    }

    private static (string ContextId, string Path) FileOf(Call call) => ((string)call.Http.GetRouteValue("context")!, call.RequireQuery("path"));
}
