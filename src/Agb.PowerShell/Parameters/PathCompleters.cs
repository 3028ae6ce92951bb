using System.Collections;
using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>Completes paths with data in the context of the command line; in all contexts when it names none.</summary>
public sealed class ContextPathCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var contexts = new List<AgbContext>();
        foreach (var reference in Bound<AgbContextReference>(bound, "Context"))
        {
            contexts.Add(await reference.ResolveAsync(service, cancellationToken).ConfigureAwait(false));
        }
        if (contexts.Count == 0)
        {
            await foreach (var context in service.ListContextsAsync(cancellationToken).ConfigureAwait(false))
            {
                contexts.Add(context);
            }
        }
        var candidates = new List<Candidate>();
        foreach (var context in contexts)
        {
            var paths = await service.GetContextPathsAsync(context, cancellationToken).ConfigureAwait(false);
            candidates.AddRange(paths.Select(path => new Candidate(path, $"a path with data in '{context.Name}'")));
        }
        return [.. candidates.DistinctBy(c => c.Text).OrderBy(c => c.Text, StringComparer.Ordinal)];
    }
}

/// <summary>Completes mount paths of the sessions of the command line; of all sessions when it names none.</summary>
public sealed class MountPathCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var ids = Bound<AgbSessionReference>(bound, "Session").Select(s => s.SessionId).ToHashSet(StringComparer.Ordinal);
        var candidates = await CollectManyAsync(
            service.ListSessionsAsync(null, cancellationToken),
            session => ids.Count > 0 && !ids.Contains(session.SessionId)
                ? []
                : session.ContextSyncs.Select(mount => new Candidate(mount.Path, mount.ToString())),
            cancellationToken).ConfigureAwait(false);
        return [.. candidates.DistinctBy(c => c.Text).OrderBy(c => c.Text, StringComparer.Ordinal)];
    }
}

/// <summary>Completes paths of files and directories in the context of the command line, one directory at a time.</summary>
public sealed class ContextFileCompleter : LocalCompleter
{
    // A longer list is of no use to a person.
    private const int Most = 200;

    /// <inheritdoc/>
    private protected override string Place => Word;

    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        foreach (var reference in Bound<AgbContextReference>(bound, "Context").Take(1))
        {
            var context = await reference.ResolveAsync(service, cancellationToken).ConfigureAwait(false);
            var version = LanguagePrimitives.TryConvertTo<long>(bound["Version"], out var number) && number > 0 ? number : (long?)null;
            var word = Word.TrimStart('\'', '"');
            var directory = word.LastIndexOf('/') is var end && end > 0 ? LinuxPath.Normalize(word[..end]) : "/";
            var files = service.ListContextFilesAsync(
                context, new AgbContextFileQuery { Path = directory, Version = version }, cancellationToken);
            await foreach (var file in files.ConfigureAwait(false))
            {
                if (file.Path.StartsWith(word, StringComparison.Ordinal))
                {
                    candidates.Add(new Candidate(file.Path, file.Type == AgbFileType.File ? Units.Size(file.Size) : file.Type.ToString()));
                }
                if (candidates.Count == Most)
                {
                    break;
                }
            }
        }
        return candidates;
    }
}
