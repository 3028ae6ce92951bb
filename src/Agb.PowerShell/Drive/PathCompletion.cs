using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Completes paths of the drive for PowerShell's own cmdlets. PowerShell's default would create an object for each item
/// in the directory, and would throw for a name with a bracket, which it takes for a pattern.</summary>
public static class PathCompletion
{
    private static readonly string[] s_commands =
    [
        "Get-Item", "Get-ChildItem", "Get-Content", "Set-Content", "Add-Content", "New-Item", "Set-Item", "Remove-Item", "Copy-Item", "Move-Item",
        "Rename-Item", "Test-Path", "Resolve-Path", "Convert-Path", "Split-Path", "Join-Path", "Set-Location", "Push-Location",
    ];

    private static readonly string[] s_targets = ["Copy-Item", "Move-Item"];

    /// <summary>Registers the completion of drive paths for PowerShell's cmdlets in the runspace of this thread.</summary>
    internal static void Register()
    {
        var completer = ScriptBlock.Create(
            "param($command, $parameter, $word) [Agb.PowerShell.PathCompletion]::Complete($ExecutionContext.SessionState, $parameter, $word, $command -like '*-Location')");
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        foreach (var (commands, parameter) in new[] { (s_commands, "Path"), (s_commands, "LiteralPath"), (s_targets, "Destination") })
        {
            shell.AddStatement().AddCommand("Microsoft.PowerShell.Core\\Register-ArgumentCompleter")
                .AddParameter("CommandName", commands).AddParameter("ParameterName", parameter).AddParameter("ScriptBlock", completer);
        }
        shell.Invoke();
    }

    /// <summary>The items with paths that begin with a word; empty if the word is no path of the drive. Never throws.</summary>
    /// <param name="session">The session of the prompt.</param>
    /// <param name="parameter">The parameter: LiteralPath takes names as they are.</param>
    /// <param name="word">The word as typed, perhaps with an open quote.</param>
    /// <param name="containers">Contexts and directories alone.</param>
    public static IReadOnlyList<CompletionResult> Complete(SessionState session, string parameter, string word, bool containers)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (text, quote) = Typed(word ?? "");
        if (text is null)
        {
            return [];
        }
        var isLiteral = string.Equals(parameter, "LiteralPath", StringComparison.OrdinalIgnoreCase);
        var end = text.LastIndexOf('/') is var slash && slash >= 0 ? slash : text.LastIndexOfAny(['\\', ':']);
        var (folder, name) = (text[..(end + 1)], text[(end + 1)..]);
        if (!isLiteral && WildcardPattern.ContainsWildcardCharacters(folder))
        {
            return [];
        }
        try
        {
            var items = Children(session, isLiteral ? folder : WildcardPattern.Unescape(folder));
            if (items is null)
            {
                return [];
            }
            var start = isLiteral ? name : WildcardPattern.Unescape(name);
            var pattern = !isLiteral && Completion.IsPattern(name + "*", out var valid) ? valid : null;
            var found = items
                .Where(i => (!containers || i.IsContainer)
                    && (i.Path.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase) || pattern?.IsMatch(i.Path.Name) == true))
                .Select(i => Result(folder.Length == 0 ? "./" : folder, i, isLiteral, quote))
                .ToList();
            // With an empty result PowerShell would go on, and throw for an invalid pattern: return the word unchanged.
            return found.Count > 0 || isLiteral || pattern is not null ? found : [new CompletionResult(word!)];
        }
        catch (Exception)
        {
            // No place to report to while the user types; the command itself will report the fault.
            return [];
        }
    }

    /// <summary>The items in a directory; null if it is not on a drive of contexts.</summary>
    private static List<DriveItem>? Children(SessionState session, string folder)
    {
        var path = session.Path.GetUnresolvedProviderPathFromPSPath(folder.Length == 0 ? "." : folder, out var provider, out var drive);
        if (provider.ImplementingType != typeof(ContextDriveProvider))
        {
            return null;
        }
        ServiceResolver.Directory = session.Path.CurrentFileSystemLocation.ProviderPath;
        var place = DrivePath.Parse(path);
        var service = DriveServices.Of(place, provider, drive);
        return Task.Run(async () =>
        {
            var items = await DriveListing.ChildrenAsync(service, place, CancellationToken.None).ToListAsync().ConfigureAwait(false);
            return items.Count == 0 && place.Path.Contains('\\', StringComparison.Ordinal)
                ? await DriveListing.ChildrenAsync(service, place.Slashed, CancellationToken.None).ToListAsync().ConfigureAwait(false)
                : items;
        }).GetAwaiter().GetResult();
    }

    private static CompletionResult Result(string folder, DriveItem item, bool isLiteral, char quote)
    {
        var name = item.Path.Name;
        var text = folder + (isLiteral ? name : WildcardPattern.Escape(name));
        var isBare = quote == default && text.All(c => char.IsLetterOrDigit(c) || "-_./:~+".Contains(c, StringComparison.Ordinal));
        return new CompletionResult(
            isBare ? text
                : quote == '"' ? $"\"{text.Replace("`", "``").Replace("$", "`$").Replace("\"", "`\"")}\""
                : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'",
            name, item.IsContainer ? CompletionResultType.ProviderContainer : CompletionResultType.ProviderItem, item.Path.ToString());
    }

    /// <summary>The text of a word, and its quote. Null if it contains a variable.</summary>
    private static (string? Text, char Quote) Typed(string word)
    {
        switch (word)
        {
            case ['\'', .. var quoted]:
                return (quoted.TrimEnd('\'').Replace("''", "'"), '\'');
            case ['"', .. var quoted]:
                return (Unescaped(quoted.TrimEnd('"')), '"');
            default:
                return (Unescaped(word), default);
        }
    }

    private static string? Unescaped(string word)
    {
        var text = new System.Text.StringBuilder(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] is '$' or '(')
            {
                return null;
            }
            text.Append(word[i] == '`' && i + 1 < word.Length ? word[++i] : word[i]);
        }
        return text.ToString();
    }
}
