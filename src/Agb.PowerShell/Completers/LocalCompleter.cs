using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Completers;

/// <summary>Completes from what is on this machine: it asks no network, never prompts, gives up after a moment and never
/// throws, because a completer that does any of these makes the prompt unusable. What takes longer goes on, for the next Tab.</summary>
public abstract class LocalCompleter : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    // A search that nobody waits for any more; and how long its answer is news.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, Search> s_searches = new(StringComparer.Ordinal);

    /// <summary>The word that is completed, as it was typed.</summary>
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
            // There is no place to report to while the user types; the command itself will tell what is wrong.
            return [];
        }
    }

    /// <summary>Where it is searched, for searches that do not look for all.</summary>
    private protected virtual string Place => "";

    private async Task<IReadOnlyList<Candidate>> SearchAsync(IDictionary bound)
    {
        using var limit = new CancellationTokenSource(s_longest);
        return Service(bound) is { } service ? await CandidatesAsync(service, bound, limit.Token).ConfigureAwait(false) : [];
    }

    private static string Text(object? value) =>
        value is not string && LanguagePrimitives.GetEnumerable(value) is { } many ? string.Join(',', many.Cast<object>()) : $"{value}";

    /// <summary>A search that is under way or has ended. Opening a store may wait for a lock or a slow disk, so that too is done
    /// apart.</summary>
    private sealed class Search(Func<Task<IReadOnlyList<Candidate>>> search)
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        internal Task<IReadOnlyList<Candidate>> Candidates { get; } = Task.Run(search);

        internal bool IsOld => Candidates.IsFaulted || Stopwatch.GetElapsedTime(_started) > s_longest;
    }

    /// <summary>What can be completed to.</summary>
    /// <param name="service">The service to ask.</param>
    /// <param name="bound">What the command line has for other parameters, as far as it can be known before it runs.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    private protected abstract Task<IReadOnlyList<Candidate>> CandidatesAsync(
        IAgbService service, IDictionary bound, CancellationToken cancellationToken);

    /// <summary>What the command line has for a parameter, in the parameter's own type; nothing when that can't be known.</summary>
    private protected static T[] Bound<T>(IDictionary bound, string parameter) =>
        LanguagePrimitives.TryConvertTo<T[]>(bound[parameter], out var values) && values is not null ? values : [];

    /// <summary>Collects what a service lists.</summary>
    private protected static Task<IReadOnlyList<Candidate>> CollectAsync<T>(
        IAsyncEnumerable<T> items, Func<T, Candidate> candidate, CancellationToken cancellationToken) =>
        CollectManyAsync(items, item => [candidate(item)], cancellationToken);

    /// <summary>Collects what belongs to each of what a service lists.</summary>
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

    /// <summary>The service of -Connection when it is on the command line, else the environment's if it was used before:
    /// completion makes no directories and no files, and calls nobody whom no command has called.</summary>
    private static IAgbService? Service(IDictionary bound)
    {
        var given = bound[nameof(AgbServiceCmdlet.Connection)];
        if ((given is PSObject wrapped ? wrapped.BaseObject : given) is AgbConnection connection)
        {
            return connection.Service;
        }
        return ServiceResolver.WantsRemote ? ServiceResolver.OpenedRemote()
            : EmbeddedEngine.HasStore(EmbeddedEngine.ResolveHome(null)) ? ServiceResolver.Embedded(null)
            : null;
    }
}
