using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>The files of one version of a context, found by path or pattern.</summary>
/// <param name="Service">The context's service.</param>
/// <param name="Context">The context.</param>
/// <param name="Version">The version; null for the newest.</param>
internal sealed record ContextView(IAgbService Service, AgbContext Context, long? Version)
{
    /// <summary>The entry at a path, or null. The root always exists.</summary>
    internal async Task<AgbContextFile?> FindAsync(string path, CancellationToken cancellationToken)
    {
        if (path == "/")
        {
            return Directory(path);
        }
        try
        {
            return await Service.GetContextFileAsync(Context, path, Version, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.FileNotFound)
        {
            return await FindDirectoryAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The entry at an exact path.</summary>
    /// <exception cref="AgbException">FileNotFound.</exception>
    internal async IAsyncEnumerable<AgbContextFile> FindLiteralAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await FindAsync(path, cancellationToken).ConfigureAwait(false) ?? throw AgbErrors.FileNotFound(Context.Name, path);
    }

    /// <summary>Whether an entry exists at a path.</summary>
    internal async Task<bool> HasAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(path, cancellationToken).ConfigureAwait(false) is not null;
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.FileNotFound)
        {
            return false;
        }
    }

    /// <summary>A directory without an entry, or null. A service that stores only files has no entries for directories: files
    /// below one prove that it exists.</summary>
    internal async Task<AgbContextFile?> FindDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        await foreach (var _ in ListAsync(path, recurse: false, cancellationToken).ConfigureAwait(false))
        {
            return Directory(path);
        }
        return null;
    }

    /// <summary>The entries in a directory, or below it.</summary>
    internal IAsyncEnumerable<AgbContextFile> ListAsync(string path, bool recurse, CancellationToken cancellationToken) =>
        Service.ListContextFilesAsync(
            Context, new AgbContextFileQuery { Path = path, Recurse = recurse, Version = Version }, cancellationToken);

    /// <summary>The entries that match a pattern: wildcards in any part of the path, none of which matches a slash.</summary>
    /// <exception cref="AgbException">FileNotFound: the path has no wildcards and no entry; InvalidPath.</exception>
    internal async IAsyncEnumerable<AgbContextFile> MatchAsync(
        string pattern, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(pattern))
        {
            var path = LinuxPath.NormalizeFile(WildcardPattern.Unescape(pattern));
            yield return await FindAsync(path, cancellationToken).ConfigureAwait(false) ?? throw AgbErrors.FileNotFound(Context.Name, path);
            yield break;
        }
        // An exact name goes before its meaning as a pattern.
        if (await FindAsync(LinuxPath.NormalizeFile(pattern), cancellationToken).ConfigureAwait(false) is { } exact)
        {
            yield return exact;
            yield break;
        }
        var parts = LinuxPath.NormalizeFile(pattern)[1..].Split('/');
        await foreach (var file in WalkAsync("/", parts, 0, cancellationToken).ConfigureAwait(false))
        {
            yield return file;
        }
    }

    private async IAsyncEnumerable<AgbContextFile> WalkAsync(
        string directory, string[] parts, int index, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isLast = index == parts.Length - 1;
        if (!WildcardPattern.ContainsWildcardCharacters(parts[index]))
        {
            var path = ContextPath.Join(directory, WildcardPattern.Unescape(parts[index]));
            if (!isLast)
            {
                await foreach (var below in WalkAsync(path, parts, index + 1, cancellationToken).ConfigureAwait(false))
                {
                    yield return below;
                }
            }
            else if (await FindAsync(path, cancellationToken).ConfigureAwait(false) is { } found)
            {
                yield return found;
            }
            yield break;
        }
        var wildcard = ContextPath.Pattern(parts[index]);
        await foreach (var file in ListAsync(directory, recurse: false, cancellationToken).ConfigureAwait(false))
        {
            if (!wildcard.IsMatch(file.Name))
            {
                continue;
            }
            if (isLast)
            {
                yield return file;
            }
            else if (file.Type == AgbFileType.Directory)
            {
                await foreach (var below in WalkAsync(file.Path, parts, index + 1, cancellationToken).ConfigureAwait(false))
                {
                    yield return below;
                }
            }
        }
    }

    private AgbContextFile Directory(string path) => new()
    {
        ContextId = Context.Id,
        Path = path,
        Type = AgbFileType.Directory,
        Service = CallTrace.Inner(Service),
    };
}
