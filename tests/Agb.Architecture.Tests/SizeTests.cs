using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>Sizes that a reader takes in at once.</summary>
public sealed class SizeTests(Sources sources)
{
    private const int MostLinesOfFile = 400;
    private const int MostLinesOfMethod = 60;
    private const int MostParameters = 6;

    [Fact]
    public void No_file_is_long() =>
        sources.Files.Where(f => Sources.LinesOf(f).Count() > MostLinesOfFile + 1).Select(f => f.FilePath).ShouldBeEmpty();

    [Fact]
    public void No_method_is_long() =>
        Nodes<SyntaxNode>()
            .Where(n => n is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
            .Where(n => n.GetLocation().GetLineSpan().Span is var span && span.End.Line - span.Start.Line >= MostLinesOfMethod)
            .Select(Place)
            .ShouldBeEmpty();

    /// <summary>Methods that a source generator fills are left out: system calls, and log messages with their values.</summary>
    [Fact]
    public void No_method_has_many_parameters() =>
        Nodes<ParameterListSyntax>()
            .Where(p => p.Parameters.Count > MostParameters)
            .Where(p => p.Parent is not MethodDeclarationSyntax { Body: null, ExpressionBody: null })
            .Select(Place)
            .ShouldBeEmpty();

    private IEnumerable<T> Nodes<T>()
        where T : SyntaxNode => sources.Files.SelectMany(f => Sources.NodesOf(f).DescendantNodes().OfType<T>());

    private static string Place(SyntaxNode node) =>
        $"{node.SyntaxTree.FilePath}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1} {node.Parent?.Kind()}";
}
