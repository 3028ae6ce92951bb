namespace Agb.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkOptions
{
    internal const string Usage =
        """
        Usage: Agb.Benchmarks [--only NAME]... [--quick] [--list] [--work DIRECTORY] [--output DIRECTORY] [--docs DIRECTORY]
          --only NAME         only the benchmark of that name, or all whose names contain it
          --quick             tiny sizes and few runs: shows that everything works, measures nothing
          --list              the names of the benchmarks
          --work DIRECTORY    where the files are, on a real disk (/var/tmp)
          --output DIRECTORY  where results.json, results.md and results.svg go (out/benchmarks)
          --docs DIRECTORY    rewrites the figures of performance.md there; rows that were not run keep theirs
        """;

    /// <summary>Parts of names; empty for all.</summary>
    internal IReadOnlyList<string> Only { get; init; } = [];

    internal bool Quick { get; init; }

    internal bool List { get; init; }

    /// <summary>Not /tmp, which may be memory: a flush to it would cost nothing.</summary>
    internal string WorkDirectory { get; init; } = "/var/tmp";

    internal string OutputDirectory { get; init; } = "out/benchmarks";

    internal string? DocsDirectory { get; init; }

    /// <summary>Reads arguments.</summary>
    /// <exception cref="ArgumentException">One is unknown, or has no value.</exception>
    internal static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            string Value(string name) =>
                ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"'{name}' needs a value.\n{Usage}");
            options = arguments[i] switch
            {
                "--quick" => options with { Quick = true },
                "--list" => options with { List = true },
                "--only" => options with { Only = [.. options.Only, Value("--only")] },
                "--work" => options with { WorkDirectory = Value("--work") },
                "--output" => options with { OutputDirectory = Value("--output") },
                "--docs" => options with { DocsDirectory = Value("--docs") },
                var other => throw new ArgumentException($"'{other}' is not an option.\n{Usage}"),
            };
        }
        return options.Quick && options.DocsDirectory is not null
            ? throw new ArgumentException("--quick measures nothing, so its figures do not go into the docs.")
            : options;
    }
}
