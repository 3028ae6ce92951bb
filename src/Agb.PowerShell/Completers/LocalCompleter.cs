using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Completers;

/// <summary>Completes from what is on this machine: it asks no network, never prompts, gives up after a moment and never
/// throws, because a completer that does any of these makes the prompt unusable.</summary>
public abstract class LocalCompleter : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var service = Service(fakeBoundParameters);
            if (service is null)
            {
                return [];
            }
            using var limit = new CancellationTokenSource(s_patience);
            var candidates = Task.Run(() => CandidatesAsync(service, limit.Token), limit.Token);
            return candidates.Wait(s_patience) ? [.. Completion.Matching(wordToComplete, candidates.Result)] : [];
        }
        catch (Exception)
        {
            // There is no place to report to while the user types; the command itself will tell what is wrong.
            return [];
        }
    }

    /// <summary>What can be completed to.</summary>
    private protected abstract Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, CancellationToken cancellationToken);

    /// <summary>Collects what a service lists.</summary>
    private protected static async Task<IReadOnlyList<Candidate>> CollectAsync<T>(
        IAsyncEnumerable<T> items, Func<T, Candidate> candidate, CancellationToken cancellationToken)
    {
        var list = new List<Candidate>();
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            list.Add(candidate(item));
        }
        return list;
    }

    /// <summary>The service of -Connection when it is on the command line, else the embedded one if it was used before:
    /// completion makes no directories.</summary>
    private static IAgbService? Service(IDictionary bound)
    {
        var given = bound[nameof(AgbServiceCmdlet.Connection)];
        if ((given is PSObject wrapped ? wrapped.BaseObject : given) is AgbConnection connection)
        {
            return connection.Service;
        }
        return !ServiceResolver.WantsCloud && Directory.Exists(EmbeddedEngine.ResolveHome(null)) ? ServiceResolver.Embedded(null) : null;
    }
}
