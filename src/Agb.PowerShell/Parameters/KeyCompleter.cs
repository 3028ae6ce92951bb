using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes names of keys with a name longer than their letter.</summary>
public sealed class KeyCompleter : IArgumentCompleter
{
    private static readonly string[] s_names =
    [
        "Ctrl", "Shift", "Alt", "Win", "Enter", "Escape", "Tab", "space", "BackSpace", "Delete", "Insert", "Home", "End",
        "PageUp", "PageDown", "Left", "Right", "Up", "Down", .. Enumerable.Range(1, 12).Select(n => "F" + n.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Matching(wordToComplete, s_names.Select(n => new Candidate(n, n)));
}
