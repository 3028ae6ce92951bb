using System.Text;

namespace Agb.Conformance;

/// <summary>Helpers for reading and changing files of contexts.</summary>
public static class ContextFiles
{
    /// <summary>A change for storing text.</summary>
    public static AgbContextFileChange.Put Put(string path, string text) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    /// <summary>A change for removing a path.</summary>
    public static AgbContextFileChange.Remove Remove(string path, bool recurse = false) => new(path, recurse);

    /// <summary>Changes files of a context.</summary>
    public static Task<AgbContextVersion?> ChangeAsync(this AgbContext context, params AgbContextFileChange[] changes) =>
        context.Service!.ChangeContextFilesAsync(context, changes.ToAsyncEnumerable(), TestContext.Current.CancellationToken);

    /// <summary>Stores text at paths.</summary>
    public static Task<AgbContextVersion?> PutAsync(this AgbContext context, params (string Path, string Text)[] files) =>
        context.ChangeAsync([.. files.Select(f => Put(f.Path, f.Text))]);

    /// <summary>The entries of a directory.</summary>
    public static Task<List<AgbContextFile>> ListAsync(this AgbContext context, AgbContextFileQuery query) =>
        context.Service!.ListContextFilesAsync(context, query, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>The full content of a version below a path: "path/" for a directory, "path=content" for a file, "path->target"
    /// for a link, in the order of the listing.</summary>
    public static async Task<string[]> TreeAsync(this AgbContext context, long? version = null, string path = "/")
    {
        var lines = new List<string>();
        foreach (var file in await context.ListAsync(new AgbContextFileQuery { Path = path, Recurse = true, Version = version }))
        {
            lines.Add(file.Type switch
            {
                AgbFileType.Directory => file.Path + "/",
                AgbFileType.SymbolicLink => $"{file.Path}->{file.LinkTarget}",
                _ => $"{file.Path}={await context.ReadAsync(file.Path, version)}",
            });
        }
        return [.. lines];
    }

    /// <summary>The text of a file.</summary>
    public static async Task<string> ReadAsync(this AgbContext context, string path, long? version = null, long offset = 0)
    {
        await using var content = await context.Service!.OpenContextFileAsync(
            context, path, version, offset, TestContext.Current.CancellationToken);
        return await content.ReadToEndAsync();
    }

    /// <summary>The rest of an open file as text.</summary>
    public static async Task<string> ReadToEndAsync(this AgbContextFileContent content)
    {
        using var reader = new StreamReader(content.Content, leaveOpen: true);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd('\n');
    }

    /// <summary>Describes one entry.</summary>
    public static Task<AgbContextFile> FileAsync(this AgbContext context, string path, long? version = null) =>
        context.Service!.GetContextFileAsync(context, path, version, TestContext.Current.CancellationToken);
}
