using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>The contract says how each call can fail, and takes no id as a bare text.</summary>
public sealed class ContractTests(Sources sources)
{
    [Fact]
    public void Every_member_lists_its_errors()
    {
        var silent = Methods().Where(m => !m.GetLeadingTrivia().ToString().Contains("<exception cref=", StringComparison.Ordinal));

        silent.Select(m => m.Identifier.Text).ShouldBeEmpty();
        Methods().Count().ShouldBeGreaterThan(28);
    }

    [Fact]
    public void No_member_takes_an_id_as_text()
    {
        var texts = Methods().SelectMany(m => m.ParameterList.Parameters)
            .Where(p => p.Identifier.Text.EndsWith("Id", StringComparison.Ordinal) && p.Type!.ToString().StartsWith("string", StringComparison.Ordinal));

        texts.Select(p => p.ToString()).ShouldBeEmpty();
    }

    private IEnumerable<MethodDeclarationSyntax> Methods() =>
        from file in sources.Files
        where Sources.FolderOf(file) == Path.Combine("Agb.Core", "Contract")
        from type in Sources.NodesOf(file).DescendantNodes().OfType<InterfaceDeclarationSyntax>()
        where type.Identifier.Text.StartsWith("IAgb", StringComparison.Ordinal) && type.Identifier.Text is not "IAgbTerminal" || type.Identifier.Text.EndsWith("Service", StringComparison.Ordinal)
        from method in type.Members.OfType<MethodDeclarationSyntax>()
        select method;
}
