using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>A cmdlet or its parameter is named only in PowerShell; an advice has words in each front end.</summary>
public sealed partial class FrontEndWordsTests(Sources sources)
{
    [Fact]
    public void Only_the_module_names_cmdlets_and_their_parameters()
    {
        var named = TextsOf(f => !f.StartsWith("Agb.PowerShell", StringComparison.Ordinal)).Where(t => CmdletWord().IsMatch(t.Text)).ToArray();

        named.ShouldBeEmpty();
        TextsOf(f => f.StartsWith("Agb.PowerShell", StringComparison.Ordinal)).Count(t => CmdletWord().IsMatch(t.Text)).ShouldBeGreaterThan(20);
    }

    [Theory]
    [InlineData("Agb.Core", "AdviceWords.cs")]
    [InlineData("Agb.PowerShell", "CmdletAdvice.cs")]
    public void Every_advice_has_words(string project, string file)
    {
        var advices = Enum.GetNames<AgbAdvice>();
        var text = sources.Files.Single(f => Path.GetFileName(f.FilePath) == file && Sources.FolderOf(f).StartsWith(project, StringComparison.Ordinal)).ToString();

        advices.Where(a => !text.Contains($"AgbAdvice.{a} =>", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private IEnumerable<(string File, string Text)> TextsOf(Func<string, bool> isMeant) =>
        from file in sources.Files
        where isMeant(Sources.FolderOf(file))
        from node in Sources.NodesOf(file).DescendantNodes()
        where node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax && node.ToString().Contains('"')
        select (Path.GetFileName(file.FilePath), node.ToString());

    // A cmdlet's name, or a parameter such as -MemoryLimit after a space.
    [GeneratedRegex(@"\b[A-Z][a-z]+-Agb[A-Z]?|(?<=[\s(""])-[A-Z][a-z][A-Za-z]+\b")]
    private static partial Regex CmdletWord();
}
