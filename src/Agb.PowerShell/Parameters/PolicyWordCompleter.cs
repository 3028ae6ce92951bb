using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes the values of a sync policy field. The parameters take text, so that a wrong word gets our error with its
/// stable id and not the parameter binder's error.</summary>
/// <typeparam name="T">The field's type.</typeparam>
public sealed class PolicyWordCompleter<T> : IArgumentCompleter
    where T : struct, Enum
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Matching(wordToComplete, Enum.GetNames<T>().Select(name => new Candidate(name, $"{parameterName} {name}")));
}
