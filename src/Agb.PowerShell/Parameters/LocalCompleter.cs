using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes from data of this machine. It asks no network, never prompts, gives up after 300 ms and never throws,
/// because each of these makes the prompt unusable. A longer search goes on in the background, for the next Tab.</summary>
public abstract class LocalCompleter : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    // The limit of an abandoned search, and the lifetime of its answer.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, Search> s_searches = new(StringComparer.Ordinal);

    /// <summary>The word to complete, as typed.</summary>
    private protected string Word { get; private set; } = "";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            Word = wordToComplete ?? "";
            var key = $"{GetType().FullName}|{Place}|{string.Join('|', fakeBoundParameters.Cast<DictionaryEntry>().Select(b => $"{b.Key}={Text(b.Value)}").Order(StringComparer.Ordinal))}";
            if (s_searches.TryGetValue(key, out var earlier) && earlier.IsOld)
            {
                s_searches.TryRemove(key, out _);
            }
            var search = s_searches.GetOrAdd(key, _ => new Search(() => SearchAsync(fakeBoundParameters)));
            if (!search.Candidates.Wait(s_patience))
            {
                return [];
            }
            s_searches.TryRemove(key, out _);
            return [.. Completion.Matching(wordToComplete, search.Candidates.Result)];
        }
        catch (Exception)
        {
            // No place to report to while the user types; the command itself will report the fault.
            return [];
        }
    }

    /// <summary>The searched directory, for completers with a limited search.</summary>
    private protected virtual string Place => "";

    private async Task<IReadOnlyList<Candidate>> SearchAsync(IDictionary bound)
    {
        using var limit = new CancellationTokenSource(s_longest);
        return Service(bound) is { } service ? await CandidatesAsync(service, bound, limit.Token).ConfigureAwait(false) : [];
    }

    private static string Text(object? value) =>
        value is not string && LanguagePrimitives.GetEnumerable(value) is { } many ? string.Join(',', many.Cast<object>()) : $"{value}";

    /// <summary>A search in progress or at its end. Opening a store may wait for a lock or a slow disk, so it runs in the
    /// background too.</summary>
    private sealed class Search(Func<Task<IReadOnlyList<Candidate>>> search)
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        internal Task<IReadOnlyList<Candidate>> Candidates { get; } = Task.Run(search);

        internal bool IsOld => Candidates.IsFaulted || Stopwatch.GetElapsedTime(_started) > s_longest;
    }

    /// <summary>The candidates.</summary>
    /// <param name="service">The service to ask.</param>
    /// <param name="bound">Values of other parameters on the command line, as far as they are known before it runs.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    private protected abstract Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken);

    /// <summary>The value of a parameter on the command line, in the parameter's own type; empty when it is not known.</summary>
    private protected static T[] Bound<T>(IDictionary bound, string parameter) =>
        LanguagePrimitives.TryConvertTo<T[]>(bound[parameter], out var values) && values is not null ? values : [];

    /// <summary>Collects one candidate for each item of a list.</summary>
    private protected static Task<IReadOnlyList<Candidate>> CollectAsync<T>(
        IAsyncEnumerable<T> items, Func<T, Candidate> candidate, CancellationToken cancellationToken) =>
        CollectManyAsync(items, item => [candidate(item)], cancellationToken);

    /// <summary>Collects the candidates for each item of a list.</summary>
    private protected static async Task<IReadOnlyList<Candidate>> CollectManyAsync<T>(
        IAsyncEnumerable<T> items, Func<T, IEnumerable<Candidate>> candidates, CancellationToken cancellationToken)
    {
        var list = new List<Candidate>();
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            list.AddRange(candidates(item));
        }
        return list;
    }

    /// <summary>The service of -Connection on the command line, else the environment's service if it was used before. Completion
    /// makes no directories and no files, and makes no first call to a service.</summary>
    private static IAgbService? Service(IDictionary bound)
    {
        if (Arguments.Plain(bound["Connection"]) is AgbConnection connection)
        {
            return connection.Service;
        }
        return ServiceResolver.WantsRemote ? ServiceResolver.OpenedRemote()
            : EmbeddedEngine.HasStore(EmbeddedEngine.ResolveHome(null)) ? ServiceResolver.Embedded(null)
            : null;
    }
}
