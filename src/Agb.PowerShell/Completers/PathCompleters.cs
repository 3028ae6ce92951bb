using System.Collections;

namespace Agb.PowerShell.Completers;

/// <summary>Completes paths under which the context of the command line has data; of all contexts when it names none.</summary>
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
            var paths = await service.GetContextPathsAsync(context.Id, cancellationToken).ConfigureAwait(false);
            candidates.AddRange(paths.Select(path => new Candidate(path, $"where '{context.Name}' has data")));
        }
        return [.. candidates.DistinctBy(c => c.Text).OrderBy(c => c.Text, StringComparer.Ordinal)];
    }
}

/// <summary>Completes paths at which the sessions of the command line mount contexts; of all sessions when it names none.</summary>
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
