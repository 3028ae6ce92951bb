using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell.TestService;

/// <content>Files and versions of contexts.</content>
public sealed partial class MemoryService
{
    private readonly ConcurrentDictionary<string, List<MemoryTree>> _trees = new();

    /// <summary>Whether files have an ETag.</summary>
    public bool HasTags { get; set; } = true;

    /// <summary>When set, reading a file breaks off after so many bytes.</summary>
    public int? BreakReadAfter { get; set; }

    /// <summary>When set, each byte of a file is read when this lets it.</summary>
    public SemaphoreSlim? ReadGate { get; set; }

    /// <summary>Listed as they are, in place of what the contexts hold: for names that no honest service tells.</summary>
    public AgbContextFile[]? Listed { get; set; }

    /// <summary>How many bytes readers have read of files.</summary>
    public long BytesRead => _bytesRead;

    private long _bytesRead;

    /// <summary>Stores a text as a file: a version of its own.</summary>
    public void Store(ContextId contextId, string path, string text, DateTimeOffset? time = null) => Commit(
        contextId, AgbVersionOrigin.Upload, tree => tree.With(path, File(System.Text.Encoding.UTF8.GetBytes(text), null, time)));

    /// <summary>Stores a symbolic link: a version of its own.</summary>
    public void StoreLink(ContextId contextId, string path, string target) => Commit(
        contextId, AgbVersionOrigin.Upload,
        tree => tree.With(path, new MemoryTree.Entry(AgbFileType.SymbolicLink, [], null, TimeProvider.System.GetUtcNow(), target)));

    /// <inheritdoc/>
    public Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default)
    {
        newName = RequestRules.ContextName(newName);
        Calls.Enqueue($"RenameContext {contextId} {newName}");
        if (_contexts.Values.Any(c => c.Name == newName && c.Id != contextId))
        {
            throw AgbErrors.ContextAlreadyExists(newName);
        }
        return Task.FromResult(_contexts[contextId] = FindContext(contextId) with { Name = newName });
    }

    /// <inheritdoc/>
    public Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"ClearContext {contextId} {noWait}");
        var context = FindContext(contextId);
        Commit(contextId, AgbVersionOrigin.Clear, tree => tree with { Entries = tree.Entries.Clear() });
        return Task.FromResult(noWait ? context with { State = AgbContextState.Clearing } : context);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"ListContextFiles {contextId} {query.Path}");
        var context = FindContext(contextId);
        var path = LinuxPath.NormalizeFile(query.Path);
        await Task.Yield();
        foreach (var file in Listed ?? Tree(contextId, query.Version).Below(path, query.Recurse).Select(e => e.Entry.ToFile(context, e.Path, HasTags)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    /// <inheritdoc/>
    public Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default) => Task.FromResult(
        Tree(contextId, version).Entries.TryGetValue(LinuxPath.NormalizeFile(path), out var entry)
            ? entry.ToFile(FindContext(contextId), LinuxPath.NormalizeFile(path), HasTags)
            : throw AgbErrors.FileNotFound(contextId, path));

    /// <inheritdoc/>
    public async Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"OpenContextFile {path} {offset}");
        var file = await GetContextFileAsync(contextId, path, version, cancellationToken);
        var content = Tree(contextId, version).Entries[file.Path].Content;
        return file.Type != AgbFileType.File
            ? throw new AgbException(AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"'{path}' is no file.")
            : new AgbContextFileContent(file, new BreakingStream(content[(int)Math.Min(offset, content.Length)..], this));
    }

    /// <inheritdoc/>
    public async Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default)
    {
        FindContext(contextId);
        Calls.Enqueue($"ChangeContextFiles {contextId}");
        var all = new List<Func<MemoryTree, MemoryTree>>();
        await foreach (var change in changes.WithCancellation(cancellationToken))
        {
            var path = LinuxPath.NormalizeFile(change.Path);
            switch (change)
            {
                case AgbContextFileChange.Put put:
                    await using (var content = await put.Open(cancellationToken))
                    {
                        using var bytes = new MemoryStream();
                        await content.CopyToAsync(bytes, cancellationToken);
                        all.Add(tree => tree.With(path, File(bytes.ToArray(), put.Mode, put.ModifiedAt)));
                    }
                    break;
                case AgbContextFileChange.MakeDirectory make:
                    all.Add(tree => tree.Entries.TryGetValue(path, out var there) && there.Type == AgbFileType.Directory
                        ? tree
                        : tree.With(path, new MemoryTree.Entry(AgbFileType.Directory, [], make.Mode ?? 0x1ED, TimeProvider.System.GetUtcNow(), null)));
                    break;
                case AgbContextFileChange.Link link:
                    all.Add(tree => tree.With(
                        path, new MemoryTree.Entry(AgbFileType.SymbolicLink, [], null, TimeProvider.System.GetUtcNow(), link.Target)));
                    break;
                case AgbContextFileChange.Remove remove:
                    all.Add(tree => tree.Without(path, remove.Recurse, contextId));
                    break;
            }
        }
        return Commit(contextId, AgbVersionOrigin.Files, tree => all.Aggregate(tree, (t, change) => change(t)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(
        ContextId contextId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        FindContext(contextId);
        await Task.Yield();
        foreach (var tree in Enumerable.Reverse(_trees.GetValueOrDefault(contextId, [])).Where(t => t.Version.Version > 0))
        {
            yield return tree.Version;
        }
    }

    /// <inheritdoc/>
    public Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"RestoreContext {contextId} {version}");
        var old = Tree(contextId, version);
        return Task.FromResult(Commit(contextId, AgbVersionOrigin.Restore, tree => tree with { Entries = old.Entries })!);
    }

    private AgbContext FindContext(ContextId contextId) =>
        _contexts.TryGetValue(contextId, out var context) ? context : throw AgbErrors.ContextNotFound(contextId);

    private MemoryTree Tree(ContextId contextId, long? version)
    {
        FindContext(contextId);
        var trees = _trees.GetValueOrDefault(contextId, []);
        return version is null ? trees.LastOrDefault() ?? MemoryTree.Empty(contextId)
            : trees.FirstOrDefault(t => t.Version.Version == version && version > 0) ?? throw AgbErrors.VersionNotFound(contextId, version.Value);
    }

    private static MemoryTree.Entry File(byte[] content, int? mode, DateTimeOffset? time) =>
        new(AgbFileType.File, content, mode ?? 0x1A4, time ?? TimeProvider.System.GetUtcNow(), null);

    private AgbContextVersion? Commit(ContextId contextId, AgbVersionOrigin origin, Func<MemoryTree, MemoryTree> change)
    {
        lock (_trees)
        {
            var old = Tree(contextId, null);
            var tree = change(old);
            if (ReferenceEquals(old.Entries, tree.Entries) && origin == AgbVersionOrigin.Files)
            {
                return null;
            }
            var files = tree.Entries.Where(e => e.Value.Type != AgbFileType.Directory).ToDictionary();
            var before = old.Entries.Where(e => e.Value.Type != AgbFileType.Directory).ToDictionary();
            var changed = files.Where(f => before.TryGetValue(f.Key, out var b) && !ReferenceEquals(b, f.Value)).ToArray();
            var added = files.Where(f => !before.ContainsKey(f.Key)).ToArray();
            var version = new AgbContextVersion
            {
                ContextId = contextId,
                Version = old.Version.Version + 1,
                CreatedAt = TimeProvider.System.GetUtcNow(),
                Origin = origin,
                FilesAdded = added.Length,
                FilesChanged = changed.Length,
                FilesDeleted = before.Keys.Count(k => !files.ContainsKey(k)),
                Bytes = added.Concat(changed).Sum(f => (long)f.Value.Content.Length),
                BytesRemoved = before.Where(b => !files.TryGetValue(b.Key, out var f) || !ReferenceEquals(f, b.Value)).Sum(b => (long)b.Value.Content.Length),
                Service = this,
            };
            _trees.GetOrAdd(contextId, _ => []).Add(tree with { Version = version });
            return version;
        }
    }

    private sealed class BreakingStream(byte[] content, MemoryService owner) : MemoryStream(content, writable: false)
    {
        private int _given;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (owner.ReadGate is { } gate)
            {
                await gate.WaitAsync(cancellationToken);
                buffer = buffer[..Math.Min(buffer.Length, 1)];
            }
            if (owner.BreakReadAfter is { } limit)
            {
                if (_given >= limit)
                {
                    throw new IOException("The connection broke.");
                }
                buffer = buffer[..Math.Min(buffer.Length, limit - _given)];
            }
            var read = await base.ReadAsync(buffer, cancellationToken);
            _given += read;
            Interlocked.Add(ref owner._bytesRead, read);
            return read;
        }
    }
}
