using System.Collections;
using System.Globalization;

namespace Agb.PowerShell;

/// <summary>Completes names of contexts.</summary>
public sealed class ContextCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken) =>
        CollectAsync(service.ListContextsAsync(cancellationToken), c => new Candidate(c.Name, $"{c.Id}, {c.State}"), cancellationToken);
}

/// <summary>Completes ids of contexts.</summary>
public sealed class ContextIdCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken) =>
        CollectAsync(service.ListContextsAsync(cancellationToken), c => new Candidate(c.Id, c.Name), cancellationToken);
}

/// <summary>Completes ids of sessions.</summary>
public sealed class SessionCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken) =>
        CollectAsync(
            service.ListSessionsAsync(null, cancellationToken),
            s => new Candidate(s.SessionId, string.Join(", ", [$"{s.ImageId}, {s.Status}", .. s.Labels.Select(l => $"{l.Key}={l.Value}")])),
            cancellationToken);
}

/// <summary>Completes ids of images.</summary>
public sealed class ImageCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var images = await service.ListImagesAsync(cancellationToken).ConfigureAwait(false);
        return [.. images.Select(i => new Candidate(i.ImageId, i.Description ?? i.ImageId))];
    }
}

/// <summary>Completes versions of the context of the command line.</summary>
public sealed class VersionCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        foreach (var reference in Bound<AgbContextReference>(bound, "Context").Take(1))
        {
            var context = await reference.ResolveAsync(service, cancellationToken).ConfigureAwait(false);
            candidates.AddRange(await CollectAsync(
                service.ListContextVersionsAsync(context, cancellationToken),
                v => new Candidate(
                    v.Version.ToString(CultureInfo.InvariantCulture),
                    $"{v.Origin}, {Units.Ago(v.CreatedAt)}: {v.FilesAdded} added, {v.FilesChanged} changed, {v.FilesDeleted} deleted",
                    IsCode: true),
                cancellationToken).ConfigureAwait(false));
        }
        return candidates;
    }
}
