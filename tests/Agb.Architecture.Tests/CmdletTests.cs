using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>One cmdlet a file, named after it.</summary>
public sealed class CmdletTests(Sources sources)
{
    [Fact]
    public void A_cmdlet_has_a_file_with_its_name()
    {
        var cmdlets =
            (from file in sources.Files
             from type in Sources.NodesOf(file).DescendantNodes().OfType<ClassDeclarationSyntax>()
             from attribute in type.AttributeLists.SelectMany(l => l.Attributes)
             where attribute.Name.ToString() == "Cmdlet"
             let words = attribute.ArgumentList!.Arguments
             select (File: Path.GetFileNameWithoutExtension(file.FilePath), Cmdlet: words[0].ToString().Split('.')[^1] + words[1].ToString().Trim('"'))).ToArray();

        cmdlets.Length.ShouldBeGreaterThan(30);
        cmdlets.Where(c => c.File != c.Cmdlet).ShouldBeEmpty();
        cmdlets.Select(c => c.File).ShouldBeUnique();
    }
}
