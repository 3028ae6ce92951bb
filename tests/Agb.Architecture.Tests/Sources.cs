using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

[assembly: AssemblyFixture(typeof(Agb.Architecture.Tests.Sources))]

namespace Agb.Architecture.Tests;

/// <summary>A use of a type or member in one folder of <c>src</c> that another folder declares.</summary>
/// <param name="File">Using file, relative to <c>src</c>.</param>
/// <param name="Line">Line of the use, from 1.</param>
/// <param name="DeclaredIn">Declaring file, relative to <c>src</c>.</param>
/// <param name="Symbol">Used type or member.</param>
public sealed record FolderUse(string File, int Line, string DeclaredIn, string Symbol)
{
    /// <summary>Using folder.</summary>
    public string From => Path.GetDirectoryName(File)!;

    /// <summary>Declaring folder.</summary>
    public string To => Path.GetDirectoryName(DeclaredIn)!;
}

/// <summary>All C# sources below <c>src</c> as one compilation.</summary>
public sealed class Sources
{
    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private readonly CSharpCompilation _compilation;
    private readonly Lazy<IReadOnlyList<FolderUse>> _uses;

    /// <summary>Parses the sources of the repository that these tests belong to.</summary>
    public Sources()
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithPreprocessorSymbols("AGB_FAULTS", "DEBUG");
        _uses = new(() => [.. Files!.AsParallel().AsOrdered().SelectMany(UsesOf)]);
        Files = [.. Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !IsGenerated(f))
            .Order(StringComparer.Ordinal)
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), options, f))];
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !Path.GetFileName(p).StartsWith("Agb.", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p));
        _compilation = CSharpCompilation.Create(
            "Agb.All",
            [.. Files, CSharpSyntaxTree.ParseText(GlobalUsings + ProjectUsings(), options)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Directory <c>src</c> of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "../../src"));

    /// <summary>Syntax trees of all source files.</summary>
    public IReadOnlyList<SyntaxTree> Files { get; }

    /// <summary>Project references as the project files state them: name of the project to names of the referenced ones.</summary>
    public static SortedDictionary<string, string[]> ProjectReferences() => new(
        Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories).ToDictionary(
            f => Path.GetFileNameWithoutExtension(f)!,
            f => XDocument.Load(f).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!.Value.Replace('\\', '/')))
                .Order(StringComparer.Ordinal).ToArray()),
        StringComparer.Ordinal);

    /// <summary>Uses of a type or member that another folder declares. Documentation comments do not count, and no source
    /// generator runs.</summary>
    public IReadOnlyList<FolderUse> Uses => _uses.Value;

    /// <summary>The nodes of a file.</summary>
    public static SyntaxNode NodesOf(SyntaxTree file) => file.GetRoot();

    /// <summary>The lines of a file.</summary>
    public static IEnumerable<string> LinesOf(SyntaxTree file) => file.GetText().Lines.Select(l => l.ToString());

    /// <summary>The namespace of a file, or null without one.</summary>
    public static string? NamespaceOf(SyntaxTree file) =>
        file.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();

    /// <summary>The folder of a source file, relative to <c>src</c>.</summary>
    public static string FolderOf(SyntaxTree file) => Path.GetRelativePath(Root, Path.GetDirectoryName(file.FilePath)!);

    private static bool IsGenerated(string path) =>
        Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar) is var parts && (parts.Contains("obj") || parts.Contains("bin"));

    private List<FolderUse> UsesOf(SyntaxTree file)
    {
        var model = _compilation.GetSemanticModel(file);
        var from = FolderOf(file);
        var uses = new List<FolderUse>();
        foreach (var name in file.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            var declared = type?.OriginalDefinition.DeclaringSyntaxReferences.Select(r => r.SyntaxTree).ToArray() ?? [];
            if (declared.Length > 0 && !declared.Any(d => FolderOf(d) == from))
            {
                uses.Add(new FolderUse(
                    Path.GetRelativePath(Root, file.FilePath),
                    name.GetLocation().GetLineSpan().StartLinePosition.Line + 1,
                    Path.GetRelativePath(Root, declared[0].FilePath),
                    symbol!.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)));
            }
        }
        return uses;
    }

    // All projects are one compilation, so each sees the namespaces that the others use.
    private static string ProjectUsings() => string.Concat(
        Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .SelectMany(f => XDocument.Load(f).Descendants("Using").Select(u => (string)u.Attribute("Include")!))
            .Distinct().Order(StringComparer.Ordinal).Select(n => $"\nglobal using {n};"));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
