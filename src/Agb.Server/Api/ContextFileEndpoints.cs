namespace Agb.Server;

/// <summary>Files of contexts: presigned URLs, lists, deletion. The internal context of file transfers shows files of its session.</summary>
internal static class ContextFileEndpoints
{
    private const int StandardPageSize = 50;
    private const int LargestPageSize = 1000;

    /// <summary>The most files counted behind a page. With more files the answer has no count.</summary>
    private const int CountedBehind = 10_000;

    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.GetContextFileUploadUrl, WireJson.Default.FileUrlData, c => SignAsync(c, "PUT"));
        routes.Post(AgbRoutes.GetContextFileDownloadUrl, WireJson.Default.FileUrlData, c => SignAsync(c, "GET"));
        routes.Change(AgbRoutes.DeleteContextFile, DeleteAsync);
        routes.Post(AgbRoutes.DescribeContextFiles, ListAsync);
    }

    private static async Task<FileUrlData> SignAsync(Call call, string method)
    {
        var (contextId, path) = (call.RequireQuery("contextId"), LinuxPath.NormalizeFile(call.RequireQuery("filePath"), "file path"));
        if (InternalContextId.SessionOf(contextId) is { } sessionId)
        {
            await call.Owner.RequireSessionAsync(call.About(sessionId), call.Aborted).ConfigureAwait(false);
        }
        else
        {
            contextId = await ContextEndpoints.IdOfAsync(call, contextId).ConfigureAwait(false);
        }
        var expires = call.Options.TimeProvider.GetUtcNow() + call.Options.PresignedUrlLifetime;
        var url = call.BaseUrl + call.Links.PresignedUrl(new PresignedFile(method, call.Owner.Id, contextId, path), expires);
        return new FileUrlData(url, expires.ToUnixTimeSeconds());
    }

    private static async Task DeleteAsync(Call call)
    {
        var (contextId, path) = (call.RequireQuery("contextId"), LinuxPath.NormalizeFile(call.RequireQuery("filePath"), "file path"));
        if (InternalContextId.SessionOf(contextId) is { } sessionId)
        {
            await call.Owner.RequireSessionAsync(call.About(sessionId), call.Aborted).ConfigureAwait(false);
            call.Owner.Transfers.Delete(sessionId, path);
        }
        else
        {
            AgbContextFileChange[] changes = [new AgbContextFileChange.Remove(path)];
            await call.Service.ChangeContextFilesAsync(
                await ContextEndpoints.IdOfAsync(call, contextId).ConfigureAwait(false), changes.ToAsyncEnumerable(), call.Aborted).ConfigureAwait(false);
        }
    }

    private static async Task ListAsync(Call call)
    {
        var contextId = call.RequireQuery("contextId");
        var folder = LinuxPath.NormalizeFile(call.Query("parentFolderPath") ?? "/", "folder path");
        var size = call.QueryNumber("pageSize", StandardPageSize, LargestPageSize);
        var skip = (long)(call.QueryNumber("pageNumber", 1, int.MaxValue) - 1) * size;
        var (items, count) = await TakeAsync(await FilesAsync(call, contextId, folder).ConfigureAwait(false), skip, size, call.Aborted).ConfigureAwait(false);
        await call.OkAsync([.. items.Select(ContextFileEntry.From)], WireJson.Default.IReadOnlyListContextFileEntry, e => e with { Count = count })
            .ConfigureAwait(false);
    }

    private static async Task<IAsyncEnumerable<AgbContextFile>> FilesAsync(Call call, string contextId, string folder)
    {
        if (InternalContextId.SessionOf(contextId) is { } sessionId)
        {
            await call.Owner.RequireSessionAsync(call.About(sessionId), call.Aborted).ConfigureAwait(false);
            return call.Owner.Transfers.List(sessionId, folder).ToAsyncEnumerable();
        }
        return call.Service.ListContextFilesAsync(
            await ContextEndpoints.IdOfAsync(call, contextId).ConfigureAwait(false), new AgbContextFileQuery { Path = folder }, call.Aborted);
    }

    private static async Task<(List<AgbContextFile> Items, long? Count)> TakeAsync(
        IAsyncEnumerable<AgbContextFile> files, long skip, int size, CancellationToken cancellationToken)
    {
        var items = new List<AgbContextFile>();
        var seen = 0L;
        await foreach (var file in files.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            seen++;
            if (seen > skip && items.Count < size)
            {
                items.Add(file);
            }
            else if (seen > skip + size + CountedBehind)
            {
                return (items, null);
            }
        }
        return (items, seen);
    }
}
