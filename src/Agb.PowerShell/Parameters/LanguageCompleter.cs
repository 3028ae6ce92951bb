using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes languages of code, by full and short names.</summary>
public sealed class LanguageCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Matching(wordToComplete, CodeLanguage.Names.Select(n => new Candidate(n.Key, n.Value.ToString())));
}
