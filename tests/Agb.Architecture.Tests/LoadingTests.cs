using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>Assemblies that the module keeps apart from those of other modules.</summary>
public sealed class LoadingTests(Sources sources)
{
    /// <summary>PowerShell itself and Core stay where users name their types.</summary>
    [Fact]
    public void All_projects_below_the_module_are_loaded_apart()
    {
        var file = sources.Files.Single(f => Path.GetFileName(f.FilePath) == "DependencyLoadContext.cs");
        var names = Sources.NodesOf(file).DescendantNodes().OfType<LiteralExpressionSyntax>().Select(l => l.Token.ValueText).ToHashSet();
        var references = Sources.ProjectReferences();
        var below = new SortedSet<string>();
        for (var open = new Stack<string>(["Agb.PowerShell"]); open.TryPop(out var project);)
        {
            foreach (var reference in references[project].Where(below.Add))
            {
                open.Push(reference);
            }
        }

        below.Remove("Agb.Core").ShouldBeTrue();
        below.Except(names).ShouldBeEmpty();
    }
}
