using System.Collections;

namespace Agb.PowerShell.Completers;

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
