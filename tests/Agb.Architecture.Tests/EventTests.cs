using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>Log messages and their event ids, against the table in docs/events.md.</summary>
public sealed class EventTests(Sources sources)
{
    private static readonly string s_page = Path.GetFullPath(Path.Combine(Sources.Root, "../docs/events.md"));

    // One class of messages a project, one thousand of ids a class.
    private static readonly Dictionary<string, int> s_thousands = new()
    {
        ["StoreLog.cs"] = 1,
        ["EngineLog.cs"] = 2,
        ["ServerLog.cs"] = 3,
    };

    [Fact]
    public void Each_event_id_is_unique() =>
        Events().GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    [Fact]
    public void An_event_id_is_in_the_range_of_its_project() =>
        Events().Where(e => s_thousands.GetValueOrDefault(Path.GetFileName(e.File), -1) != e.Id / 1000).Select(e => $"{e.File}: {e.Id}").ShouldBeEmpty();

    [Fact]
    public void The_table_has_each_event() =>
        File.ReadLines(s_page).Where(l => l.Length > 2 && char.IsAsciiDigit(l[2])).ShouldBe(
            Events().OrderBy(e => e.Id).Select(e => $"| {e.Id} | {e.Level} | {e.Text} |"));

    [Fact]
    public void Nothing_is_written_past_the_log() =>
        sources.Files
            .Where(f => Sources.NodesOf(f).DescendantNodes().OfType<MemberAccessExpressionSyntax>().Any(m => m.Expression is IdentifierNameSyntax { Identifier.Text: "Trace" }))
            .Select(f => f.FilePath).ShouldBeEmpty();

    private IEnumerable<(string File, int Id, string Level, string Text)> Events() =>
        from file in sources.Files
        from attribute in Sources.NodesOf(file).DescendantNodes().OfType<AttributeSyntax>()
        where attribute.Name.ToString() == "LoggerMessage"
        let values = attribute.ArgumentList!.Arguments.Select(a => a.Expression).ToArray()
        select (
            file.FilePath, int.Parse(values[0].ToString(), CultureInfo.InvariantCulture), ((MemberAccessExpressionSyntax)values[1]).Name.ToString(),
            ((LiteralExpressionSyntax)values[2]).Token.ValueText);
}
