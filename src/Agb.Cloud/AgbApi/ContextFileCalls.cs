using System.Globalization;
using System.Runtime.CompilerServices;

namespace Agb.Cloud;

/// <summary>Files of contexts by the AGB API: listed in pages, read and written by presigned URLs.</summary>
internal sealed class ContextFileCalls(ApiClient api, IAgbService owner)
{
    private const int PageSize = 50;

    private readonly PresignedFiles _presigned = new(api);

    /// <summary>The files in a directory, by name.</summary>
    internal async IAsyncEnumerable<AgbContextFile> ListAsync(
        string contextId, AgbContextFileQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = query.Skip;
        await foreach (var file in WalkAsync(contextId, query.Path, query.Recurse, cancellationToken).ConfigureAwait(false))
        {
            if (left-- <= 0)
            {
                yield return file;
            }
        }
    }

    /// <summary>One file, from its directory's list.</summary>
    internal async Task<AgbContextFile> GetAsync(string contextId, string path, CancellationToken cancellationToken)
    {
        if (path == "/")
        {
            return new AgbContextFile { Service = owner, ContextId = contextId, Path = path, Type = AgbFileType.Directory };
        }
        var found = (await ChildrenAsync(contextId, Parent(path), cancellationToken).ConfigureAwait(false)).Files.FirstOrDefault(f => f.Path == path);
        if (found is not null)
        {
            return found;
        }
        // A service without directories in its lists still lists their content.
        var (inside, requestId) = await ChildrenAsync(contextId, path, cancellationToken).ConfigureAwait(false);
        return inside.Count > 0
            ? new AgbContextFile { Service = owner, ContextId = contextId, Path = path, Type = AgbFileType.Directory }
            : throw CloudErrors.Shown(AgbErrors.FileNotFound(contextId, path), requestId);
    }

    /// <summary>Opens a file for reading.</summary>
    internal async Task<AgbContextFileContent> OpenAsync(string contextId, string path, long offset, CancellationToken cancellationToken)
    {
        var file = await GetAsync(contextId, path, cancellationToken).ConfigureAwait(false);
        RequireFile(file);
        if (offset >= file.Size && file.Size > 0)
        {
            return new AgbContextFileContent(file, Stream.Null);
        }
        var url = await UrlAsync(AgbRoutes.GetContextFileDownloadUrl, contextId, path, cancellationToken).ConfigureAwait(false);
        return new AgbContextFileContent(file, await _presigned.OpenAsync(url, contextId, path, offset, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes one change.</summary>
    internal Task ChangeAsync(string contextId, AgbContextFileChange change, CancellationToken cancellationToken)
    {
        var path = LinuxPath.NormalizeFile(change.Path);
        return change switch
        {
            AgbContextFileChange.Put put => PutAsync(contextId, path, put, cancellationToken),
            AgbContextFileChange.Remove remove => RemoveAsync(contextId, path, remove.Recurse, cancellationToken),
            AgbContextFileChange.MakeDirectory => throw AgbErrors.NotSupported(api.Name, "directories without files in contexts"),
            _ => throw AgbErrors.NotSupported(api.Name, "symbolic links in contexts"),
        };
    }

    private async Task PutAsync(string contextId, string path, AgbContextFileChange.Put put, CancellationToken cancellationToken)
    {
        if (path == "/")
        {
            throw WrongType(path, "is the root of the context");
        }
        var url = await UrlAsync(AgbRoutes.GetContextFileUploadUrl, contextId, path, cancellationToken).ConfigureAwait(false);
        var content = await put.Open(cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await _presigned.PutAsync(url, content, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RemoveAsync(string contextId, string path, bool recurse, CancellationToken cancellationToken)
    {
        var file = await GetAsync(contextId, path, cancellationToken).ConfigureAwait(false);
        if (file.Type != AgbFileType.Directory)
        {
            await DeleteAsync(contextId, path, cancellationToken).ConfigureAwait(false);
            return;
        }
        var content = new List<AgbContextFile>();
        await foreach (var inner in WalkAsync(contextId, path, recurse: true, cancellationToken).ConfigureAwait(false))
        {
            content.Add(inner);
        }
        if (content.Count > 0 && !recurse)
        {
            throw WrongType(path, "is a non-empty directory");
        }
        // The content of a directory comes after it in the list, and is removed first.
        foreach (var inner in content.Prepend(file).Reverse())
        {
            await (inner.Type == AgbFileType.Directory
                ? DeleteDirectoryAsync(contextId, inner.Path, cancellationToken)
                : DeleteAsync(contextId, inner.Path, cancellationToken)).ConfigureAwait(false);
        }
    }

    private async Task DeleteDirectoryAsync(string contextId, string path, CancellationToken cancellationToken)
    {
        try
        {
            await DeleteAsync(contextId, path, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.ErrorId == AgbErrorIds.FileNotFound)
        {
            // A store without real directories keeps none after the removal of their content.
        }
    }

    private Task<ApiReply> DeleteAsync(string contextId, string path, CancellationToken cancellationToken) => PlainErrors.OfFileAsync(
        contextId, path,
        () => api.CallAsync(
            ApiCall.PostQuery(AgbRoutes.DeleteContextFile, Repeat.WhenTurnedAway, ("contextId", contextId), ("filePath", path)), cancellationToken));

    private async Task<Uri> UrlAsync(string route, string contextId, string path, CancellationToken cancellationToken)
    {
        var reply = await PlainErrors.OfFileAsync(
            contextId, path,
            () => api.CallAsync(ApiCall.PostQuery(route, Repeat.Always, ("contextId", contextId), ("filePath", path)), cancellationToken)).ConfigureAwait(false);
        return Uri.TryCreate(reply.RequireData(WireJson.Default.FileUrlData).Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CloudErrors.Unreadable("the presigned URL is no address", reply.RequestId, reply.Status);
    }

    private async IAsyncEnumerable<AgbContextFile> WalkAsync(
        string contextId, string directory, bool recurse, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in (await ChildrenAsync(contextId, directory, cancellationToken).ConfigureAwait(false)).Files)
        {
            yield return file;
            if (recurse && file.Type == AgbFileType.Directory)
            {
                await foreach (var inner in WalkAsync(contextId, file.Path, recurse, cancellationToken).ConfigureAwait(false))
                {
                    yield return inner;
                }
            }
        }
    }

    // Services may or may not list subdirectories too: deeper entries are left out, and each directory is listed separately.
    private async Task<(IReadOnlyList<AgbContextFile> Files, string RequestId)> ChildrenAsync(
        string contextId, string directory, CancellationToken cancellationToken)
    {
        var children = new Dictionary<string, AgbContextFile>(StringComparer.Ordinal);
        for (var page = 1; ; page++)
        {
            var number = page.ToString(CultureInfo.InvariantCulture);
            var reply = await PlainErrors.OfContextAsync(contextId, () => api.CallAsync(
                ApiCall.PostQuery(
                    AgbRoutes.DescribeContextFiles, Repeat.Always, ("contextId", contextId), ("parentFolderPath", directory),
                    ("pageNumber", number), ("pageSize", PageSize.ToString(CultureInfo.InvariantCulture))),
                cancellationToken)).ConfigureAwait(false);
            var entries = Pages.Items(reply, WireJson.Default.IReadOnlyListContextFileEntry);
            var before = children.Count;
            foreach (var file in entries.Select(e => Placed(e.ToFile(contextId, owner), directory)).Where(f => Parent(f.Path) == directory && f.Path != directory))
            {
                children.TryAdd(file.Path, file);
            }
            // A service without paging would return the same page for ever.
            var isLast = entries.Count < PageSize || (reply.Envelope.Count is { } count && page * (long)PageSize >= count);
            if (isLast || (children.Count == before && entries.All(e => children.ContainsKey(e.FilePath ?? ""))))
            {
                return ([.. children.Values.OrderBy(f => f.Path, StringComparer.Ordinal)], reply.RequestId);
            }
        }
    }

    // Entries without a full path have only a name; a directory's path may end with a slash.
    private static AgbContextFile Placed(AgbContextFile file, string directory)
    {
        var path = file.Path.TrimEnd('/');
        var type = file.Path.Length > path.Length ? AgbFileType.Directory : file.Type;
        return file with
        {
            Path = path.LastIndexOf('/') <= 0 && directory != "/" && Parent(path) != directory ? $"{directory}/{path.TrimStart('/')}" : path,
            Type = type,
        };
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var end ? path[..end] : "/";

    private static void RequireFile(AgbContextFile file)
    {
        if (file.Type != AgbFileType.File)
        {
            throw WrongType(file.Path, file.Type == AgbFileType.Directory ? "is a directory" : "is a symbolic link");
        }
    }

    private static AgbException WrongType(string path, string fault) => new(
        AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"The path '{path}' {fault}.", "Name a path of the needed kind.", path);
}
