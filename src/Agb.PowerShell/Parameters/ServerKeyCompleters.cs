using System.Management.Automation.Language;
using System.Text.Json;

namespace Agb.PowerShell;

/// <summary>Completes from a server's key file. The server's program would need a second to answer.</summary>
public abstract class ServerKeyFileCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var data = fakeBoundParameters["DataDirectory"] is { } given
                ? Path.GetFullPath(given.ToString()!, ServiceResolver.Directory)
                : ServerLauncher.DefaultDataDirectory(EmbeddedEngine.ResolveHome(null));
            using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(data, "keys.json")));
            var keys = file.RootElement.GetProperty("keys").EnumerateArray()
                .Select(k => (k.GetProperty("name").GetString()!, k.GetProperty("ownerId").GetString()!)).ToArray();
            return [.. Completion.Matching(wordToComplete, Candidates(keys))];
        }
        catch (Exception)
        {
            // No place to report to while the user types; the command itself will report the fault.
            return [];
        }
    }

    /// <summary>The candidates.</summary>
    private protected abstract IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys);
}

/// <summary>Completes the names of a server's keys.</summary>
public sealed class ServerKeyCompleter : ServerKeyFileCompleter
{
    private protected override IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys) =>
        keys.Select(k => new Candidate(k.Name, $"owner {k.Owner}"));
}

/// <summary>Completes the owners of a server's keys.</summary>
public sealed class ServerOwnerCompleter : ServerKeyFileCompleter
{
    private protected override IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys) =>
        keys.GroupBy(k => k.Owner).Select(o => new Candidate(o.Key, "has " + string.Join(", ", o.Select(k => k.Name))));
}
