using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json;
using Agb.PowerShell.Hosting;
using Agb.PowerShell.Servers;

namespace Agb.PowerShell.Completers;

/// <summary>Completes from a server's key file. To ask the server's program would take a second.</summary>
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
            // There is no place to report to while the user types; the command itself will tell what is wrong.
            return [];
        }
    }

    /// <summary>What can be completed to.</summary>
    private protected abstract IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys);
}

/// <summary>Completes the names of a server's keys.</summary>
public sealed class ServerKeyCompleter : ServerKeyFileCompleter
{
    private protected override IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys) =>
        keys.Select(k => new Candidate(k.Name, $"of the owner {k.Owner}"));
}

/// <summary>Completes the owners of a server's keys.</summary>
public sealed class ServerOwnerCompleter : ServerKeyFileCompleter
{
    private protected override IEnumerable<Candidate> Candidates(IEnumerable<(string Name, string Owner)> keys) =>
        keys.GroupBy(k => k.Owner).Select(o => new Candidate(o.Key, "has " + string.Join(", ", o.Select(k => k.Name))));
}
