using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes labels of existing sessions, as a table.</summary>
public sealed class LabelCompleter : LocalCompleter
{
    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken)
    {
        var candidates = await CollectManyAsync(
            service.ListSessionsAsync(null, cancellationToken),
            session => session.Labels.Select(l => new Candidate(
                $"@{{ {Completion.Quoted(l.Key)} = '{CodeGeneration.EscapeSingleQuotedStringContent(l.Value)}' }}", $"{l.Key} = {l.Value}", IsCode: true)),
            cancellationToken).ConfigureAwait(false);
        return [.. candidates.DistinctBy(c => c.Text).OrderBy(c => c.Text, StringComparer.Ordinal)];
    }
}
