using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agb.Architecture.Tests;

/// <summary>Prose that names things: comments, texts of errors and of help, pages.</summary>
public sealed class ProseTests(Sources sources)
{
    private const double MostFree = 1.0;
    private const double MostInAll = 12.0;

    // Shorter strings are names and keys.
    private const int LeastLength = 25;

    [Fact]
    public void Comments_of_each_project_begin_with_nouns()
    {
        foreach (var project in sources.Files.GroupBy(f => Sources.FolderOf(f).Split(Path.DirectorySeparatorChar)[0]))
        {
            var prose = new Prose();
            foreach (var file in project)
            {
                foreach (var trivia in Sources.NodesOf(file).DescendantTrivia().Where(t => t.ToString().StartsWith('/')))
                {
                    prose.Add(trivia.ToString(), file.FilePath);
                }
            }
            Check(prose, project.Key);
        }
    }

    [Fact]
    public void Texts_for_users_begin_with_nouns()
    {
        var prose = new Prose();
        foreach (var file in sources.Files)
        {
            foreach (var text in Sources.NodesOf(file).DescendantNodes().Where(n => n is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax).Select(n => n.ToString()))
            {
                if (text.Length > LeastLength && text.Contains(' ') && !text.Contains("\"\"\""))
                {
                    prose.Add(text, file.FilePath);
                }
            }
        }
        prose.Words.ShouldBeGreaterThan(5000);
        Check(prose, "texts for users");
    }

    [Theory]
    [InlineData("docs/en-US", 10_000)]
    [InlineData("docs", 10_000)]
    public void Pages_begin_with_nouns(string folder, int leastWords)
    {
        var prose = new Prose();
        foreach (var page in Directory.EnumerateFiles(Path.Combine(Sources.Root, "..", folder), "*.md"))
        {
            prose.AddPage(page);
        }
        prose.Words.ShouldBeGreaterThan(leastWords);
        Check(prose, folder);
    }

    [Fact]
    public void The_readme_begins_with_nouns()
    {
        var prose = new Prose();
        prose.AddPage(Path.Combine(Sources.Root, "../README.md"));
        Check(prose, "README.md");
    }

    [Theory]
    [InlineData("What nobody needs is removed.", 2, 0)]
    [InlineData("Unused layers are removed.", 0, 0)]
    [InlineData("A layer that was condemned, which others read.", 0, 2)]
    public void Clauses_are_counted(string text, int free, int relative)
    {
        var prose = new Prose();
        prose.Add(text, "");

        Math.Round(prose.Free * prose.Words / 1000).ShouldBe(free);
        Math.Round((prose.All - prose.Free) * prose.Words / 1000).ShouldBe(relative);
    }

    private static void Check(Prose prose, string what)
    {
        prose.Free.ShouldBeLessThanOrEqualTo(MostFree, $"{what}\n{prose.Worst}");
        prose.All.ShouldBeLessThanOrEqualTo(MostInAll, what);
    }
}
